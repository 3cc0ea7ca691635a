# Rows come, change and go while vacuum frees their places for others, and readers compare pruned with full answers in one snapshot.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $seconds = $ENV{STRESS_SECONDS} // 15;
my $node = new_node('reuse');
make_table($node, rows => 300, side => 32, index => 'WITH (cell_width = 8, cell_height = 8)');

my $writer = q{
\set k random(1, 400)
\set what random(1, 4)
\if :what = 1
DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id OFFSET :k LIMIT 3);
\elif :what = 2
UPDATE t SET m = random_mask(32) WHERE id = (SELECT id FROM t ORDER BY id OFFSET :k LIMIT 1);
\elif :what = 3
UPDATE t SET note = note + 1 WHERE id IN (SELECT id FROM t ORDER BY id OFFSET :k LIMIT 3);
\else
INSERT INTO t (box, m) SELECT random_box(32), random_mask(32) FROM generate_series(1, 3);
\endif
};

$node->safe_psql(
	'postgres', q{
	CREATE PROCEDURE compare(threshold int) LANGUAGE plpgsql AS $$
	DECLARE
		filter constant text := format('SELECT array_agg(id ORDER BY id) FROM t WHERE cp(m, box, 0.3, 1.0) > %s OR cp(m, 0.6, 1.0) < %s', threshold, threshold / 4);
		pruned bigint[];
		every bigint[];
	BEGIN
		SET LOCAL maskquery.verify = on;
		SET LOCAL maskquery.enable_pruning = on;
		EXECUTE filter INTO pruned;
		SET LOCAL maskquery.verify = off;
		SET LOCAL maskquery.enable_pruning = off;
		EXECUTE filter INTO every;
		IF pruned IS DISTINCT FROM every THEN
			RAISE EXCEPTION 'pruned and full answers differ: % and %', pruned, every;
		END IF;
	END $$});
my $reader = "\\set threshold random(1, 300)\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nCALL compare(:threshold);\nCOMMIT;\n";

my $writers = start_pgbench($node, 3, $seconds, $writer);
my $readers = start_pgbench($node, 2, $seconds, $reader);
my $vacuum = start_pgbench($node, 1, $seconds, 'VACUUM (INDEX_CLEANUP ON) t;');
finish_pgbench($writers, 'writers');
finish_pgbench($readers, 'readers, who raise one at a difference,');
finish_pgbench($vacuum, 'vacuum');

index_holds($node, 'after the stress');
agree($node, 'after the stress');
$node->safe_psql('postgres', 'VACUUM t');
index_holds($node, 'after a last vacuum');
agree($node, 'after a last vacuum');
cmp_ok((work_of($node))[1], '>', 0, 'masks are pruned');

$node->stop;
done_testing();
