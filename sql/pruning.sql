-- Which queries prune, and that they give what they give without. For every query: its result, then what
-- maskquery_last_query() says of it. Some of the same with pruning off close the file.
SET client_min_messages = warning;
-- 200 soft blobs of 32x32 at different places and of different sizes, and two rows without a mask
CREATE TABLE blobs (id int PRIMARY KEY, kind int, box roi, threshold int, mask mask(32,32));
INSERT INTO blobs
SELECT i, i % 4, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9), i % 150,
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 11) ^ 2 + (y - 10 - i % 13) ^ 2) / (5 + i % 17))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask
FROM generate_series(1, 200) i;
INSERT INTO blobs VALUES (201, 1, 'full', 10, NULL), (202, 2, NULL, 10, NULL);
CREATE INDEX blobs_mask ON blobs USING chi (mask);
ANALYZE blobs;
CREATE VIEW used AS SELECT masks, pruned + accepted > 0 AS decided, loaded < masks AS spared,
    pruned + accepted + loaded = masks AS complete FROM maskquery_last_query();

-- the first query of a session
\c -
SET client_min_messages = warning;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
SELECT * FROM used;
EXPLAIN (COSTS OFF) SELECT id FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;

-- every comparison, and the spellings of cp
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 'full', 0.5, 1.0) >= 300;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE 300 > cp(mask, 0.5, 1.0);
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE CP(mask, 'full', (0.5, 1.0)) <= 30;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE CP(mask, (0.5, 1.0)) = 0;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 'full', 0.5, 1.0) <> 0;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 'full', 0.5, 1.0) BETWEEN 50 AND 120;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 'full', 0.5, 1.0) IN (1000, 1001, 1002);
SELECT * FROM used;

-- conditions, arithmetic, casts
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, box, 0.8, 1.0) / area(box) < 0.05;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, box, 0.5, 1.0) / NULLIF(cp(mask, 0.5, 1.0), 0) > 0.9;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, roi(1, 1, 16, 32), 0.5, 1.0) < cp(mask, roi(17, 1, 32, 32), 0.5, 1.0);
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE kind = 1 OR NOT cp(mask, 0.5, 1.0) > 40;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 0.5, 1.0) + 2 * cp(mask, 0.2, 0.5) - 10 > threshold * 3.5;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 0.5, 1.0)::int / 10 > 20 AND cp(mask, box, 0.1, 1.0)::numeric(8,2) > 100;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE CASE WHEN kind < 2 THEN cp(mask, 0.5, 1.0) ELSE 0 END > 200;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE (cp(mask, 0.5, 1.0) > 200) IS NOT TRUE;
SELECT * FROM used;

-- an error is raised, or not, as without maskquery
SELECT count(*) FROM blobs WHERE 1 / cp(mask, 0.99, 1.0) > 0;
SELECT count(*) FROM blobs WHERE cp(mask, 0.9, threshold / 150.0) > 0;
SELECT count(*) FROM blobs WHERE cp(mask, box, 0.5, 1.0) >= 0 OR 1 / (kind - kind) > 0;

-- joins: a roi of another table
CREATE TABLE boxes (id int, other roi);
INSERT INTO boxes SELECT id, roi(4, 4, 12 + id % 15, 14 + id % 11) FROM blobs;
ANALYZE boxes;
SELECT count(*), sum(b.id) FROM blobs b JOIN boxes x USING (id) WHERE cp(mask, other, 0.5, 1.0) > 60;
SELECT * FROM used;
SELECT count(*), count(x.id), sum(b.id) FROM blobs b LEFT JOIN boxes x ON b.id = x.id AND cp(mask, other, 0.5, 1.0) > 60;
SELECT * FROM used;
SELECT count(*), sum(x.id) FROM boxes x LEFT JOIN blobs b ON b.id = x.id AND b.kind = 2 WHERE cp(mask, other, 0.5, 1.0) > 60;
SELECT * FROM used;
SELECT count(*), sum(id) FROM boxes x WHERE EXISTS (SELECT FROM blobs b WHERE b.id = x.id AND cp(mask, other, 0.5, 1.0) > 60);
SELECT * FROM used;
SELECT count(*) FROM blobs a JOIN blobs b ON b.id = a.id + 1 WHERE cp(a.mask, 0.5, 1.0) > 2 * cp(b.mask, 0.5, 1.0);
SELECT * FROM used;

-- views, CTEs, prepared statements, cursors
CREATE VIEW bright AS SELECT id, kind, cp(mask, 0.5, 1.0) AS pixels FROM blobs;
SELECT count(*), sum(id) FROM bright WHERE pixels > 200;
SELECT * FROM used;
CREATE VIEW walled WITH (security_barrier) AS SELECT * FROM blobs WHERE cp(mask, 0.5, 1.0) > 200;
SELECT count(*), sum(id) FROM walled WHERE kind = 1;
SELECT * FROM used;
WITH w AS (SELECT * FROM blobs WHERE kind = 1) SELECT count(*), sum(id) FROM w WHERE cp(mask, 0.5, 1.0) > 200;
SELECT * FROM used;
SET plan_cache_mode = force_generic_plan;
PREPARE p(roi, float8, float8, int) AS SELECT count(*), sum(id) FROM blobs WHERE cp(mask, $1, $2, $3) > $4;
EXECUTE p('((5,5),(20,20))', 0.5, 1.0, 100);
SELECT * FROM used;
EXECUTE p('full', 0.2, 'infinity', 900);
SELECT * FROM used;
EXECUTE p(NULL, 0.2, 1.0, 900);
RESET plan_cache_mode;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM blobs WHERE cp(mask, 0.5, 1.0) > 230 ORDER BY id;
FETCH 2 FROM c;
FETCH 2 FROM c;
COMMIT;

