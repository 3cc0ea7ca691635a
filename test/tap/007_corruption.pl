# Damaged index pages and damaged mask values: an error that names the fault and the way out, never a crash or a wrong answer that
# chi_check does not find; REINDEX heals.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
# Page checksums, on by default since 18, would catch the damage before maskquery sees it.
my ($major) = `pg_config --version` =~ /(\d+)/;
my $node = new_node('corrupt', init => { $major >= 18 ? (extra => ['--no-data-checksums']) : () });
make_table($node, rows => 300, index => '');
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 4 = 0');
$node->safe_psql('postgres', 'VACUUM t');
add_rows($node, 40);
$node->safe_psql('postgres', 'CHECKPOINT');
my $path = $node->data_dir . '/' . $node->safe_psql('postgres', "SELECT pg_relation_filepath('t_m')");
my $block = 8192;
$node->stop;
my $good = slurp_file($path);
my $blocks = length($good) / $block;
note("the index has $blocks blocks");

sub write_index
{
	my ($bytes) = @_;
	open my $file, '>:raw', $path or die "$path: $!";
	print $file $bytes;
	close $file;
	return;
}

my $query = 'SET maskquery.enable_pruning = on; SELECT count(*) FROM t WHERE cp(m, box, 0.3, 1.0) / area(box) > 0.25';

# named_fault(STATE, ERROR): the two SQLSTATEs for damage: of an index, or of a page that not even PostgreSQL's own check lets pass.
sub named_fault
{
	my ($state, $error) = @_;
	return $state eq 'XX002' && $error =~ /HINT:.*REINDEX/s || $state eq 'XX001' && $error =~ /invalid page/;
}

# damage(WHAT, BYTES, must): with the index file replaced, chi_check finds the fault (when it must), queries answer or name it.
sub damage
{
	my ($what, $bytes, $must) = @_;
	write_index($bytes);
	$node->start;
	my ($state, $error) = sqlstate_of($node, "SELECT chi_check('t_m', true)");
	ok(($state eq '00000' && !$must) || named_fault($state, $error), "$what: chi_check says $state") or diag($error);
	my $found = $state ne '00000';
	($state, $error) = sqlstate_of($node, $query);
	ok($state eq '00000' || named_fault($state, $error), "$what: a query says $state") or diag($error);
	# The insert is rolled back: the next round's index knows nothing of this one's rows.
	foreach my $sql ('BEGIN; INSERT INTO t (box, m) SELECT random_box(64), random_mask(64); ROLLBACK', 'VACUUM (INDEX_CLEANUP ON) t')
	{
		($state, $error) = sqlstate_of($node, $sql);
		ok($state eq '00000' || named_fault($state, $error), "$what: " . ($sql =~ /(INSERT|VACUUM)/)[0] . " says $state") or diag($error);
	}
	is($node->safe_psql('postgres', 'SELECT 1'), 1, "$what: the server lives");
	$node->stop;
	unlike(slurp_file($node->logfile), qr/terminated by signal|TRAP:|PANIC:/, "$what: no process died");
	return $found;
}

my $metapage = $good;
substr($metapage, 24, 64) = "\xff" x 64;
damage('metapage overwritten', $metapage, 1);

my $zeros = $good;
substr($zeros, 0, $block) = "\0" x $block;
damage('metapage of zeros', $zeros, 1);

my $swapped = $good;
substr($swapped, 24, $block - 24) = substr($good, $block + 24, $block - 24) if $blocks > 1;
damage('another page where the metapage was', $swapped, 1);

damage('cut after the first page', substr($good, 0, $block), 0);

foreach my $try (1 .. 10)
{
	my $bytes = $good;
	my $at = int(rand($blocks)) * $block;
	# The page header is PostgreSQL's own; ours begins behind it.
	my $offset = $at + 24 + int(rand($block - 24 - 64));
	my $length = 1 + int(rand(64));
	substr($bytes, $offset, $length) = join '', map { chr(int(rand(256))) } 1 .. $length;
	damage("try $try: $length bytes at $offset", $bytes, 0);
}

write_index($metapage);
$node->start;
$node->safe_psql('postgres', 'REINDEX INDEX t_m');
index_holds($node, 'after REINDEX');
agree($node, 'after REINDEX');

# Damaged mask values. As superuser, a cast without a function gives any bytes the type.
$node->safe_psql('postgres', 'CREATE CAST (bytea AS mask) WITHOUT FUNCTION; CREATE CAST (mask AS bytea) WITHOUT FUNCTION');
my ($state, $error) = sqlstate_of($node, q{SELECT cp('\xffffffffffffffffffffffffffffffffffffffffffffffffffff'::bytea::mask, 0, 1)});
is($state, 'XX001', 'a value of another version is data corruption') or diag($error);
($state, $error) = sqlstate_of($node, q{SELECT cp('\x'::bytea::mask, 0, 1)});
is($state, 'XX001', 'an empty value is data corruption') or diag($error);

my $states = $node->safe_psql(
	'postgres', q{
	CREATE FUNCTION try(expression text, value mask) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE 'SELECT ' || expression USING value;
		RETURN '00000';
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLSTATE;
	END $$;
	CREATE TABLE broken AS
		SELECT CASE WHEN n % 5 = 0 THEN substr(bytes, 1, 1 + (random() * octet_length(bytes))::int)
			-- mostly in the header and the directory, where sizes and offsets are
			ELSE set_byte(bytes, (power(random(), 2) * (octet_length(bytes) - 1))::int, (random() * 255)::int) END::mask AS m
		FROM (SELECT m::bytea AS bytes FROM t ORDER BY id LIMIT 20) s, generate_series(1, 100) n;
	SELECT string_agg(DISTINCT try(e, m), ' ' ORDER BY try(e, m)) FROM broken, unnest(ARRAY[
		'cp($1, roi(3, 3, 50, 50), 0.3, 0.7)', '$1::text', 'mask_send($1)', 'mask_info($1)', '$1 > 0.5', 'mask_resize($1, 10, 10)',
		'mask_histogram($1, 8)']) e;
});
unlike($states, qr/(?!00000|XX001|22\w{3})\b\w{5}\b/, "2000 damaged values: only XX001 ($states)");
like($states, qr/XX001/, 'damage is found');
($state, $error) = sqlstate_of($node, 'CREATE INDEX ON broken USING chi (m)');
is($state, 'XX001', 'an index on damaged values names the corruption') or diag($error);
unlike(slurp_file($node->logfile), qr/terminated by signal|TRAP:|PANIC:/, 'no process died');

$node->stop;
done_testing();
