# Plans with CHI Scan, CHI Top-K and CHI Group are run as they are, then as what is read from their text: that is how a parallel
# worker gets a plan, and what the nodes keep in custom_private has to survive it. plan_text/ is the library that does it.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
my $library = PostgreSQL::Test::Utils::tempdir();
my $from = abs_path("$FindBin::RealBin/plan_text");
system_or_bail('cp', "$from/Makefile", "$from/plan_text.c", $library);
system_or_bail('make', '-s', '-C', $library, "PG_CONFIG=$pg_config", 'with_llvm=no');

my $node = new_node('text');
make_table($node, rows => 400, side => 96, index => 'WITH (bins = 8)');
$node->safe_psql('postgres', 'VACUUM ANALYZE t');

sub logged { return scalar(() = slurp_file($node->logfile) =~ /read a plan with a custom scan/g) }

my $box = 'roi(9, 9, 80, 80)';
my %queries = (
	'CHI Scan' => "SELECT id FROM t WHERE cp(m, $box, 0.35, 0.9) > 2000 ORDER BY id",
	'CHI Top-K' => "SELECT id, cp(m, box, 0.35, 0.9) AS n FROM t ORDER BY n DESC, note, id LIMIT 20",
	'CHI Top-K.*Index' => "SELECT id FROM t WHERE m IS NOT NULL ORDER BY cp(m, $box, 0.2, 0.6) - cp(m, 0.7, 1.0), id LIMIT 10 OFFSET 3",
	'CHI Group' => "SELECT id / 4 AS k FROM t GROUP BY id / 4 HAVING avg(cp(m, $box, 0.35, 0.9)) > 1500",
	'CHI Group.*Sort Key.*max' =>
	  "SELECT id / 4 AS k, max(cp(m, $box, 0.4, 1.0)) FROM t GROUP BY id / 4 HAVING count(*) FILTER (WHERE cp(m, $box, 0.2, 0.7) > 500) > 1
		ORDER BY max(cp(m, $box, 0.4, 1.0)) DESC, k FETCH FIRST 7 ROWS WITH TIES",
	'CHI Group.*Sort Key.*mask_intersect' =>
	  "SELECT id / 4 AS k FROM t GROUP BY id / 4
		ORDER BY cp(mask_intersect(m > 0.4), $box, 0.4, 1.0) / nullif(cp(mask_union(m > 0.4), $box, 0.4, 1.0), 0) DESC NULLS LAST, k LIMIT 5");

# What makes the planner choose it.
my %forced = ('CHI Scan' => 'SET enable_seqscan = off;', 'CHI Top-K.*Index' => 'SET cpu_tuple_cost = 0.5;');

foreach my $kind (sort keys %queries)
{
	my $query = $queries{$kind};
	my $forced = $forced{$kind} // '';
	my $load = "LOAD '$library/plan_text';";
	like($node->safe_psql('postgres', "$forced EXPLAIN (COSTS OFF) $query"), qr/$kind/s, "the plan has $kind");
	my $expected = $node->safe_psql('postgres', "$forced $query");
	isnt($expected, '', '... and gives rows');
	my $before = logged();
	is($node->safe_psql('postgres', "$load $forced $query"), $expected, '... the same from its text');
	cmp_ok(logged(), '>', $before, '... which was read');
	my ($statement, @rest) = ("PREPARE q AS $query", ('EXECUTE q') x 2);
	is($node->safe_psql('postgres', join(';', "$load $forced SET plan_cache_mode = force_generic_plan", $statement, @rest)),
		"$expected\n$expected", '... and from a cached plan');
	is($node->safe_psql('postgres', "$load $forced SET maskquery.verify = on; $query"), $expected, '... verified');
}
agree($node, 'after plans were read from their text');
done_testing();