-- partitions (one with its columns in another order, one without an index), inheritance
CREATE TABLE parts (kind int, id int, mask mask) PARTITION BY LIST (kind);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 (mask mask, gone int, id int, kind int);
ALTER TABLE parts_1 DROP COLUMN gone;
ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES IN (1);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2, 3);
INSERT INTO parts SELECT kind, id, mask FROM blobs;
CREATE INDEX ON parts_0 USING chi (mask) WITH (grid_x = 4, grid_y = 4, bins = 8);
CREATE INDEX ON parts_1 USING chi (mask);
SELECT count(*), sum(id) FROM parts WHERE cp(mask, 0.5, 1.0) > 200;
SELECT pruned + accepted > 0 AS decided, loaded < masks AS spared FROM maskquery_last_query();
CREATE INDEX ON parts USING chi (mask);
SELECT count(*), sum(id) FROM parts WHERE cp(mask, 0.5, 1.0) > 200;
SELECT * FROM used;
CREATE TABLE elder (id int, mask mask);
CREATE TABLE younger (extra text) INHERITS (elder);
INSERT INTO elder SELECT id, mask FROM blobs WHERE kind = 0;
INSERT INTO younger SELECT id, mask FROM blobs WHERE kind = 1;
CREATE INDEX ON younger USING chi (mask);
SELECT count(*), sum(id) FROM elder WHERE cp(mask, 0.5, 1.0) > 200;
SELECT pruned + accepted > 0 AS decided, loaded < masks AS spared FROM maskquery_last_query();

-- UPDATE, DELETE, row locks
BEGIN;
UPDATE blobs SET kind = 9 WHERE cp(mask, 0.5, 1.0) > 200;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE kind = 9 AND cp(mask, 0.5, 1.0) > 200;
SELECT * FROM used;
DELETE FROM blobs b USING boxes x WHERE x.id = b.id AND cp(mask, other, 0.5, 1.0) > 60;
SELECT * FROM used;
SELECT count(*) FROM (SELECT FROM blobs WHERE cp(mask, 0.5, 1.0) < 20 FOR UPDATE) s;
SELECT * FROM used;
ROLLBACK;

-- row security: the policy prunes, and so does the query behind it
CREATE ROLE regress_maskquery_reader;
GRANT SELECT ON blobs, used TO regress_maskquery_reader;
ALTER TABLE blobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY dim ON blobs USING (cp(mask, 0.5, 1.0) < 200);
SET ROLE regress_maskquery_reader;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, 0.2, 1.0) > 150;
SELECT * FROM used;
RESET ROLE;
ALTER TABLE blobs DISABLE ROW LEVEL SECURITY;
DROP POLICY dim ON blobs;
REVOKE ALL ON blobs, used FROM regress_maskquery_reader;
DROP ROLE regress_maskquery_reader;

-- an expression index keeps its clause
CREATE INDEX blobs_bright ON blobs (cp(mask, 0.5, 1.0));
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM blobs WHERE cp(mask, 0.5, 1.0) > 250;
RESET enable_seqscan;
RESET enable_bitmapscan;
DROP INDEX blobs_bright;

-- verify compares every decision; the switch turns all of it off; without an index nothing is guarded
SET maskquery.verify = on;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
EXPLAIN (COSTS OFF) SELECT id FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
RESET maskquery.verify;
SET maskquery.enable_pruning = off;
EXPLAIN (COSTS OFF) SELECT id FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
SELECT masks, pruned, accepted, loaded FROM maskquery_last_query();
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, box, 0.5, 1.0) / NULLIF(cp(mask, 0.5, 1.0), 0) > 0.9;
SELECT count(*), sum(id) FROM blobs WHERE kind = 1 OR NOT cp(mask, 0.5, 1.0) > 40;
SELECT count(*), sum(b.id) FROM blobs b JOIN boxes x USING (id) WHERE cp(mask, other, 0.5, 1.0) > 60;
SELECT count(*), sum(id) FROM parts WHERE cp(mask, 0.5, 1.0) > 200;
RESET maskquery.enable_pruning;
-- a plan made with guards, after the index is gone
PREPARE q AS SELECT count(*), sum(id) FROM blobs WHERE cp(mask, roi(5, 5, 20, 20), 0.5, 1.0) > 100;
EXECUTE q;
SELECT spared FROM used;
DROP INDEX blobs_mask;
EXECUTE q;
SELECT spared FROM used;
EXPLAIN (COSTS OFF) EXECUTE q;

-- a guard's program cannot be made by hand
SELECT chi_possible('anything', 1);

DROP TABLE blobs, boxes, parts, elder, younger CASCADE;
DROP VIEW used;
