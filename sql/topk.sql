-- ORDER BY an expression over cp: what CHI Top-K gives, and that it gives what a sort gives.
SET client_min_messages = warning;
-- 200 soft blobs of 32x32 at different places and of different sizes, and three rows without a mask
CREATE TABLE dots (id int PRIMARY KEY, kind int, box roi, weight int, mask mask(32,32));
INSERT INTO dots
SELECT i, i % 4, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9), i % 150,
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 11) ^ 2 + (y - 10 - i % 13) ^ 2) / (5 + i % 17))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask
FROM generate_series(1, 200) i;
INSERT INTO dots VALUES (201, 1, 'full', 10, NULL), (202, 2, NULL, 10, NULL), (203, 3, 'full', NULL, NULL);
CREATE INDEX dots_mask ON dots USING chi (mask);
CREATE TABLE marks (dot int, place roi);
INSERT INTO marks SELECT i % 230, roi(i % 20 + 1, i % 15 + 1, i % 20 + 12, i % 15 + 14) FROM generate_series(1, 230) i;
ANALYZE dots, marks;
CREATE VIEW used AS SELECT masks, pruned > 0 AS pruned, accepted > 0 AS accepted, loaded < masks AS spared,
    pruned + accepted + loaded = masks AS complete FROM maskquery_last_query();
-- Runs a query as it is and without pruning: the same rows in the same order?
CREATE FUNCTION same(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE with_topk text; without text;
BEGIN
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO with_topk;
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO without;
    SET LOCAL maskquery.enable_pruning = on;
    RETURN with_topk IS NOT DISTINCT FROM without;
END $$;
-- The nodes of its plan that matter here.
CREATE FUNCTION nodes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Sort|CHI|Limit|Gather|Append|Index:' THEN RETURN NEXT line; END IF;
    END LOOP;
END $$;
-- sorting everything would be cheap here
SET enable_sort = off;

-- the paper's and the demo's
SELECT id FROM dots ORDER BY CP(mask, roi(5, 5, 20, 20), (0.8, 1.0)) DESC NULLS LAST, id LIMIT 5;
SELECT * FROM used;
EXPLAIN (COSTS OFF) SELECT id FROM dots ORDER BY CP(mask, roi(5, 5, 20, 20), (0.8, 1.0)) DESC NULLS LAST, id LIMIT 5;
SELECT id, CP(mask, 'full', (0.2, 0.6)) AS n FROM dots WHERE kind = 1 ORDER BY n DESC NULLS LAST, id LIMIT 5;
SELECT * FROM used;
SELECT id, round((CP(mask, box, (0.85, 1.0)) / NULLIF(CP(mask, (0.85, 1.0)), 0))::numeric, 3) AS r FROM dots ORDER BY r ASC, id LIMIT 5;
SELECT * FROM used;
SELECT id FROM dots WHERE cp(mask, 0.5, 1.0) > 100 AND kind <> 2 ORDER BY cp(mask, box, 0.8, 1.0) / area(box), id LIMIT 5;
SELECT * FROM used;

-- what is known from the index alone is not read: a region and a range that cells and bins cut nowhere
SELECT id, cp(mask, 0.5, 1.0) AS n FROM dots ORDER BY n DESC NULLS LAST, id LIMIT 5;
SELECT masks, accepted > 0 AS accepted, loaded FROM maskquery_last_query();

-- EXPLAIN
CREATE FUNCTION analyzed(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ' || query LOOP
        line := regexp_replace(line, 'actual rows=([0-9]+)[.0-9]*', 'actual rows=\1'); -- 18 shows fractions
        RETURN NEXT regexp_replace(line, '(Pruned|Accepted|Loaded|Pixel)(.*): [1-9][0-9]*', '\1\2: N');
    END LOOP;
END $$;
SELECT * FROM analyzed('SELECT id FROM dots WHERE kind < 3 ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, weight LIMIT 3') AS line
WHERE line !~ 'Buffers';
EXPLAIN (COSTS OFF, VERBOSE) SELECT id, 2 * cp(mask, box, 0.7, 1.0) FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, upper(kind::text) LIMIT 3;

-- directions, NULLs, ties, further keys, OFFSET, limits of all kinds
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC, id LIMIT 7');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 7');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) NULLS FIRST, id LIMIT 7');
SELECT same('SELECT id, cp(mask, box, 0.7, 1.0) FROM dots ORDER BY 2 USING <, id DESC LIMIT 30');
SELECT same('SELECT cp(mask, box, 0.95, 1.0) FROM dots ORDER BY 1 LIMIT 60');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.95, 1.0), kind DESC, id LIMIT 60');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.95, 1.0), cp(mask, 0.3, 0.35) DESC, id OFFSET 20 LIMIT 20');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 0');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id OFFSET 190 LIMIT 1000');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT NULL');
SELECT same('SELECT cp(mask, box, 0.95, 1.0) FROM dots ORDER BY 1 DESC NULLS LAST FETCH FIRST 5 ROWS WITH TIES');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT (SELECT 4) OFFSET (SELECT 2)');
SELECT same('SELECT id FROM dots WHERE false ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 3');
SELECT same('SELECT id FROM dots WHERE id < 0 ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 3');
-- types of the key
SELECT same('SELECT id, n FROM (SELECT id, cp(mask, box, 0.7, 1.0)::' || t || ' AS n FROM dots ORDER BY 2 DESC NULLS LAST, 1 LIMIT 9) q')
FROM unnest('{int2,int,bigint,real,numeric,"numeric(9,1)"}'::text[]) t;
SELECT same('SELECT id, -cp(mask, box, 0.7, 1.0) FROM dots ORDER BY 2 DESC, id LIMIT 90');
SELECT same('SELECT id FROM dots ORDER BY CASE kind WHEN 1 THEN ''NaN'' WHEN 2 THEN ''infinity'' ELSE cp(mask, box, 0.7, 1.0) END, id');
SELECT same('SELECT id FROM dots ORDER BY CASE WHEN kind = 1 THEN ''NaN'' WHEN kind = 2 THEN ''-infinity'' ELSE cp(mask, box, 0.7, 1.0) END DESC, id');
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0)::int % 7, id LIMIT 3');

