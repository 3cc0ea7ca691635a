# The server dies while inserters seal what they have inserted, and while VACUUM seals, thins out and writes segments anew. After recovery
# the index agrees with its heap, and the next VACUUM finds what was left behind.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

seed();
my $node = new_node('segments', conf => "max_wal_size = 64MB\n");
make_table($node, rows => 600, side => 32, index => 'WITH (cell_width = 8, cell_height = 8)');

sub info
{
	my ($columns) = @_;
	return $node->safe_psql('postgres', "SELECT $columns FROM chi_index_info('t_m')");
}

# die_and_recover(HOW, HANDLE, ...): the end of all processes, then a start; the handles are of clients. An immediate stop ends each process
# wherever it is; after a kill -9 of the postmaster they go on until they notice.
sub die_and_recover
{
	my ($how, @clients) = @_;
	if ($how eq 'kill9') { $node->kill9; }
	else { $node->stop('immediate'); }
	$_->finish foreach @clients;
	my $tries = 0;
	until ($node->start(fail_ok => 1))
	{
		die 'does not start' if ++$tries > 100;
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}
	return;
}

# client(SQL): psql in the background.
sub client
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	return IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', $sql ], '<', \undef, '>', \$out, '2>', \$err);
}

my $fill = 'INSERT INTO t (box, m) SELECT random_box(32), random_mask(32) FROM generate_series(1, 3000)';
my $churn = q{DO $$
BEGIN
	FOR i IN 1 .. 200 LOOP
		INSERT INTO t (box, m) SELECT random_box(32), random_mask(32) FROM generate_series(1, 100);
		DELETE FROM t WHERE id % 5 <> i % 5 AND id < (SELECT max(id) - 200 FROM t);
		COMMIT;
	END LOOP;
END $$};

foreach my $round (1 .. 5)
{
	my @clients = $round % 2 ? (client($fill), client($fill)) : (client($churn));
	push @clients,
	  IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('postgres'), map { ('-c', 'VACUUM (INDEX_CLEANUP ON) t') } 1 .. 200 ],
		'<', \undef, '>', \my $out, '2>', \my $err)
	  if $round > 1;
	usleep(300_000 + rand(900_000));
	die_and_recover($round == 3 ? 'kill9' : 'immediate', @clients);

	note("round $round: " . info('built, segments, delta, dead'));
	index_holds($node, "round $round");
	agree($node, "round $round");
	$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
	is(info('dead'), 0, "round $round: vacuum has found what was left");
	index_holds($node, "round $round, vacuumed");
	$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 2 = 0');
}

# Nothing is lost for good: without rows all pages but those of the map are free.
$node->safe_psql('postgres', 'DELETE FROM t');
$node->safe_psql('postgres', 'VACUUM t');
is(info('built, segments, delta, dead, entry_pages, segment_pages'), '0|0|0|0|0|0', 'all pages are free in the end');
my $bytes = info('bytes');
add_rows($node, 400, 32);
is(info('bytes'), $bytes, 'and are used again');
index_holds($node, 'at the end');
agree($node, 'at the end');

$node->stop;
done_testing();
