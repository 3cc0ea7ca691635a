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
	is($node->safe_psql($db, q{SELECT aggregate, function_oid = 'smallest(mask)'::regprocedure FROM maskquery_monotone_aggregates}),
		'public.smallest(public.mask)|t', "$kind: a declared aggregate is declared, a dropped one forgotten");
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
# Declarations of aggregates: a restore has those that were true, by whatever names, and gives none to another aggregate.
$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN; CREATE ROLE other LOGIN');
my $maps = q{
	CREATE TABLE maps (image int, mask mask);
	INSERT INTO maps SELECT i % 20, mask_from_array(array_fill((0.1 + i / 1000.0)::real, ARRAY[16, 16])) FROM generate_series(1, 200) i;
	CREATE INDEX ON maps USING chi (mask);
	CREATE FUNCTION opposite(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT ~ (coalesce($1, $2) & $2)';
	CREATE FUNCTION step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1 & $2, $1, $2)';
	CREATE FUNCTION atomic_step(a mask, b mask) RETURNS mask LANGUAGE sql IMMUTABLE RETURN coalesce(a & b, a, b);
	CREATE SCHEMA app;
	CREATE AGGREGATE app.kept(mask) (SFUNC = mask_and, STYPE = mask);
	CREATE AGGREGATE atomic(mask) (SFUNC = atomic_step, STYPE = mask);
	CREATE AGGREGATE replaced(mask) (SFUNC = mask_and, STYPE = mask);
	CREATE AGGREGATE stepped(mask) (SFUNC = step, STYPE = mask);
	SELECT maskquery_monotone_aggregate(a) FROM unnest(ARRAY['app.kept(mask)', 'atomic(mask)', 'replaced(mask)', 'stepped(mask)']::regprocedure[]) a;
	GRANT EXECUTE ON FUNCTION app.kept(mask) TO other;
	ALTER SCHEMA app RENAME TO app2;
	ALTER AGGREGATE app2.kept(mask) RENAME TO renamed;
	CREATE OR REPLACE AGGREGATE replaced(mask) (SFUNC = opposite, STYPE = mask);
	CREATE OR REPLACE FUNCTION step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT ~ coalesce($1 & $2, $1, $2)';
};
# What other roles do, which only a superuser restores.
my $roles = q{
	GRANT CREATE ON SCHEMA public TO owner, other;
	CREATE AGGREGATE given(mask) (SFUNC = mask_and, STYPE = mask);
	SELECT maskquery_monotone_aggregate('given(mask)');
	ALTER AGGREGATE given(mask) OWNER TO other;
	SET ROLE owner;
	CREATE AGGREGATE passed(mask) (SFUNC = mask_and, STYPE = mask);
	SELECT maskquery_monotone_aggregate('passed(mask)');
	DROP AGGREGATE passed(mask);
	SET ROLE other;
	CREATE AGGREGATE passed(mask) (SFUNC = opposite, STYPE = mask);
	RESET ROLE;
};
my $declared = q{SELECT aggregate FROM maskquery_monotone_aggregates WHERE aggregate::text <> '' ORDER BY aggregate::text};

# same_groups(DATABASE, AGGREGATE, WHAT)
sub same_groups
{
	my ($db, $aggregate, $what) = @_;
	my ($on, $off) = map {
		$node->safe_psql($db, "SET search_path = public, other; SET maskquery.enable_pruning = $_;
			SELECT image FROM maps GROUP BY image HAVING cp($aggregate(mask), 0.5, 1.0) > 100 ORDER BY image")
	} 'on', 'off';
	is($on, $off, "$what: groups of $aggregate");
}

# dump_and_restore(FROM, TO, USER, plain|custom, restore options)
sub dump_and_restore
{
	my ($from, $to, $user, $format, @options) = @_;
	my ($file, $as) = ("$dir/$to.dump", $node->connstr($from) . " user=$user");
	my $into = $node->connstr($to) . " user=$user";
	$node->command_ok([ 'pg_dump', '-F', $format, '-d', $as, '-f', $file ], "$to: pg_dump");
	$node->command_ok($format eq 'plain'
		? [ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', $into, '-f', $file ]
		: [ 'pg_restore', '--exit-on-error', @options, '-d', $into, $file ], "$to: restore");
}

my $me = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('postgres', "CREATE DATABASE $_") foreach 'declared', 'moved';
$node->safe_psql('declared', "CREATE EXTENSION maskquery; $maps $roles");
$node->safe_psql('moved', "CREATE EXTENSION maskquery; $maps CREATE SCHEMA other; ALTER EXTENSION maskquery SET SCHEMA other");
foreach my $format ('plain', 'custom')
{
	foreach my $from ('declared', 'moved')
	{
		my $to = "${from}_$format";
		my $type = $from eq 'moved' ? 'other.mask' : 'public.mask';
		$node->safe_psql('postgres', "CREATE DATABASE $to TEMPLATE template0");
		dump_and_restore($from, $to, $me, $format);
		is($node->safe_psql($to, "SET search_path = public, other; $declared"), "app2.renamed($type)\npublic.atomic($type)", "$to: what was true is declared");
		same_groups($to, $_, $to) foreach 'app2.renamed', 'atomic', 'replaced', 'stepped';
	}
	same_groups("declared_$format", $_, $format) foreach 'given', 'passed';
}

# By the owner of a database who is no superuser; into a database where a superuser has made the extension, too.
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER owner TEMPLATE template0") foreach 'owned', 'owned_plain', 'owned_custom', 'owned_given';
$node->safe_psql($_, 'GRANT CREATE ON SCHEMA public TO owner') foreach 'owned', 'owned_plain', 'owned_custom', 'owned_given';
$node->safe_psql('owned', "SET ROLE owner; CREATE EXTENSION maskquery; $maps");
$node->safe_psql('owned_given', 'CREATE EXTENSION maskquery');
dump_and_restore('owned', 'owned_plain', 'owner', 'plain');
dump_and_restore('owned', 'owned_custom', 'owner', 'custom');
dump_and_restore('owned', 'owned_given', 'owner', 'custom', '--no-comments');
foreach my $to ('owned_plain', 'owned_custom', 'owned_given')
{
	is($node->safe_psql($to, $declared), "app2.renamed(public.mask)\npublic.atomic(public.mask)", "$to: what was true is declared");
	same_groups($to, $_, $to) foreach 'app2.renamed', 'replaced', 'stepped';
}

# Rows alone, into a database where the aggregate has become another; with the trigger disabled, too.
$node->safe_psql('declared_custom', 'CREATE OR REPLACE AGGREGATE app2.renamed(mask) (SFUNC = opposite, STYPE = mask)');
foreach my $option ('--no-owner', '--disable-triggers')
{
	$node->safe_psql('declared_custom', 'TRUNCATE maskquery_monotone_aggregates, maps');
	$node->command_ok([ 'pg_restore', '--data-only', '--exit-on-error', $option, '-d', $node->connstr('declared_custom'), "$dir/declared_custom.dump" ],
		"rows alone, $option");
	same_groups('declared_custom', 'app2.renamed', "rows alone, $option");
}

ok($node->log_contains('terminated by signal') ? 0 : 1, 'no backend crashed') if $node->can('log_contains');

$node->stop;
done_testing();
