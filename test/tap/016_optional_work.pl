# What a statement can do without must not fail it: with no room below an incremental index, or a damaged page where an entry would go,
# queries give their answers, in this and every later statement of the session; the log tells once.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
# WAL files must stay below the limit on file sizes that stands for a full disk; page checksums, on by default since 18, would catch
# the damage before maskquery sees it.
my ($major) = `pg_config --version` =~ /(\d+)/;
my $node = new_node('main', init => { extra => [ '--wal-segsize=1', $major >= 18 ? '--no-data-checksums' : () ] });
make_table($node, rows => 700, index => 'WITH (build = incremental, cell_width = 8, cell_height = 8, bins = 64)');
my $query = "SELECT count(*), sum(id) FROM t WHERE cp(m, '((9,9),(48,40))', 0.5, 1.0) > 700";
my $answer = $node->safe_psql('postgres', "SET maskquery.enable_pruning = off; SET maskquery.enable_learning = off; $query");
my $pending = "SELECT pending FROM chi_index_info('t_m')";

# No process that starts from now on can make a file longer than this many bytes.
sub limit_files
{
	my ($size) = @_;
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	system_or_bail('prlimit', '--pid', $pid, "--fsize=$size:");
	return;
}

# damage(PATH, OFFSET, BYTES): writes bytes into a file while the server is down.
sub damage
{
	my ($path, $offset, $bytes) = @_;
	$node->stop;
	open my $file, '+<:raw', $path or die "$path: $!";
	seek $file, $offset, 0;
	print $file $bytes;
	close $file;
	$node->start;
	return;
}

# session(WHAT, SETTINGS, LOGGED, QUERIES): a session in which no statement fails, the queries' answers are right, and the log tells so
# often that an index could not be completed; the log is returned.
sub session
{
	my ($what, $settings, $logged, @queries) = @_;
	my $start = -s $node->logfile;
	my ($rc, $out, $err) = $node->psql('postgres',
		"$settings; " . join('; ', map { "\\echo\n$_" } @queries) . ";\nSELECT 1; BEGIN; SELECT 1; ROLLBACK; DISCARD ALL; SELECT 1;\n");
	is($err, '', "$what: no statement fails");
	is($out =~ s/\n+/ /gr =~ s/^ //r, join(' ', ($answer) x @queries, 1, 1, 1), "$what: answers");
	my $log = substr(slurp_file($node->logfile), $start);
	my @told = $log =~ /(LOG:  could not complete a chi index.*)/g;
	is(scalar(@told), $logged, "$what: logged") or diag($log);
	return $log;
}

$node->safe_psql('postgres', "SELECT chi_summarize('t_m', 300); CHECKPOINT");
my $size = $node->safe_psql('postgres', "SELECT pg_relation_size('t_m')");
cmp_ok($size, '>', 1 << 20, "the index takes $size bytes");
limit_files($size);
my $log = session('full disk, inline', 'SET maskquery.learning = inline', 1, ($query) x 3);
like($log, qr/could not complete a chi index with masks that a query has read: could not extend file/, 'the reason');
session('full disk, inline, read only', 'SET default_transaction_read_only = on; SET maskquery.learning = inline', 1, $query, $query);
my $parallel = 'SET ' . ($major >= 16 ? 'debug_parallel_query' : 'force_parallel_mode') . ' = on';
session('full disk, inline, by a parallel worker', "SET maskquery.learning = inline; $parallel", 2, $query, $query);
cmp_ok($node->safe_psql('postgres', $pending), '>', 300, 'nothing more could be built');

# The background worker fails as well, and its message is an error in the log; the session then tries by itself.
$log = session('full disk, background', '', 0, $query);
$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'maskquery learner')")
  or die 'the worker does not end';
session('full disk, after a worker', '', 0, $query);
like(slurp_file($node->logfile), qr/ERROR:  could not extend file/, 'the worker tells why it failed');

limit_files('unlimited');
index_holds($node, 'room again');
agree($node, 'room again');
session('room again', 'SET maskquery.learning = inline', 0, $query, $query);
is($node->safe_psql('postgres', $pending), 0, 'everything is learnt');
index_holds($node, 'all learnt');

# The page that the free space map names for the next entry is damaged; no row's entry lies there.
$node->safe_psql('postgres', 'REINDEX INDEX t_m');
add_rows($node, 1);
$node->safe_psql('postgres', "DELETE FROM t WHERE id > 700; SET maskquery.vacuum_summarize = 0; VACUUM t");
my $path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('t_m')");
# The last two bytes of a page are the number of its kind.
damage($path, (-s $path) - 2, "\x12\x34");
$answer = $node->safe_psql('postgres', "SET maskquery.enable_pruning = off; SET maskquery.enable_learning = off; $query");
$log = session('damaged page, inline', 'SET maskquery.learning = inline', 1, ($query) x 3);
like($log, qr/could not complete a chi index with masks that a query has read: index "t_m"/, 'the reason');
session('damaged page, background', '', 0, $query);
$node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'maskquery learner')")
  or die 'the worker does not end';