-- memory: rows with bounds and rows with values go to disk
SET work_mem = '64kB';
SELECT same('SELECT x.id, y.id, cp(x.mask, y.box, 0.7, 1.0) FROM dots x, dots y WHERE y.id <= 20 ORDER BY 3 DESC, 1, 2');
SELECT same('SELECT x.id, y.id, cp(x.mask, y.box, 0.7, 1.0) FROM dots x, dots y WHERE y.id <= 20 ORDER BY 3 DESC NULLS LAST, 1, 2 OFFSET 30 LIMIT 10');
RESET work_mem;

-- errors are raised as without: here by every row whose divisor may be 0
SELECT id FROM dots ORDER BY 1 / cp(mask, roi(1, 1, 9, 9), 0.8, 1.0), id LIMIT 3;
SELECT id FROM dots WHERE cp(mask, roi(1, 1, 9, 9), 0.8, 1.0) > 0 ORDER BY 1 / cp(mask, roi(1, 1, 9, 9), 0.8, 1.0), id LIMIT 3;
SELECT id FROM dots ORDER BY cp(mask, 0.9, 0.1) LIMIT 1;
SELECT id FROM dots ORDER BY cp(mask, 0.9, 1.0) LIMIT -1;

SELECT id FROM dots ORDER BY cp(mask, 0.9, 1.0) DESC NULLS LAST, 1 / (id - 100), id LIMIT 1;
SELECT id FROM dots ORDER BY cp(mask, 0.9, 1.0) DESC NULLS LAST, cp(mask, 0.9, 0.1), id LIMIT 1;
SELECT same('SELECT id FROM dots ORDER BY cp(mask, box, 0.95, 1.0), cp(mask, 0.3, 0.4) / 7, (SELECT count(*) FROM marks WHERE dot = id), id LIMIT 50');

