# ALTER EXTENSION maskquery UPDATE from version 0.1.0: the catalogs are then those of a fresh CREATE EXTENSION; masks and indexes of the
# old version are read, and an index of a format that is not says what to do.
#
# With MASKQUERY_RELEASED, a directory that has the source of version 0.1.0 (test/run makes it where there is a history), that version is built and makes
# the data; otherwise this library does, with the old script.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename;
use File::Path qw(make_path);
use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $from = '0.1.0';
my $source = $ENV{MASKQUERY_SOURCE} // abs_path("$FindBin::RealBin/../..");
my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
my ($to) = slurp_file("$source/maskquery.control") =~ /^default_version *= *'(.*)'/m;

# A server of its own, since the versions are installed into it: PostgreSQL finds its directories relative to its program. What
# the extension does not touch is linked.
my $root = PostgreSQL::Test::Utils::tempdir();
my %dir = map { my $name = $_; chomp(my $path = `$pg_config --$name`); $name => $path } qw(bindir pkglibdir sharedir);

sub link_all
{
	my ($from_dir, $to_dir) = @_;
	make_path($to_dir);
	symlink($_, "$to_dir/" . basename($_)) or die "$_: $!" foreach grep { basename($_) !~ /^maskquery/ } glob("$from_dir/*");
	return;
}

link_all($dir{pkglibdir}, "$root$dir{pkglibdir}");
link_all($dir{sharedir}, "$root$dir{sharedir}");
unlink("$root$dir{sharedir}/extension") or die $!;
link_all("$dir{sharedir}/extension", "$root$dir{sharedir}/extension");
make_path(dirname("$root$dir{bindir}"));
system_or_bail('cp', '-RL', $dir{bindir}, "$root$dir{bindir}");
$ENV{PATH} = "$root$dir{bindir}:$ENV{PATH}";

sub make
{
	my ($tree, @arguments) = @_;
	system_log('make', '-C', $tree, '-s', "PG_CONFIG=$pg_config", @arguments) == 0 or die "make @arguments failed in $tree";
	return;
}

my $released = defined $ENV{MASKQUERY_RELEASED} && "$ENV{MASKQUERY_RELEASED}/$from";
my $has_old = $released && -d $released;
if ($has_old)
{
	# It makes some data only: a quick build will do.
	chomp(my $processors = `nproc`);
	my $flags = 'PG_CXXFLAGS=-std=c++17 -O1 -w -fopenmp -fvisibility=hidden -fvisibility-inlines-hidden';
	make($released, "-j$processors", $flags, 'all');
	make($released, $flags, "DESTDIR=$root", 'install');
	ok(!-e "$root$dir{sharedir}/extension/maskquery--$to.sql", "version $from is what is installed");
	is(slurp_file("$root$dir{sharedir}/extension/maskquery--$from.sql"),
		slurp_file("$source/sql/maskquery--$from.sql"), 'the script that is kept is the one of that version');
}
else
{
	note("no source of version $from: its script runs with this library");
	make($source, "DESTDIR=$root", 'install');
}

# ---- the old version's data ----

