# With no room for the index to grow, VACUUM does what it must (dead rows go, relfrozenxid advances) and gives up what it can do without:
# sealing, and building pending entries. So do inserters that seal. Nothing that was free is lost, and all of it is done when there is room.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
# WAL files must stay below the limit on file sizes that stands for a full disk.
my $node = new_node('full', init => { extra => ['--wal-segsize=1'] });
make_table($node, rows => 20, index => 'WITH (cell_width = 4, cell_height = 4, bins = 64)');
$node->safe_psql('postgres', 'ALTER TABLE t ALTER m TYPE mask');

sub info { my ($columns, $index) = @_; return $node->safe_psql('postgres', "SELECT $columns FROM chi_index_info('" . ($index // 't_m') . "')"); }

# No process that starts from now on can make a file longer than this many bytes.
sub limit_files
{
	my ($size) = @_;
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	system_or_bail('prlimit', '--pid', $pid, "--fsize=$size:");
	return;
}

sub limit_to_index
{
	my ($index) = @_;
	$node->safe_psql('postgres', 'CHECKPOINT');
	my $size = $node->safe_psql('postgres', "SELECT pg_relation_size('$index')");
	cmp_ok($size, '>', 1 << 20, "$index takes $size bytes, more than a WAL file");
	limit_files($size);
	return;
}

# succeeds(WHAT, SQL, LOG, ...): the statement does, and the log tells what it gave up, each once.
sub succeeds
{
	my ($what, $sql, @told) = @_;
	my $start = -s $node->logfile;
	my ($state, $error) = sqlstate_of($node, $sql);
	is($state, '00000', "$what: succeeds") or diag($error);
	my @lines = substr(slurp_file($node->logfile), $start) =~ /LOG:  (could not .*)/g;
	is(scalar(@lines), scalar(@told), "$what: logged once") or diag(join "\n", @lines);
	like($lines[$_] // '', $told[$_], "$what: the log tells why") foreach 0 .. $#told;
	return;
}

my $age = "SELECT age(relfrozenxid) FROM pg_class WHERE relname = 't'";
my $vacuum = 'VACUUM (FREEZE, INDEX_CLEANUP ON) t';

# Row-shaped entries, some dead, fewer pages than a segment of the others takes.
$node->safe_psql('postgres', $vacuum);
add_rows($node, 200);
$node->safe_psql('postgres', 'DELETE FROM t WHERE id > 20 AND id % 25 = 0');
limit_to_index('t_m');
my $pages;
foreach my $round (1, 2)
{
	succeeds("VACUUM $round", $vacuum, qr/could not seal.*could not extend file/);
	is($node->safe_psql('postgres', $age), 0, "VACUUM $round: relfrozenxid advances");
	is(info('dead'), 0, "VACUUM $round: the dead entries are gone");
	cmp_ok(info('free_pages'), '>', 4, "VACUUM $round: their pages are free");
	is(info('free_pages, segment_pages'), $pages, "VACUUM $round: and no others were used up") if defined $pages;
	$pages = info('free_pages, segment_pages');
	cmp_ok(info('delta'), '>', 150, "VACUUM $round: nothing was sealed");
	index_holds($node, "VACUUM $round");
}
agree($node, 'full');


limit_files('unlimited');
$node->safe_psql('postgres', $vacuum);
cmp_ok(info('delta'), '<', 32, 'with room VACUUM seals');
index_holds($node, 'sealed');
agree($node, 'sealed');

# Entries fit pages that are there, a segment does not: an inserter stores its rows and leaves the seal to VACUUM.
my $small = 'INSERT INTO few (id, box, m) SELECT g, random_box(8), random_mask(8) FROM generate_series(1, %d) g';
$node->safe_psql(
	'postgres', q{
	CREATE TABLE few AS SELECT * FROM t;
	CREATE INDEX few_m ON few USING chi (m) WITH (cell_width = 4, cell_height = 4, bins = 64)});
my $segments = info('segments', 'few_m');
is(info('free_pages', 'few_m'), 0, 'no page is free');
my $insert = sprintf($small, 380) . q{;
	CHECKPOINT;
	SELECT pg_backend_pid() AS pid, pg_relation_size('few_m') AS size \gset
	\setenv PID :pid
	\setenv SIZE :size
	\! prlimit --pid $PID --fsize=$SIZE:
	} . sprintf($small, 4);
succeeds('INSERT', $insert, qr/could not seal.*could not extend file/);
is(info('delta', 'few_m') >= 384, 1, 'INSERT: all rows have entries');
is(info('segments', 'few_m'), $segments, 'INSERT: no segment was made');
index_holds($node, 'INSERT', 'few_m');

# Pending entries.
limit_files('unlimited');
$node->safe_psql(
	'postgres', q{
	CREATE TABLE later AS SELECT * FROM t;
	CREATE INDEX later_m ON later USING chi (m) WITH (build = incremental, cell_width = 4, cell_height = 4, bins = 64);
	SELECT chi_summarize('later_m', 100);
	INSERT INTO later SELECT * FROM t LIMIT 100;
	DELETE FROM later WHERE id % 20 = 0});
limit_to_index('later_m');
my $pending = info('pending', 'later_m');
succeeds('VACUUM, pending', 'SET maskquery.vacuum_summarize = 500; VACUUM (INDEX_CLEANUP ON) later', 
	qr/could not build pending entries.*could not extend file/, qr/could not seal.*could not extend file/);
cmp_ok(info('pending', 'later_m'), '>', $pending / 2, 'VACUUM, pending: most entries stay so');
index_holds($node, 'VACUUM, pending', 'later_m');

limit_files('unlimited');

# No file can be made for the free space map.
$node->safe_psql('postgres', 'CREATE TABLE bare AS SELECT * FROM t');
$node->safe_psql('postgres', 'VACUUM bare');
$node->safe_psql('postgres', 'CREATE INDEX bare_m ON bare USING chi (m); DELETE FROM bare; CHECKPOINT');
my $directory = $node->data_dir . '/base/' . $node->safe_psql('postgres', "SELECT oid FROM pg_database WHERE datname = 'postgres'");
chmod 0500, $directory or die $!;
succeeds('VACUUM, no map', 'VACUUM bare', qr/could not note the free space.*Permission denied/);
chmod 0700, $directory or die $!;
is(info('built', 'bare_m'), 0, 'VACUUM, no map: dead entries are gone');
$node->safe_psql('postgres', 'VACUUM bare');
index_holds($node, 'VACUUM, no map', 'bare_m');

$node->safe_psql('postgres', "$vacuum; VACUUM (INDEX_CLEANUP ON) later, few");
cmp_ok(info('delta', $_), '<', 32, "at last $_ is sealed") foreach qw(few_m later_m);
is(info('pending', 'later_m'), 0, '... and nothing pending');
index_holds($node, 'at last', $_) foreach qw(t_m few_m later_m);
agree($node, 'at last');

$node->stop;
done_testing();