-- joins
SELECT * FROM nodes('SELECT id FROM dots JOIN marks ON dot = id ORDER BY cp(mask, place, 0.6, 1.0) DESC NULLS LAST, id LIMIT 5');
SELECT same('SELECT id, place::text FROM dots JOIN marks ON dot = id ORDER BY cp(mask, place, 0.6, 1.0) DESC NULLS LAST, id, 2 LIMIT 5');
SELECT same('SELECT dot, id FROM marks LEFT JOIN dots ON dot = id AND kind = 1 ORDER BY cp(mask, place, 0.6, 1.0) NULLS FIRST, dot LIMIT 200');
SELECT same('SELECT dot, id FROM marks LEFT JOIN dots ON dot = id ORDER BY cp(mask, place, 0.6, 1.0) NULLS LAST, dot LIMIT 20');
SELECT same('SELECT dot, id FROM marks FULL JOIN dots ON dot = id ORDER BY coalesce(cp(mask, place, 0.6, 1.0), -1), dot, id LIMIT 60');
SELECT same('SELECT x.id, y.id FROM dots x JOIN dots y ON y.id = x.id + 1 ORDER BY cp(x.mask, x.box, 0.6, 1.0) / (1 + cp(y.mask, x.box, 0.6, 1.0)) DESC NULLS LAST, x.id LIMIT 5');
SELECT same('SELECT x.id, y.id FROM dots x LEFT JOIN dots y ON y.id = x.id + 100 ORDER BY cp(x.mask, 0.6, 1.0) - cp(y.mask, 0.6, 1.0), x.id LIMIT 120');

-- subqueries, CTEs, views, set operations
SELECT same('SELECT * FROM (SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 4) a UNION ALL SELECT * FROM (SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC, id LIMIT 4) b');
SELECT same('SELECT dot, l.id FROM marks, LATERAL (SELECT id FROM dots WHERE kind = dot % 4 ORDER BY cp(mask, place, 0.7, 1.0) DESC NULLS LAST, id LIMIT 2) l WHERE dot < 12');
SELECT same('SELECT (SELECT id FROM dots ORDER BY cp(mask, place, 0.7, 1.0) DESC NULLS LAST, id LIMIT 1), dot FROM marks WHERE dot < 9');
SELECT same('WITH best AS (SELECT * FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 9) SELECT id FROM best ORDER BY cp(mask, 0.2, 0.5), id LIMIT 4');
SELECT same('SELECT id FROM (SELECT * FROM dots UNION ALL SELECT * FROM dots) d ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 4');
SELECT same('SELECT id, rank() OVER (ORDER BY cp(mask, box, 0.7, 1.0), id) FROM dots ORDER BY cp(mask, box, 0.7, 1.0), id LIMIT 4');
SELECT same('SELECT DISTINCT cp(mask, box, 0.7, 1.0) FROM dots ORDER BY 1 LIMIT 4');
SELECT same('SELECT kind FROM dots GROUP BY kind ORDER BY sum(cp(mask, box, 0.7, 1.0)) LIMIT 4');

-- cursors read what they are asked for
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, box, 0.7, 1.0) DESC, id;
FETCH 3 FROM c;
SELECT masks, loaded < 60 AS few FROM maskquery_last_query();
FETCH 3 FROM c;
MOVE ALL FROM c;
CLOSE c;
DECLARE s SCROLL CURSOR FOR SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id;
FETCH 3 FROM s;
FETCH BACKWARD 2 FROM s;
FETCH FIRST FROM s;
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 4;
COMMIT;
FETCH ALL FROM h;
CLOSE h;