my $node = PostgreSQL::Test::Cluster->new('upgrade');
my ($major) = `pg_config --version` =~ /(\d+)/;
# The last part of the test writes a page itself.
$node->init($major >= 18 ? (extra => ['--no-data-checksums']) : ());
$node->append_conf('postgresql.conf', "autovacuum = off\nmaskquery.enable_learning = off\n");    # what is pending stays so
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION maskquery VERSION '$from'");
make_table($node, rows => 900, side => 32, index => 'WITH (bins = 8)');    # two sealed segments and more
$node->safe_psql(
	'postgres', q{
	-- Every pixel format, a domain, masks of several sizes, NULLs.
	CREATE TABLE kinds (id serial PRIMARY KEY, kind text, m mask);
	INSERT INTO kinds (kind, m)
	SELECT kind, CASE kind
		WHEN 'null' THEN NULL
		WHEN 'bit' THEN m > 0.3
		WHEN 'u8' THEN mask_thumbnail(m, 24 + id::int % 3, 24)
		WHEN 'f16' THEN m::mask(32, 32, f16)
		WHEN 'u16' THEN m::mask(32, 32, u16)
		WHEN 'depth' THEN mask_from_array(m::real[], 0, 80)
		ELSE m END
	FROM t, unnest('{null,bit,u8,f16,u16,depth,f32}'::text[]) kind WHERE id <= 60;
	CREATE INDEX kinds_m ON kinds USING chi (m) WITH (grid_x = 4, grid_y = 4, extremes = 4);
	-- Pending entries beside built ones.
	CREATE TABLE later AS SELECT * FROM t;
	CREATE INDEX later_m ON later USING chi (m) WITH (build = incremental);
	SELECT chi_summarize('later_m', 500);
	-- Dead, unsealed and unlogged entries.
	DELETE FROM t WHERE id % 5 = 0;
	CREATE UNLOGGED TABLE aside AS SELECT * FROM kinds;
	CREATE INDEX aside_m ON aside USING chi (m) WITH (binning = equi_depth);
	-- What refers to the extension's objects.
	CREATE VIEW counts AS SELECT id, cp(m, box, 0.5, 1.0) / area(box) AS share FROM t;
	CREATE INDEX t_count ON t (cp(m, 0.5, 1.0)) WHERE cp(m, 0.5, 1.0) > 100;
	CREATE TABLE boxes (box roi PRIMARY KEY, CHECK (box <> 'full'));
	INSERT INTO boxes SELECT DISTINCT box FROM t;
	CREATE AGGREGATE smallest(mask) (SFUNC = mask_and, STYPE = mask);
	SELECT maskquery_monotone_aggregate('smallest(mask)');
	GRANT SELECT ON maskquery_stats TO pg_monitor;
	REVOKE ALL ON maskquery_stats FROM pg_monitor;
});
add_rows($node, 50, 32);

my @indexes = qw(t_m kinds_m later_m aside_m);
my $contents = q{
	SELECT id, md5(mask_send(m)), cp(m, box, 0.2, 0.7), pixel_sum(m, box), area(box) FROM t ORDER BY id;
	SELECT id, kind, m::text, mask_domain(m), mask_info(m) FROM kinds ORDER BY id;
	SELECT id, share FROM counts ORDER BY id;
	SELECT box FROM boxes ORDER BY box;
	SELECT pg_get_indexdef(i::regclass), entries, built, pending, segments, bytes
	FROM unnest('{t_m,kinds_m,later_m,aside_m}'::text[]) i, chi_index_info(i);
};
my $queries = q{
	SELECT count(*) FROM kinds WHERE cp(m, roi(3, 3, 20, 20), 0.3, 1.0) > 60;
	SELECT count(*) FROM later WHERE cp(m, 0.4, 1.0) < 100;
	SELECT id FROM t ORDER BY cp(m, box, 0.5, 1.0) DESC, id LIMIT 20;
	SELECT note, id % 10 AS g, avg(cp(m, 0.5, 1.0)) FROM t GROUP BY note, g HAVING avg(cp(m, 0.5, 1.0)) > 150 ORDER BY g;
	SELECT id % 50 AS g FROM t GROUP BY g HAVING cp(smallest(m > 0.2), 0.5, 1.0) > 20 ORDER BY g;
};

sub results { my ($pruning) = @_; return $node->safe_psql('postgres', "SET maskquery.enable_pruning = $pruning; $queries"); }

sub holds
{
	my ($what) = @_;
	agree($node, $what);
	is(results('on'), results('off'), "$what: other queries agree with pruning on and off");
	index_holds($node, $what, $_) foreach @indexes;
	return;
}

my $old_contents = $node->safe_psql('postgres', $contents);
my $old_results = results('off');

# ---- the new version ----

$node->stop;
make($source, "DESTDIR=$root", 'install') if $has_old;
$node->start;
is($node->safe_psql('postgres', "SELECT extversion FROM pg_extension WHERE extname = 'maskquery'"), $from, "the database is of version $from");
is($node->safe_psql('postgres', $contents), $old_contents, 'before the update: the new library reads what the old one wrote');
holds('before the update');

$node->safe_psql('postgres', 'ALTER EXTENSION maskquery UPDATE');
is($node->safe_psql('postgres', "SELECT extversion FROM pg_extension WHERE extname = 'maskquery'"), $to, "the database is of version $to");

