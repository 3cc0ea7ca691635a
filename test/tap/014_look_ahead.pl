# A CHI Scan that waits for a disk judges several pages of rows at once and asks for what they will read. With shared buffers far
# smaller than the table it does so all the time; answers are the same.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use Test::More;

seed();
my $node = new_node('ahead', conf => "shared_buffers = '512kB'\nmax_parallel_workers_per_gather = 0\n");
make_table($node, rows => 1500, side => 96, index => 'WITH (bins = 8)');
$node->safe_psql('postgres', q{
	UPDATE t SET note = id % 3;                   -- versions that the index knows by their chains' roots
	DELETE FROM t WHERE id % 7 = 0;
	CREATE FUNCTION noisy(int) RETURNS boolean LANGUAGE plpgsql COST 1 AS 'BEGIN RETURN $1 >= 0; END';
	VACUUM ANALYZE t;
	SET maskquery.enable_pruning = off;});

my $forced = 'SET enable_seqscan = off; SET synchronize_seqscans = off;';
sub rows
{
	my ($settings, $query) = @_;
	return $node->safe_psql('postgres', "$forced $settings $query");
}

my $plan = rows('', 'EXPLAIN (COSTS OFF) SELECT id FROM t WHERE note = 1 AND cp(m, roi(5, 5, 60, 60), 0.35, 0.9) > 700');
like($plan, qr/CHI Scan/, 'the queries use CHI Scan');

foreach my $filter (
	'note = 1 AND cp(m, roi(5, 5, 60, 60), 0.35, 0.9) > 700',
	'cp(m, roi(5, 5, 60, 60), 0.35, 0.9) BETWEEN 300 AND 900 AND cp(m, 0.21, 1.0) > 2000',
	'noisy(note) AND cp(m, roi(5, 5, 60, 60), 0.35, 0.9) > 700',
	'cp(m, roi(5, 5, 60, 60), (SELECT 0.35), 0.9) > 700',
	'note / (note + 1) >= 0 AND cp(m, 0.33, 0.77) > 1000')
{
	my $query = "SELECT id FROM t WHERE $filter ORDER BY id";
	my $expected = rows('SET maskquery.enable_pruning = off;', $query);
	isnt($expected, '', "there are rows with $filter");
	is(rows('', $query), $expected, 'the same with the index');
	is(rows('SET effective_io_concurrency = 0;', $query), $expected, '... without looking ahead');
	is(rows('SET maskquery.verify = on;', $query), $expected, '... verified');
	is(rows('SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;',
			$query), $expected, '... in parallel');
}

# A cursor stops anywhere, and sees what its snapshot saw.
my $filter = 'note < 2 AND cp(m, roi(5, 5, 60, 60), 0.35, 0.9) > 700';
my $cursor = rows('', qq{
	BEGIN;
	DECLARE c NO SCROLL CURSOR FOR SELECT id FROM t WHERE $filter;
	FETCH 3 FROM c;
	UPDATE t SET note = 5, m = ~m;
	FETCH ALL FROM c;
	ROLLBACK;});
is(join("\n", sort { $a <=> $b } split(/\n/, $cursor)), rows('SET maskquery.enable_pruning = off;', "SELECT id FROM t WHERE $filter ORDER BY id"),
	'a cursor gives the rows of its snapshot');
is(rows('', "SELECT count(*) FROM (SELECT id FROM t WHERE $filter LIMIT 2) s"), 2, 'LIMIT');
agree($node, 'after looking ahead');

done_testing();