-- prepared, with the limit as a parameter
PREPARE best(roi, float8, int) AS SELECT id FROM dots ORDER BY cp(mask, $1, $2, 1.0) DESC NULLS LAST, id LIMIT $3;
SET plan_cache_mode = force_generic_plan;
EXECUTE best('((5,5),(20,20))', 0.7, 3);
EXECUTE best('full', 0.9, 2);
EXECUTE best(NULL, 0.9, 2);
SELECT count(*) FROM (SELECT id FROM dots ORDER BY cp(mask, 'full', 0.9, 1.0), id LIMIT NULL) q;
RESET plan_cache_mode;

-- rows that are locked are read again
SELECT id FROM dots WHERE kind = 1 ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 3 FOR UPDATE;
SELECT * FROM nodes('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) LIMIT 3 FOR UPDATE SKIP LOCKED');

-- partitions, one of them without an index, and inheritance
CREATE TABLE parts (note text, mask mask, id int, kind int, box roi) PARTITION BY LIST (kind);
CREATE TABLE parts0 PARTITION OF parts FOR VALUES IN (0, 1);
CREATE TABLE parts2 (kind int, box roi, gone int, id int, mask mask, note text);
ALTER TABLE parts2 DROP COLUMN gone;
ALTER TABLE parts ATTACH PARTITION parts2 FOR VALUES IN (2);
CREATE TABLE parts3 PARTITION OF parts FOR VALUES IN (3);
INSERT INTO parts SELECT 'n', mask, id, kind, box FROM dots;
CREATE INDEX ON parts0 USING chi (mask);
CREATE INDEX ON parts2 USING chi (mask);
ANALYZE parts;
SELECT * FROM nodes('SELECT id FROM parts ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 5');
SELECT same('SELECT id FROM parts ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 5');
SELECT same('SELECT id, note FROM parts WHERE kind IN (0, 2) ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT 5');
SELECT same('SELECT parts.id FROM parts JOIN marks ON dot = id ORDER BY cp(mask, place, 0.6, 1.0) DESC NULLS LAST, id LIMIT 9');
SET enable_partitionwise_join = on;
SELECT same('SELECT x.id FROM parts x JOIN parts y USING (kind, id) ORDER BY cp(x.mask, y.box, 0.6, 1.0) - cp(y.mask, 0.8, 1.0), 1 LIMIT 9');
RESET enable_partitionwise_join;

-- parallel below it
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET cpu_tuple_cost = 10;
SELECT * FROM nodes('SELECT id FROM dots WHERE cp(mask, 0.3, 1.0) > 30 ORDER BY cp(mask, box, 0.7, 1.0) DESC, id LIMIT 5');
SELECT same('SELECT id FROM dots WHERE cp(mask, 0.3, 1.0) > 30 ORDER BY cp(mask, box, 0.7, 1.0) DESC, id LIMIT 5');
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET cpu_tuple_cost;

-- bounds are checked on demand; a pending row is learnt where it is read
SET maskquery.verify = on;
SELECT same('SELECT id, cp(mask, box, 0.7, 1.0) FROM dots ORDER BY 2, 1 LIMIT 20');
RESET maskquery.verify;
CREATE TABLE later AS SELECT * FROM dots;
CREATE INDEX later_mask ON later USING chi (mask) WITH (build = incremental);
SELECT same('SELECT id, cp(mask, box, 0.7, 1.0) FROM later ORDER BY 2, 1 LIMIT 20');
SELECT same('SELECT id, cp(mask, box, 0.7, 1.0) FROM later ORDER BY 2, 1 LIMIT 20');

