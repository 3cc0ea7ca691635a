-- CHI Scan: when the planner takes it, that it gives what other plans give, and what EXPLAIN says.
SET client_min_messages = warning;
-- 400 soft blobs of 32x32, of four kinds; every 50th row has no mask
CREATE TABLE spots (id int PRIMARY KEY, kind int, box roi, note text, mask mask(32,32)) WITH (autovacuum_enabled = off);
INSERT INTO spots
SELECT i, i % 4, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9), 'n' || i,
       CASE WHEN i % 50 > 0 THEN
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 11) ^ 2 + (y - 10 - i % 13) ^ 2) / (5 + i % 17))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask END
FROM generate_series(1, 400) i;
CREATE INDEX spots_mask ON spots USING chi (mask);
VACUUM ANALYZE spots;

-- The plan without its filters, which repeat the clauses at length.
CREATE FUNCTION plan(query text, options text DEFAULT 'COSTS OFF') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
        CONTINUE WHEN line ~ '^ *(Filter|Join Filter|Output|Workers Launched):';
        RETURN NEXT regexp_replace(line, ' \(actual.*\)', '');
    END LOOP;
END $$;
CREATE FUNCTION run(query text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT plan(query, 'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF' ||
    CASE WHEN current_setting('server_version_num')::int >= 180000 THEN ', BUFFERS OFF' ELSE '' END) $$;
-- Runs a query with and without CHI Scan and without pruning; three times the same, or a message.
CREATE FUNCTION agree(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE a text; b text; c text;
BEGIN
    EXECUTE format('SELECT string_agg(q::text, '','' ORDER BY q::text) FROM (%s) q', query) INTO a;
    PERFORM set_config('maskquery.enable_chi_scan', 'off', true);
    EXECUTE format('SELECT string_agg(q::text, '','' ORDER BY q::text) FROM (%s) q', query) INTO b;
    PERFORM set_config('maskquery.enable_pruning', 'off', true);
    EXECUTE format('SELECT string_agg(q::text, '','' ORDER BY q::text) FROM (%s) q', query) INTO c;
    PERFORM set_config('maskquery.enable_chi_scan', 'on', true), set_config('maskquery.enable_pruning', 'on', true);
    IF a IS DISTINCT FROM b OR b IS DISTINCT FROM c THEN RETURN format('scan: %s guards: %s none: %s', a, b, c); END IF;
    RETURN coalesce(length(a) - length(replace(a, '(', '')), 0) || ' rows';
END $$;

-- one clause, several, with other conditions
SELECT plan('SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150');
SELECT run('SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150');
SELECT * FROM maskquery_last_query();
SELECT agree('SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150');
SELECT run('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 AND cp(mask, 0.9, 1.0) < 5 AND kind = 1');
SELECT agree('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 AND cp(mask, 0.9, 1.0) < 5 AND kind = 1');
SELECT run('SELECT id FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 70 AND cp(mask, ''full'', 0.33, 0.77) < 80');
SELECT agree('SELECT id FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 70 AND cp(mask, ''full'', 0.33, 0.77) < 80');
SELECT agree('SELECT id, tableoid::regclass, ctid, xmin = xmax, note FROM spots WHERE cp(mask, 0.5, 1.0) > 100');
-- JSON
SELECT node -> 'Custom Plan Provider' AS provider, node -> 'Bounds' AS bounds, node -> 'Masks Considered' AS masks,
    node -> 'Pruned by Bounds' AS pruned, node -> 'Accepted by Bounds' AS accepted, node -> 'Loaded' AS loaded,
    (node -> 'Pixel Bytes Read')::text::int > 0 AS bytes
FROM (SELECT string_agg(l, '')::json -> 0 -> 'Plan' AS node
      FROM plan('SELECT id FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 100', 'ANALYZE, FORMAT JSON') l) j;

-- not where the clause can hold for a row without a mask, nor where its roi or its threshold is a column's
SELECT plan('SELECT id FROM spots WHERE (cp(mask, 0.5, 1.0) > 100) IS NOT TRUE');
SELECT plan('SELECT id FROM spots WHERE coalesce(cp(mask, 0.5, 1.0), 0) < 10');
SELECT plan('SELECT id FROM spots WHERE kind = 1 OR cp(mask, 0.5, 1.0) > 100');
SELECT plan('SELECT id FROM spots WHERE cp(mask, box, 0.5, 1.0) > 100');
-- nor where another index is better, nor when switched off
SELECT plan('SELECT id FROM spots WHERE id = 7 AND cp(mask, 0.5, 1.0) > 100');
SET maskquery.enable_chi_scan = off;
SELECT plan('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100');
RESET maskquery.enable_chi_scan;
-- beside a clause that cannot drive the scan, but judges
SELECT plan('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 AND coalesce(cp(mask, 0.9, 1.0), 0) < 10');
SELECT agree('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 AND coalesce(cp(mask, 0.9, 1.0), 0) < 10');

-- parameters: no function of them is called before a row has come as far as the clause
SET plan_cache_mode = force_generic_plan;
PREPARE p(roi, float8) AS SELECT id FROM spots WHERE cp(mask, $1, 0.5, 1.0) > $2 * 100;
SELECT run('EXECUTE p(''((5,5),(20,20))'', 1.6)');
SELECT run('EXECUTE p(NULL, 1.6)');
PREPARE fails(int) AS SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 / $1 AND id < 0;
SET enable_indexscan = off; SET enable_bitmapscan = off;
SELECT plan('EXECUTE fails(0)');
EXECUTE fails(0);
PREPARE fails_too(int) AS SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > 100 / $1;
EXECUTE fails_too(0);
RESET enable_indexscan; RESET enable_bitmapscan;
RESET plan_cache_mode;
-- a value of the query's own
SELECT agree('SELECT id FROM spots WHERE cp(mask, 0.5, 1.0) > (SELECT max(id) / 4 FROM spots)');

-- rescans with other parameters
SELECT plan('SELECT b.id, n FROM spots b, LATERAL (SELECT count(*) AS n FROM spots s WHERE cp(s.mask, b.box, 0.5, 1.0) > b.id OFFSET 0) l WHERE b.id BETWEEN 40 AND 50');
SELECT agree('SELECT b.id, n FROM spots b, LATERAL (SELECT count(*) AS n FROM spots s WHERE cp(s.mask, b.box, 0.5, 1.0) > b.id OFFSET 0) l WHERE b.id BETWEEN 40 AND 50');
SELECT agree('SELECT b.id, (SELECT count(*) FROM spots s WHERE cp(s.mask, 0.5, 1.0) > b.id) FROM spots b WHERE b.id BETWEEN 40 AND 50');

-- a roi of another table's rows: the scan is run anew for each of them
CREATE TABLE few AS SELECT id, roi(4, 4, 12 + id % 15, 14 + id % 11) AS other FROM generate_series(1, 6) id;
ANALYZE few;
SELECT plan('SELECT f.id, s.id FROM few f JOIN spots s ON cp(s.mask, f.other, 0.5, 1.0) > 90');
SELECT agree('SELECT f.id, s.id FROM few f JOIN spots s ON cp(s.mask, f.other, 0.5, 1.0) > 90');
SELECT plan('SELECT f.id, s.id FROM few f LEFT JOIN spots s ON cp(s.mask, f.other, 0.5, 1.0) > 90 AND cp(s.mask, 0.5, 1.0) < 200');
SELECT agree('SELECT f.id, s.id FROM few f LEFT JOIN spots s ON cp(s.mask, f.other, 0.5, 1.0) > 90 AND cp(s.mask, 0.5, 1.0) < 200');
SELECT plan('SELECT f.id FROM few f WHERE EXISTS (SELECT FROM spots s WHERE cp(s.mask, f.other, 0.5, 1.0) > 120)');
SELECT agree('SELECT f.id FROM few f WHERE EXISTS (SELECT FROM spots s WHERE cp(s.mask, f.other, 0.5, 1.0) > 120)');
-- but not for many rows that another condition joins
SELECT plan('SELECT count(*) FROM spots a JOIN spots b ON a.id = abs(b.id) AND cp(a.mask, b.box, 0.5, 1.0) > 90');

-- cursors; backwards the result is kept
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150;
FETCH 3 FROM c;
FETCH BACKWARD 2 FROM c;
FETCH LAST FROM c;
DECLARE d NO SCROLL CURSOR FOR SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150;
FETCH 3 FROM d;
UPDATE spots SET note = 'met' WHERE CURRENT OF d;
FETCH BACKWARD 1 FROM d;
ROLLBACK;

-- parallel: every row once, workers' counts in the leader's
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
SELECT run('SELECT count(*) FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 100');
SELECT masks, pruned, accepted, loaded FROM maskquery_last_query();
SELECT agree('SELECT id FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 100');
SET parallel_leader_participation = off;
SELECT agree('SELECT id FROM spots WHERE cp(mask, ''full'', 0.33, 0.77) > 100');
SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT agree('SELECT b.id, n FROM (VALUES (1), (2), (3)) b(id), LATERAL (SELECT count(*) AS n FROM spots s WHERE cp(s.mask, 0.5, 1.0) > 100 OFFSET 0) l');
RESET ALL;
SET client_min_messages = warning;

-- security barrier: a leaky function sees what it would see without the scan
CREATE FUNCTION leak(id int) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
$$ BEGIN RAISE WARNING 'saw %', id; RETURN true; END $$;
CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 170;
SELECT plan('SELECT id FROM barrier WHERE leak(id)');
SELECT id FROM barrier WHERE leak(id);
CREATE VIEW outer_barrier WITH (security_barrier) AS SELECT * FROM spots WHERE kind = 3 AND id < 40;
SELECT id FROM outer_barrier WHERE leak(id) AND cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150;
CREATE ROLE scan_reader;
GRANT SELECT ON spots TO scan_reader;
ALTER TABLE spots ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON spots USING (kind = 2);
SET ROLE scan_reader;
SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150;
RESET ROLE;
ALTER TABLE spots DISABLE ROW LEVEL SECURITY;

-- HOT and other updates, deleted rows, rows of this very command
UPDATE spots SET note = 'hot' WHERE id % 3 = 0;
UPDATE spots SET mask = ~mask WHERE id % 7 = 0;
DELETE FROM spots WHERE id % 11 = 0;
INSERT INTO spots SELECT id + 1000, kind, box, note, mask FROM spots WHERE cp(mask, 0.5, 1.0) > 100;
SELECT agree('SELECT id, note FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150');
VACUUM spots;
SELECT agree('SELECT id, note FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150');
UPDATE spots SET note = 'scanned' WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150 AND kind = 1;
DELETE FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 150 AND kind = 1;

-- partitions with indexes of their own, one without
CREATE TABLE halves (kind int, id int, mask mask) PARTITION BY LIST (kind);
CREATE TABLE half_0 PARTITION OF halves FOR VALUES IN (0);
CREATE TABLE half_1 (mask mask, gone int, id int, kind int);
ALTER TABLE half_1 DROP COLUMN gone;
ALTER TABLE halves ATTACH PARTITION half_1 FOR VALUES IN (1);
CREATE TABLE half_2 PARTITION OF halves FOR VALUES IN (2, 3);
INSERT INTO halves SELECT kind, id, mask FROM spots;
CREATE INDEX ON half_0 USING chi (mask) WITH (grid_x = 4, grid_y = 4, bins = 8);
CREATE INDEX ON half_1 USING chi (mask);
ANALYZE halves;
SELECT plan('SELECT id FROM halves WHERE cp(mask, 0.5, 1.0) > 200');
SELECT agree('SELECT id, tableoid::regclass FROM halves WHERE cp(mask, 0.5, 1.0) > 200');

-- two mask columns with an index each; a partial index serves what implies it
CREATE TABLE pairs AS SELECT id, mask AS a, CASE WHEN id % 5 > 0 THEN mask_resize(mask, 24, 24) END AS b FROM spots;
CREATE INDEX pairs_a ON pairs USING chi (a);
CREATE INDEX pairs_b ON pairs USING chi (b) WHERE id < 300;
ANALYZE pairs;
SELECT run('SELECT id FROM pairs WHERE cp(a, 0.5, 1.0) > 100 + cp(b, 0.5, 1.0)');
SELECT agree('SELECT id FROM pairs WHERE cp(a, 0.5, 1.0) > 100 + cp(b, 0.5, 1.0)');
SELECT agree('SELECT id FROM pairs WHERE cp(a, 0.5, 1.0) > 100 AND cp(b, 0.5, 1.0) < 60');
SELECT plan('SELECT id FROM pairs WHERE cp(b, 0.5, 1.0) > 100');
SELECT plan('SELECT id FROM pairs WHERE cp(b, 0.5, 1.0) > 100 AND id < 300');
SELECT agree('SELECT id FROM pairs WHERE cp(b, 0.5, 1.0) > 100 AND id < 300');

-- pending rows are fetched, and learnt
SET maskquery.learning = inline;
CREATE INDEX pairs_b_slow ON pairs USING chi (b) WITH (build = incremental);
DROP INDEX pairs_b;
SET enable_seqscan = off;
SELECT run('SELECT id FROM pairs WHERE cp(b, 0.5, 1.0) > 200');
SELECT run('SELECT id FROM pairs WHERE cp(b, 0.5, 1.0) > 200');
RESET enable_seqscan;

-- an index that goes takes the plan along
SET plan_cache_mode = force_generic_plan;
PREPARE q AS SELECT count(*) FROM pairs WHERE cp(b, 0.5, 1.0) > 200;
SELECT plan('EXECUTE q');
EXECUTE q;
DROP INDEX pairs_b_slow;
SELECT plan('EXECUTE q');
EXECUTE q;
RESET plan_cache_mode;

-- under maskquery.verify the scan's decisions are checked too
SET maskquery.verify = on;
SELECT plan('SELECT id FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 170');
SELECT count(*) FROM spots WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 170;
RESET maskquery.verify;

DROP TABLE spots, halves, pairs, few CASCADE;
DROP ROLE scan_reader;
DROP FUNCTION plan, run, agree, leak;