$node->safe_psql('postgres', 'CREATE DATABASE fresh TEMPLATE template0');
$node->safe_psql('fresh', 'CREATE EXTENSION maskquery');
# The data's own dependencies on the extension are no part of it: the comparison is with a database that has none.
$node->safe_psql('postgres', 'CREATE DATABASE updated TEMPLATE template0');
$node->safe_psql('updated', "CREATE EXTENSION maskquery VERSION '$from'; ALTER EXTENSION maskquery UPDATE");
my $catalog = slurp_file("$FindBin::RealBin/catalog.sql");
my @fresh = split /\n/, $node->safe_psql('fresh', $catalog);
my %is_fresh = map { $_ => 1 } @fresh;
my @updated = split /\n/, $node->safe_psql('updated', $catalog);
my %is_updated = map { $_ => 1 } @updated;
cmp_ok(scalar(@fresh), '>', 500, 'the catalogs say much of the extension');
is(join("\n", grep { !$is_updated{$_} } @fresh), '', 'an update leaves out nothing that CREATE EXTENSION declares');
is(join("\n", grep { !$is_fresh{$_} } @updated), '', 'and leaves nothing that CREATE EXTENSION does not');
my $members = q{SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
	WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'maskquery') ORDER BY 1};
is($node->safe_psql('postgres', $members), $node->safe_psql('fresh', $members), 'so it is where data was');

is($node->safe_psql('postgres', $contents), $old_contents, 'after the update: every mask, index and view is as it was');
is(results('off'), $old_results, 'after the update: queries answer as before');
holds('after the update');
cmp_ok((work_of($node))[1], '>', 0, 'masks are pruned by the old index');
like($node->safe_psql('postgres', 'SELECT aggregate FROM maskquery_monotone_aggregates'),
	qr/^(public\.)?smallest\((public\.)?mask\)$/, 'the aggregate that was declared is declared');
cmp_ok($node->safe_psql('postgres', q{
	SELECT id % 50 AS g FROM t GROUP BY g HAVING cp(smallest(m > 0.2), 0.5, 1.0) > 20 \g /dev/null
	SELECT pruned FROM maskquery_last_query()}), '>', 0, '... and its groups are pruned');

# The old indexes go on: inserts, vacuum, learning.
add_rows($node, 500, 32);
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 7 = 0');
$node->safe_psql('postgres', 'INSERT INTO kinds (kind, m) SELECT kind, m FROM kinds');
$node->safe_psql('postgres', 'SET maskquery.vacuum_summarize = 0; VACUUM');
cmp_ok($node->safe_psql('postgres', q{
	SET maskquery.enable_learning = on; SET maskquery.learning = inline;
	SELECT count(*) FROM later WHERE id % 2 = 0 AND cp(m, 0.4, 1.0) < 100 \g /dev/null
	SELECT pending FROM chi_index_info('later_m')}), '<', 300, 'a query builds pending entries');
is($node->safe_psql('postgres', "SELECT chi_summarize('later_m') > 0; SELECT pending FROM chi_index_info('later_m')"), "t\n0", 'chi_summarize builds the rest');
holds('after more rows');

# A dump of it is one of the new version.
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', $dump ], 'pg_dump of the updated database');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $dump ], 'psql restores it');

# ---- an index of a format that this library does not read ----

my $path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('t_m')");
$node->stop;
open(my $file, '+<:raw', $path) or die "$path: $!";
seek($file, 24 + 4, 0);    # past the page header and the magic number
print $file pack('L', 1);
close($file);
$node->start;
foreach my $sql ("SELECT chi_check('t_m')", "SELECT count(*) FROM t WHERE cp(m, box, 0.3, 1.0) > 25", 'INSERT INTO t (box, m) SELECT box, m FROM t LIMIT 1')
{
	my ($state, $error) = sqlstate_of($node, $sql);
	is($state, '0A000', "an index of format 1: $sql is refused");
	like($error, qr/has format version 1.*HINT:.*REINDEX/s, '... with a hint');
}
$node->safe_psql('postgres', 'REINDEX INDEX t_m');
index_holds($node, 'after REINDEX');
agree($node, 'after REINDEX');

$node->stop;
done_testing();