# Masks of which a part is damaged that the query does not look at: the last tile, or a page of TOAST chunks.
$node->safe_psql('postgres', q{
	CREATE CAST (bytea AS mask) WITHOUT FUNCTION;
	CREATE CAST (mask AS bytea) WITHOUT FUNCTION;
	CREATE TABLE holed (id int, m mask);
	INSERT INTO holed SELECT i, random_mask(200) FROM generate_series(1, 10) i;
	CREATE TABLE broken AS
		SELECT id, overlay(m::bytea PLACING decode(repeat('ff', 40), 'hex') FROM octet_length(m::bytea) - 60)::mask AS m FROM holed;
	CREATE INDEX broken_m ON broken USING chi (m) WITH (build = incremental);
	CREATE INDEX holed_m ON holed USING chi (m) WITH (build = incremental)});
my ($toast, $toast_path) = split /\|/,
  $node->safe_psql('postgres', "SELECT reltoastrelid::regclass, pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = 'holed'::regclass");
my $far = $node->safe_psql('postgres',
	"SELECT (ctid::text::point)[0]::int AS block FROM $toast GROUP BY block HAVING min(chunk_seq) > 4 ORDER BY min(chunk_seq) DESC LIMIT 1");
damage($node->data_dir . "/$toast_path", $far * 8192, "\0" x 8192);
foreach my $table ('broken', 'holed')
{
	$query = "SELECT count(*), sum(id) FROM $table WHERE cp(m, '((1,1),(9,9))', 0.3, 0.7) > 40";
	$answer = $node->safe_psql('postgres', "SET maskquery.enable_pruning = off; SET maskquery.enable_learning = off; $query");
	$log = session("$table masks", 'SET maskquery.learning = inline', 0, $query, $query);
	like($log, $table eq 'broken' ? qr/LOG:  could not compute the index entry/ : qr/LOG:  could not read the rest of a mask.* missing chunk/,
		'the reason');
}

# The planner samples an index whose entries are damaged.
$node->safe_psql('postgres', 'REINDEX INDEX broken_m; DELETE FROM broken; INSERT INTO broken SELECT i, random_mask(64) FROM generate_series(1, 50) i; VACUUM broken');
$path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('broken_m')");
damage($path, $_ * 8192 + 8190, "\x12\x34") foreach 4 .. (-s $path) / 8192 - 1;
$query = 'EXPLAIN (COSTS OFF) SELECT * FROM broken WHERE cp(m, 0.3, 0.7) > 40';
$answer = $node->safe_psql('postgres', $query) =~ s/\n+/ /gr;
$log = session('estimate', '', 0, $query);
like($log, qr/LOG:  could not sample a chi index/, 'the reason');

# A scan looks ahead at rows that it is not asked for in the end, on a page that cannot be read. It comes to the first line pointers of
# several pages before it comes to the rest of them.
$node->append_conf('postgresql.conf', "shared_buffers = '512kB'\n");
my $filter = "cp(m, '((5,5),(60,60))', 0.3, 0.9) > 300";
$node->safe_psql('postgres', "REINDEX INDEX t_m; SELECT chi_summarize('t_m'); VACUUM ANALYZE t");
my ($last, $rows) = split /\|/, $node->safe_psql('postgres', "WITH b AS (SELECT max((ctid::text::point)[0]) / 2 AS half FROM t)
	SELECT half::int, count(*) FROM t, b WHERE (ctid::text::point)[0] < half::int AND (ctid::text::point)[1] <= 32 AND $filter GROUP BY 1");
$path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('t')");
damage($path, $last * 8192, "\xff" x 24);
$query = "SELECT count(*) FROM (SELECT id FROM t WHERE $filter LIMIT $rows) s";
my $forced = 'SET enable_seqscan = off; SET enable_indexscan = off; SET synchronize_seqscans = off';
$answer = $node->safe_psql('postgres', "SET maskquery.enable_pruning = off; SET maskquery.enable_learning = off; $query");
$log = session('look-ahead', $forced, 0, $query, $query);
like($log, qr/LOG:  could not look ahead/, 'the reason');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|was terminated by signal|WARNING:.*leak/, 'nothing was left behind');
$node->stop;
done_testing();
