-- ORDER BY an expression over cp and further keys: those that need no mask decide ties before masks are read.
SET client_min_messages = warning;
-- 120 blobs of 32x32 whose counts often agree
CREATE TABLE spots (id int PRIMARY KEY, kind int, label text, mask mask(32,32) NOT NULL);
INSERT INTO spots
SELECT i, i % 4, CASE WHEN i % 9 > 0 THEN 'label ' || i % 5 END,
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 3) ^ 2 + (y - 16 - i % 4) ^ 2) / (4 + i % 6))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask
FROM generate_series(1, 120) i;
CREATE INDEX spots_mask ON spots USING chi (mask) WITH (extremes = 0);
VACUUM ANALYZE spots;
-- Runs a query as it is and without pruning: the same rows in the same order? And how many masks were loaded?
CREATE FUNCTION same(query text, OUT same boolean, OUT loaded bigint) LANGUAGE plpgsql AS $$
DECLARE with_topk text; without text;
BEGIN
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO with_topk;
    SELECT l.loaded INTO loaded FROM maskquery_last_query() l;
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO without;
    SET LOCAL maskquery.enable_pruning = on;
    same := with_topk IS NOT DISTINCT FROM without;
END $$;
SET enable_sort = off;

-- most rows may have the least count, 0: only those that come first by the other keys are read, not all that share it
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id LIMIT 5');
SELECT * FROM same('SELECT cp(mask, 0.1, 0.2) FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), 1 LIMIT 5');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), kind DESC, id LIMIT 5');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label DESC NULLS LAST, id LIMIT 5');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label COLLATE "C" NULLS FIRST, id % 7 DESC, id LIMIT 25');
SELECT * FROM same('SELECT upper(label) FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), upper(label) LIMIT 25');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), kind, cp(mask, 0.1, 0.2), id LIMIT 15');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id OFFSET 20 LIMIT 5');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id');
SELECT * FROM same('SELECT kind FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), kind FETCH FIRST 5 ROWS WITH TIES');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8)::numeric DESC, id LIMIT 7');
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY floor(cp(mask, roi(8, 8, 24, 24), 0.33, 1.0) / 40) DESC, label, id LIMIT 9');
-- a key that reads masks is left for later, whatever its function
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), pixel(mask, 16, 16), id LIMIT 5');
-- one that may fail, does so as in a sort
SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), 1 / (id - 100) LIMIT 1;

-- rows that the index gives: those of one best place are fetched together, and sorted by the other keys
EXPLAIN (COSTS OFF) SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id LIMIT 5;
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id LIMIT 5');
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label DESC, id % 3, id LIMIT 30');
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8) DESC, id');
SELECT * FROM same('SELECT id FROM spots ORDER BY floor(cp(mask, roi(8, 8, 24, 24), 0.33, 1.0) / 40) DESC, label, id LIMIT 9');
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), kind, cp(mask, 0.1, 0.2), id LIMIT 15');
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(8, 8, 24, 24), 0.5, 1.0), upper(label) DESC, id');
BEGIN;
DELETE FROM spots WHERE id % 5 < 2;
UPDATE spots SET kind = 7, label = 'label 0' WHERE id % 3 = 1;
UPDATE spots SET mask = ~mask WHERE id % 7 = 1;
SELECT * FROM same('SELECT id, kind FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label, id LIMIT 20');
DELETE FROM spots;
SELECT * FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), id LIMIT 5');
ROLLBACK;
-- again and again, and on disk
SELECT * FROM same('SELECT k, q.id FROM generate_series(0, 3) k, LATERAL (SELECT id FROM spots ORDER BY cp(mask, roi(3 + k, 3, 13, 13), 0.7, 0.8), label, id LIMIT 4) q');
SET work_mem = '64kB';
SELECT * FROM same('SELECT x.id, y.id FROM spots x, spots y WHERE y.id <= 30 ORDER BY cp(x.mask, roi(3, 3, 13, 13), 0.7, 0.8), y.label, x.id DESC, y.id LIMIT 20');
INSERT INTO spots SELECT 1000 * k + id, kind, label || repeat('x', 200), mask FROM spots, generate_series(1, 9) k;
SELECT same FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label, id LIMIT 200');
RESET work_mem;
SET maskquery.verify = on;
SELECT same FROM same('SELECT id FROM spots ORDER BY cp(mask, roi(3, 3, 13, 13), 0.7, 0.8), label, id LIMIT 20');
RESET maskquery.verify;

-- a value that bounds leave no choice is not read where nobody sees it, and that is what a share of 0 or 1 often is
SELECT * FROM same('SELECT id FROM spots WHERE kind < 9 ORDER BY cp(mask, roi(3, 3, 30, 30), 0.4, 0.9) / NULLIF(cp(mask, 0.4, 0.9), 0) DESC NULLS LAST, id LIMIT 9');

-- groups: what all rows of one share decides ties, too
DELETE FROM spots WHERE id > 120;
VACUUM ANALYZE spots;
SET enable_hashagg = off;
SELECT * FROM same('SELECT id FROM spots GROUP BY id ORDER BY max(cp(mask, roi(3, 3, 13, 13), 0.7, 0.8)), id LIMIT 5');
SELECT * FROM same('SELECT max(cp(mask, 0.1, 0.2)) FROM spots GROUP BY id ORDER BY max(cp(mask, roi(3, 3, 13, 13), 0.7, 0.8)), 1 LIMIT 5');
SELECT * FROM same('SELECT kind, label FROM spots GROUP BY kind, label ORDER BY min(cp(mask, roi(3, 3, 13, 13), 0.7, 0.8)), label DESC NULLS LAST, kind DESC LIMIT 5');
SELECT * FROM same('SELECT kind, label FROM spots GROUP BY kind, label HAVING count(*) > 3 ORDER BY min(cp(mask, roi(3, 3, 13, 13), 0.7, 0.8)), label, max(cp(mask, 0.1, 0.2)), kind OFFSET 2 LIMIT 5');
RESET enable_hashagg;

DROP FUNCTION same;
DROP TABLE spots;