-- rows of one table that has no NULL among its masks come from the index; only those whose turn comes are fetched
SELECT * FROM nodes('SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 5');
SELECT same('SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 5');
SELECT same('SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id');
SELECT same('SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, NULL, 0.7, 1.0), id LIMIT 2');
SELECT same('SELECT id, cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) FROM later WHERE mask IS NOT NULL ORDER BY 2, 1 LIMIT 20');
SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY 1 / cp(mask, roi(1, 1, 9, 9), 0.8, 1.0), id LIMIT 3;
SELECT id FROM dots WHERE mask IS NOT NULL ORDER BY cp(mask, 0.5, 1.0) DESC, id LIMIT 3;
SELECT * FROM used;
-- what the index still has of rows that are gone or changed does not count
CREATE TABLE full_dots (id int, note text, mask mask NOT NULL) WITH (fillfactor = 60, autovacuum_enabled = off);
INSERT INTO full_dots SELECT id, 'old', mask FROM dots WHERE mask IS NOT NULL;
CREATE INDEX full_dots_mask ON full_dots USING chi (mask);
VACUUM ANALYZE full_dots;
SELECT * FROM nodes('SELECT id FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC LIMIT 5');
BEGIN;
DELETE FROM full_dots WHERE id IN (SELECT id FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 20);
SELECT same('SELECT id FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 5');
UPDATE full_dots SET note = 'hot' WHERE id % 2 = 0;
UPDATE full_dots SET mask = ~mask WHERE id % 3 = 0;
SELECT same('SELECT id, note FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 50');
DECLARE c CURSOR FOR SELECT id FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id;
FETCH 2 FROM c;
DELETE FROM full_dots;
FETCH 2 FROM c;
ROLLBACK;
SELECT same('SELECT id, note FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 50');
SELECT same('SELECT id, note FROM full_dots ORDER BY cp(mask, roi(5, 5, 20, 20), 0.7, 1.0) DESC, id LIMIT 3 FOR UPDATE');
PREPARE from_index(roi, int) AS SELECT id FROM full_dots ORDER BY cp(mask, $1, 0.7, 1.0) DESC, id LIMIT $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE from_index('((5,5),(20,20))', 3);
DROP INDEX full_dots_mask;
EXECUTE from_index('((5,5),(20,20))', 3);
RESET plan_cache_mode;

-- where there is nothing to do, and how to turn it off
SET maskquery.enable_topk = off;
SELECT * FROM nodes('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) LIMIT 5');
RESET maskquery.enable_topk;
SELECT * FROM nodes('SELECT id FROM dots ORDER BY kind, cp(mask, box, 0.7, 1.0) LIMIT 5');
SELECT * FROM nodes('SELECT id FROM dots WHERE kind = 1 ORDER BY kind, cp(mask, box, 0.7, 1.0) LIMIT 5');
SELECT * FROM nodes('SELECT id FROM dots ORDER BY cp(mask, box, 0.7, 1.0) + random() LIMIT 5');
SELECT * FROM nodes('SELECT id FROM dots ORDER BY mask_info(mask)::text LIMIT 5');
-- a plan that was made before obeys, over a child as over the index
CREATE INDEX full_dots_mask ON full_dots USING chi (mask);
PREPARE from_child(int) AS SELECT id FROM dots WHERE kind < 3 ORDER BY cp(mask, box, 0.7, 1.0) DESC NULLS LAST, id LIMIT $1;
PREPARE of_groups AS SELECT kind FROM dots GROUP BY kind ORDER BY sum(cp(mask, roi(5, 5, 20, 20), 0.9, 1.0)), kind LIMIT 1;
SET plan_cache_mode = force_generic_plan;
EXECUTE from_index('((5,5),(20,20))', 3);
EXECUTE from_child(3);
EXECUTE of_groups;
SET maskquery.enable_pruning = off;
SELECT * FROM nodes('EXECUTE from_index(''((5,5),(20,20))'', 3)');
EXECUTE from_index('((5,5),(20,20))', 3);
SELECT masks = loaded AS all_loaded, pruned, accepted FROM maskquery_last_query();
SELECT * FROM nodes('EXECUTE from_child(3)');
EXECUTE from_child(3);
SELECT masks = loaded AS all_loaded, pruned, accepted FROM maskquery_last_query();
EXECUTE of_groups;
SELECT masks = loaded AS all_loaded, pruned, accepted FROM maskquery_last_query();
RESET maskquery.enable_pruning;
RESET plan_cache_mode;
RESET enable_sort;
DROP FUNCTION same, nodes, analyzed;
DROP VIEW used;
DROP TABLE dots, marks, parts, later, full_dots;
