# Sessions insert, update, delete and query while VACUUM seals, thins out and frees: STRESS_SECONDS long, minutes by hand. Then the index
# agrees with its table, and pruned answers with full ones.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $seconds = $ENV{STRESS_SECONDS} // 15;
my $node = new_node('stress');
make_table($node, rows => 2000, side => 16, index => 'WITH (cell_width = 8, cell_height = 8, bins = 8)');

my $insert = 'INSERT INTO t (box, m) SELECT random_box(16), random_mask(16) FROM generate_series(1, 40);';
my $rollback = "BEGIN;\n$insert\nSAVEPOINT s;\n$insert\nROLLBACK TO s;\n$insert\nROLLBACK;";
my $update = "\\set k random(1, 8)\nUPDATE t SET m = random_mask(16) WHERE id % 8 = :k AND id % 50 = (random() * 50)::int;";
# Whole runs of rows go, so that segments become thin and empty.
my $delete = q{
\set from random(0, 100)
DELETE FROM t WHERE id IN (SELECT id FROM t ORDER BY id OFFSET (SELECT count(*) FROM t) * :from / 100 LIMIT 60) AND id % 7 > 0;
};
my $query = q{
\set threshold random(1, 100)
BEGIN ISOLATION LEVEL REPEATABLE READ;
CALL compare(:threshold);
COMMIT;
};
$node->safe_psql(
	'postgres', q{
	CREATE PROCEDURE compare(threshold int) LANGUAGE plpgsql AS $$
	DECLARE
		filter constant text := format('SELECT array_agg(id ORDER BY id) FROM t WHERE cp(m, box, 0.3, 1.0) > %s OR cp(m, 0.6, 1.0) < %s', threshold, threshold / 4);
		pruned bigint[];
		every bigint[];
	BEGIN
		-- By guards, row by row, and by CHI Scan.
		FOR way IN 0 .. 1 LOOP
			SET LOCAL maskquery.enable_pruning = on;
			PERFORM set_config('maskquery.enable_chi_scan', CASE way WHEN 0 THEN 'off' ELSE 'on' END, true);
			EXECUTE filter INTO pruned;
			SET LOCAL maskquery.enable_pruning = off;
			EXECUTE filter INTO every;
			IF pruned IS DISTINCT FROM every THEN
				RAISE EXCEPTION 'pruned and full answers differ: % and %', pruned, every;
			END IF;
		END LOOP;
	END $$});

my $writers = start_pgbench($node, 3, $seconds, $insert, $rollback, $update, $delete, $delete);
my $readers = start_pgbench($node, 2, $seconds, $query);
my $vacuum = start_pgbench($node, 1, $seconds, 'VACUUM (INDEX_CLEANUP ON) t;');
my $checks = start_pgbench($node, 1, $seconds, "SELECT chi_check('t_m');");
finish_pgbench($writers, 'writers');
finish_pgbench($readers, 'readers, who raise one at a difference,');
finish_pgbench($vacuum, 'vacuum');
finish_pgbench($checks, 'chi_check beside them');

note($node->safe_psql('postgres', q{SELECT built, segments, delta, dead, free_pages, bytes FROM chi_index_info('t_m')}));
index_holds($node, 'after the stress');
agree($node, 'after the stress');
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) t');
is($node->safe_psql('postgres', q{SELECT dead, delta < 32 FROM chi_index_info('t_m')}), '0|t', 'a last vacuum leaves nothing dead, and little unsealed');
index_holds($node, 'after a last vacuum');
agree($node, 'after a last vacuum');
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 20 > 0');
$node->safe_psql('postgres', 'VACUUM t');
index_holds($node, 'with few rows left');
agree($node, 'with few rows left');

$node->stop;
done_testing();
