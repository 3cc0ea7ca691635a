# pg_dump and COPY BINARY carry masks of every format and domain without a bit's loss, and indexes with their options.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $node = new_node('dump');
make_table($node, rows => 150, index => 'WITH (cell_width = 16, cell_height = 16, bins = 8)');
$node->safe_psql(
	'postgres', q{
	CREATE TABLE kinds (id int PRIMARY KEY, m mask);
	INSERT INTO kinds VALUES
		(1, '[[0,0.1],[0.30000001,1]]'),
		(2, 'u8:[[0,128],[255,3]]'),
		(3, 'u16(0,65.535):[[0,1000,65535],[7,8,9]]'),
		(4, 'bit:[[0,1],[1,1]]'),
		(5, NULL),
		(6, '[[0.5]]');
	CREATE TABLE fixed (id int PRIMARY KEY, m mask(3,1,u8));
	INSERT INTO fixed VALUES (1, 'u8:[[1,2,3]]');
	CREATE AGGREGATE smallest(mask) (SFUNC = mask_and, STYPE = mask);
	CREATE AGGREGATE gone(mask) (SFUNC = mask_and, STYPE = mask);
	SELECT maskquery_monotone_aggregate('smallest(mask)'), maskquery_monotone_aggregate('gone(mask)');
	DROP AGGREGATE gone(mask);
});
my $dir = PostgreSQL::Test::Utils::tempdir();

# Everything that a mask is, as text.
my $contents = q{
	SELECT 't', id, box, md5(mask_send(m)), width(m), height(m) FROM t ORDER BY id;
	SELECT 'kinds', id, md5(mask_send(m)), m::text, mask_domain(m) FROM kinds ORDER BY id;
	SELECT 'fixed', id, m FROM fixed;
	SELECT attrelid::regclass, format_type(atttypid, atttypmod) FROM pg_attribute
	WHERE atttypid = 'mask'::regtype AND attrelid::regclass::text IN ('t', 'kinds', 'fixed') ORDER BY attrelid::regclass::text;
	SELECT pg_get_indexdef('t_m'::regclass);
};
my $original = $node->safe_psql('postgres', $contents);

my %restore = (
	text => sub {
		my $db = shift;
		$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', "$dir/text.sql" ], 'pg_dump as text');
		$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', "$dir/text.sql" ], 'psql restores it');
	},
	custom => sub {
		my $db = shift;
		$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('postgres'), '-f', "$dir/custom" ], 'pg_dump, custom format');
		$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr($db), "$dir/custom" ], 'pg_restore restores it');
	});
foreach my $kind (sort keys %restore)
{
	my $db = "restored_$kind";
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	$restore{$kind}->($db);
	is($node->safe_psql($db, $contents), $original, "$kind: every mask, type and index is as it was");
	is($node->safe_psql($db, q{
		SELECT aggregate, function_oid = 'smallest(mask)'::regprocedure, function_version = (SELECT xmin FROM pg_proc WHERE oid = function_oid)
		FROM maskquery_monotone_aggregates}), 'public.smallest(public.mask)|t|t', "$kind: a declared aggregate is declared, a dropped one forgotten");
	index_holds($node, $kind, 't_m', $db);
	agree($node, $kind, $db);
	cmp_ok((work_of($node, $db))[1], '>', 0, "$kind: masks are pruned");
}

# COPY BINARY.
foreach my $table ('t', 'kinds', 'fixed')
{
	my $digest = "SELECT md5(string_agg(id || ':' || coalesce(md5(mask_send(m)), 'null'), ',' ORDER BY id)) FROM";
	$node->safe_psql(
		'postgres', qq{
		COPY $table TO '$dir/$table.bin' (FORMAT binary);
		CREATE TABLE copied_$table (LIKE $table INCLUDING INDEXES);
		COPY copied_$table FROM '$dir/$table.bin' (FORMAT binary)});
	is($node->safe_psql('postgres', "$digest copied_$table"), $node->safe_psql('postgres', "$digest $table"), "COPY BINARY of $table");
}

# A file cut anywhere, or with a byte changed, gives an error or a valid mask: never a crash, never rows of a failed COPY.
my $whole = slurp_file("$dir/kinds.bin");
my %states;
$node->safe_psql('postgres', 'CREATE TABLE damaged (LIKE kinds)');
foreach my $try (1 .. 60)
{
	my $bytes = $whole;
	if ($try % 2) { $bytes = substr($bytes, 0, 19 + int(rand(length($bytes) - 20))); }
	else { substr($bytes, 19 + int(rand(length($bytes) - 19)), 1) = chr(int(rand(256))); }
	open my $file, '>:raw', "$dir/damaged.bin" or die $!;
	print $file $bytes;
	close $file;
	my ($state) = sqlstate_of($node, "COPY damaged FROM '$dir/damaged.bin' (FORMAT binary); SELECT sum(cp(m, 0, 1)) FROM damaged; TRUNCATE damaged");
	$states{$state}++;
}
note(join ', ', map { "$_: $states{$_}" } sort keys %states);
is_deeply([ grep { !/^(00000|22...|42804|08P01|54000|0A000|XX001|23502)$/ } keys %states ], [], 'damaged COPY BINARY: only errors that name the fault');
is($node->safe_psql('postgres', 'SELECT count(*) FROM damaged'), 0, 'damaged COPY BINARY: no row stays');
ok($node->log_contains('terminated by signal') ? 0 : 1, 'no backend crashed') if $node->can('log_contains');

$node->stop;
done_testing();
