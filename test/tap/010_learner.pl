# The background worker that builds what queries have read: it survives the session that started it, is in nobody's way, needs nobody's
# privileges, may be killed or not be there at all, and works beside everything else that changes a table and its index.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $node = new_node('main');
make_table($node, rows => 1500, index => 'WITH (build = incremental)');
my $query = "SELECT count(*) FROM t WHERE cp(m, '((9,9),(48,40))', 0.5, 1.0) > 700";
my $unknown = "SELECT count(*) FROM t, cp_bounds('t_m', t.ctid, 'full', 0, 1) WHERE lo IS NULL";
my $learner = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'maskquery learner'";

sub learnt
{
	my ($what, $left) = @_;
	$left //= 0;
	ok($node->poll_query_until('postgres', "SELECT ($unknown) = $left AND NOT EXISTS ($learner)"), "$what: $left rows are left");
	index_holds($node, $what);
	return;
}

sub start_again
{
	$node->safe_psql('postgres', 'REINDEX INDEX t_m');
	return;
}

# The session is gone before the worker has begun.
$node->safe_psql('postgres', $query);
learnt('one query of a session');
agree($node, 'after the worker');

# Somebody who may only read the column; the table is its owner's, who may not log in.
start_again();
$node->safe_psql('postgres', 'CREATE ROLE keeper; ALTER TABLE t OWNER TO keeper; CREATE ROLE reader LOGIN; GRANT SELECT (id, m) ON t TO reader');
$node->safe_psql('postgres', $query, extra_params => [ '-U', 'reader' ]);
learnt('a reader without rights');

# No guard: the masks are found by their place.
start_again();
$node->safe_psql('postgres', 'SELECT avg(cp(m, 0.5, 1.0)), max(pixel(m, 1, 1)) FROM t WHERE id <= 1000');
learnt('an aggregate over 1000 rows', 500);

# A worker that is told to go, or finds that the index goes, leaves the rest to the next query.
start_again();
$node->safe_psql('postgres', "$query; SELECT pg_terminate_backend(pid) FROM ($learner) l; $query; $query");
$node->safe_psql('postgres', "$query; $query");
learnt('after a worker was terminated');
start_again();
$node->safe_psql('postgres', "$query; DROP INDEX t_m; CREATE INDEX t_m ON t USING chi (m) WITH (build = incremental); $query");
learnt('an index dropped and made again');

# It makes room for whoever wants the database.
$node->safe_psql('postgres', 'CREATE DATABASE other TEMPLATE template0');
$node->safe_psql('other', "CREATE EXTENSION maskquery; CREATE TABLE t (id int, m mask)");
$node->safe_psql('other', "INSERT INTO t SELECT i, mask_resize(format('[[0.%s,0.13],[0.27,0.%s]]', i % 9, i % 7)::mask, 128, 128) FROM generate_series(1, 4000) i");
$node->safe_psql('other', 'CREATE INDEX t_m ON t USING chi (m) WITH (build = incremental)');
$node->safe_psql('other', 'SELECT count(*) FROM t WHERE cp(m, roi(1, 1, 40, 40), 0.4, 1.0) > 100');
my ($state, $error) = sqlstate_of($node, 'ALTER DATABASE other RENAME TO another');
is($error, '', 'a database is renamed while a worker is at it');
$node->safe_psql('another', 'SELECT count(*) FROM t WHERE cp(m, roi(9, 9, 70, 40), 0.4, 1.0) > 100');
($state, $error) = sqlstate_of($node, 'DROP DATABASE another');
is($error, '', 'a database is dropped while a worker is at it');

# Everything at once.
my @scripts = (
	"\\set k random(1, 3000)\n\\set t random(1, 1500)\nSELECT count(*) FROM t WHERE id > :k AND cp(m, box, 0.4, 1.0) > :t;",
	"\\set k random(1, 3000)\nSELECT sum(cp(m, 0.3, 0.8)) FROM t WHERE id > :k;",
	"\\set k random(1, 3000)\nSET maskquery.learning = inline; SELECT count(*) FROM t WHERE id > :k AND cp(m, 0.4, 1.0) < 50; RESET maskquery.learning;",
	'INSERT INTO t (box, m) SELECT random_box(64), random_mask(64) FROM generate_series(1, 3);',
	"\\set k random(1, 3000)\nUPDATE t SET note = note + 1 WHERE id BETWEEN :k AND :k + 3;",
	"\\set k random(1, 3000)\nUPDATE t SET m = random_mask(64) WHERE id BETWEEN :k AND :k + 3;",
	"\\set k random(1, 3000)\nDELETE FROM t WHERE id BETWEEN :k AND :k + 1;");
start_again();
my $run = start_pgbench($node, 5, 12, @scripts);
foreach my $round (1 .. 4)
{
	$node->safe_psql('postgres', 'SET maskquery.vacuum_summarize = 50; VACUUM t');
	index_holds($node, "round $round beside everything");
	$node->safe_psql('postgres', $round % 2 ? 'REINDEX INDEX t_m' : 'REINDEX INDEX CONCURRENTLY t_m');
	$node->safe_psql('postgres', "$query; SELECT chi_summarize('t_m', 20); $query");
}
finish_pgbench($run, 'everything at once');
index_holds($node, 'afterwards');
agree($node, 'afterwards');
$node->safe_psql('postgres', "$query; $query; $query");
learnt('what was left');

# No worker can be had.
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
start_again();
$node->safe_psql('postgres', $query);
cmp_ok($node->safe_psql('postgres', $unknown), '>', 0, 'without workers the first query learns nothing');
$node->safe_psql('postgres', "$query; $query");
learnt('the second query of a session');
agree($node, 'without workers');

# Only the worker that was told to go did not end well.
my $log = slurp_file($node->logfile);
my @bad = grep { !/terminating background worker|administrator command/ } grep { /learner/ && /exit code|signal/ } split /\n/, $log;
cmp_ok(scalar @bad, '<=', 2, 'no worker failed') or diag(join "\n", @bad);
unlike($log, qr/PANIC|was terminated by signal|WARNING:.*leak/, 'no process crashed');
$node->stop;
done_testing();
