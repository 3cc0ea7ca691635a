# Queries complete an incremental index: while the server dies in the middle of it, with other sessions inserting, updating and
# vacuuming; and on a standby, which keeps what it learns for the session.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

seed();
my $primary = new_node('primary', init => { allows_streaming => 1 }, conf => "max_wal_size = 64MB\nmaskquery.learning = inline\n");
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

make_table($primary, rows => 600, index => 'WITH (build = incremental)');
my $query = "SELECT count(*) FROM t WHERE cp(m, '((9,9),(48,40))', 0.5, 1.0) > 700";
my $loads = "\\o /dev/null\n$query;\n\\o\nSELECT loaded FROM maskquery_last_query();\n";

# On a standby the second query of a session knows what the first one read; another session does not.
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
my ($first, $second) = split /\n/, $standby->safe_psql('postgres', $loads . $loads);
is($first, 600, 'a standby reads every pending mask');
cmp_ok($second, '<', 300, "and knows it afterwards: $second loaded");
is($standby->safe_psql('postgres', $loads), 600, 'another session of the standby has not learnt it');
is($standby->safe_psql('postgres', $query), $primary->safe_psql('postgres', "SET maskquery.enable_pruning = off; $query"),
	'the standby gives the primary\'s answer');
# Now the primary has built it.
$primary->safe_psql('postgres', $query);
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
is($standby->safe_psql('postgres', $loads), $second, 'what the primary learnt reaches the standby');
index_holds($standby, 'standby');
$standby->stop;

my $learn = "\\set k random(1, 3000)\n\\set t random(1, 1500)\n"
  . "SELECT count(*) FROM t WHERE id BETWEEN :k AND :k + 30 AND cp(m, box, 0.4, 1.0) > :t;";
my $insert = 'INSERT INTO t (box, m) SELECT random_box(64), random_mask(64) FROM generate_series(1, 3);';
my $change = "\\set k random(1, 3000)\nUPDATE t SET note = note + 1 WHERE id = :k;\nDELETE FROM t WHERE id = :k + 1;";

# By the queries themselves and, in the second half, by a worker.
foreach my $round (1 .. 4)
{
	$primary->append_conf('postgresql.conf', 'maskquery.learning = ' . ($round <= 2 ? 'inline' : 'background'));
	$primary->reload;
	$primary->safe_psql('postgres', 'REINDEX INDEX t_m');
	my $wanted = $primary->safe_psql('postgres', "SELECT pending - 100 FROM chi_index_info('t_m')");
	my $run = start_pgbench($primary, 4, 60, $learn, $learn, $insert, $change);
	$primary->safe_psql('postgres', 'VACUUM t') if $round == 2;
	$primary->poll_query_until('postgres', "SELECT pending < $wanted FROM chi_index_info('t_m')") or die 'nothing is learnt';
	usleep(rand(100_000));
	$primary->stop('immediate');
	$run->{handle}->finish;
	$primary->start;

	index_holds($primary, "round $round");
	agree($primary, "round $round");
	# Unwritten summaries are all that may be lost: queries go on learning.
	$primary->safe_psql('postgres', "$query; $query");
	ok($primary->poll_query_until('postgres', "SELECT count(*) = 0 FROM t, cp_bounds('t_m', t.ctid, 'full', 0, 1) WHERE lo IS NULL"),
		"round $round: the rest is learnt");
	index_holds($primary, "round $round, all learnt");
	agree($primary, "round $round, all learnt");
}
$primary->stop;
done_testing();
