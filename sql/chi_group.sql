-- GROUP BY with conditions or an order over aggregates of cp: what CHI Group gives, and that it gives what an Agg gives.
SET client_min_messages = warning;
-- 200 groups of 5 soft blobs of 32x32 at different places, of a size that the group has; then rows without a mask
CREATE TABLE blobs (id int PRIMARY KEY, image int, kind int, box roi, weight int, share numeric, mask mask(32,32));
INSERT INTO blobs
SELECT i, i / 5, i % 3, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9), i % 150, i / 7.0,
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 11) ^ 2 + (y - 10 - i % 13) ^ 2) / (5 + (i / 5 * 7) % 17))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask
FROM generate_series(1, 999) i;
INSERT INTO blobs VALUES (2001, 1, 1, 'full', 10, 1, NULL), (2002, 2, 2, NULL, 10, NULL, NULL), (2003, 3000, 0, 'full', NULL, 2, NULL),
    (2004, NULL, NULL, 'full', NULL, 2, NULL);
CREATE INDEX blobs_mask ON blobs USING chi (mask);
CREATE TABLE images (image int, label text, place roi);
INSERT INTO images SELECT i, 'label ' || i % 7, roi(i % 20 + 1, i % 15 + 1, i % 20 + 12, i % 15 + 14) FROM generate_series(1, 150) i;
VACUUM ANALYZE blobs, images;
CREATE VIEW used AS SELECT masks, pruned > 0 AS pruned, accepted > 0 AS accepted, loaded < masks AS spared,
    pruned + accepted + loaded = masks AS complete FROM maskquery_last_query();
-- Runs a query as it is and without pruning: the same rows in the same order?
CREATE FUNCTION same(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE with_group text; without text;
BEGIN
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO with_group;
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO without;
    SET LOCAL maskquery.enable_pruning = on;
    RETURN with_group IS NOT DISTINCT FROM without;
END $$;
-- The nodes of its plan that matter here.
CREATE FUNCTION nodes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Sort|CHI|Limit|Gather|Append|Agg|Join' THEN RETURN NEXT line; END IF;
    END LOOP;
END $$;
-- How its groups fared.
CREATE FUNCTION groups(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
        IF line ~ 'Groups|Masks|by Bounds|Loaded' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;

-- the paper's Q4 and its example of a filter
EXPLAIN (COSTS OFF)
SELECT image, avg(CP(mask, box, (0.8, 1.0))) FROM blobs GROUP BY image ORDER BY avg(CP(mask, box, (0.8, 1.0))) DESC NULLS LAST LIMIT 5;
SELECT image, round(avg(CP(mask, box, (0.8, 1.0)))::numeric, 3) FROM blobs GROUP BY image ORDER BY avg(CP(mask, box, (0.8, 1.0))) DESC NULLS LAST LIMIT 5;
SELECT * FROM used;
EXPLAIN (COSTS OFF)
SELECT image FROM blobs GROUP BY image HAVING sum(CP(mask, roi(5, 5, 20, 20), (0.5, 1.0))) > 300;
SELECT groups('SELECT image FROM blobs GROUP BY image HAVING sum(CP(mask, roi(5, 5, 20, 20), (0.5, 1.0))) > 300');
SELECT groups('SELECT image FROM blobs GROUP BY image ORDER BY sum(CP(mask, roi(5, 5, 20, 20), (0.5, 1.0))) DESC NULLS LAST LIMIT 10');
SELECT groups('SELECT image, min(id) FROM blobs GROUP BY image ORDER BY sum(CP(mask, roi(5, 5, 20, 20), (0.5, 1.0))) DESC NULLS LAST LIMIT 10');

-- keys without an aggregate decide ties before masks are read
SELECT groups('SELECT image, sum(cp(mask, box, 0.9, 1.0)) FROM blobs GROUP BY image ORDER BY sum(cp(mask, box, 0.9, 1.0)), image LIMIT 3');
SELECT groups('SELECT image FROM blobs GROUP BY image, kind ORDER BY sum(cp(mask, box, 0.9, 1.0)), kind DESC, max(weight), image LIMIT 3');

-- every aggregate, in both places
SELECT f, same(format('SELECT image, count(*) FROM blobs GROUP BY image HAVING %s ORDER BY image', h)) AS having_agrees, same(format('SELECT image, %s FROM blobs GROUP BY image ORDER BY 2 DESC, image LIMIT 7', f)) AS down,
    same(format('SELECT image, %s FROM blobs GROUP BY image ORDER BY 2 NULLS FIRST, image LIMIT 7 OFFSET 3', f)) AS up
FROM (VALUES ('avg(cp(mask, box, 0.5, 1.0))', 'avg(cp(mask, box, 0.5, 1.0)) > 100'),
    ('sum(cp(mask, 0.5, 1.0))', 'sum(cp(mask, 0.5, 1.0)) BETWEEN 200 AND 500'),
    ('min(cp(mask, box, 0.2, 0.6))', 'min(cp(mask, box, 0.2, 0.6)) IS DISTINCT FROM 0'),
    ('max(cp(mask, box, 0.2, 0.6)::int)', 'max(cp(mask, box, 0.2, 0.6)::int) < 50'),
    ('count(cp(mask, box, 0.2, 0.6))', 'count(cp(mask, box, 0.2, 0.6)) < 5'),
    ('count(*) FILTER (WHERE cp(mask, box, 0.5, 1.0) > 60)', 'count(*) FILTER (WHERE cp(mask, box, 0.5, 1.0) > 60) >= 3'),
    ('avg(cp(mask, box, 0.5, 1.0)::numeric / 7) FILTER (WHERE kind = 1)', 'avg(cp(mask, box, 0.5, 1.0)::numeric / 7) FILTER (WHERE kind = 1) < 20 OR image = 2'),
    ('sum(cp(mask, box, 0.5, 1.0) * weight) FILTER (WHERE cp(mask, 0.3, 1.0) > 100)', 'sum(cp(mask, box, 0.5, 1.0) * weight) FILTER (WHERE cp(mask, 0.3, 1.0) > 100) > 1000'),
    ('round(avg(cp(mask, box, 0.5, 1.0) / area(box))::numeric, 6)', 'avg(cp(mask, box, 0.5, 1.0) / area(box)) > 0.3 AND NOT sum(share) > 300'),
    ('max(pixel_sum(mask, box))', 'max(pixel_sum(mask, box)) > 80'),
    ('avg(mask_iou(mask, mask, 0.5))', 'avg(mask_iou(mask, mask, 0.5)) > 0.5'),
    ('sum(cp(mask, box, 0.5, 1.0)) / nullif(sum(cp(mask, 0.2, 1.0)), 0)', 'sum(cp(mask, box, 0.5, 1.0)) / nullif(sum(cp(mask, 0.2, 1.0)), 0) > 0.4'),
    ('count(DISTINCT cp(mask, 0.5, 1.0)) + max(DISTINCT cp(mask, 0.5, 1.0))', 'max(DISTINCT cp(mask, 0.5, 1.0)) > 90 AND count(DISTINCT kind) > 2')) v(f, h);

-- several grouping columns and expressions, nothing but keys in them, joins, groups without rows that count
SELECT same($$SELECT kind, image / 20, max(id) FROM blobs GROUP BY 1, 2 HAVING sum(cp(mask, box, 0.5, 1.0)) > 2000 OR kind IS NULL ORDER BY 1, 2$$);
SELECT same($$SELECT upper('k' || image % 9) AS k FROM blobs GROUP BY k HAVING avg(cp(mask, 0.5, 1.0)) > length(upper('k' || image % 9)) + 80 ORDER BY k$$);
SELECT same($$SELECT label, count(*), sum(weight) FROM blobs JOIN images USING (image) GROUP BY label HAVING avg(cp(mask, place, 0.5, 1.0)) > 40 ORDER BY label$$);
SELECT nodes($$SELECT label FROM blobs JOIN images USING (image) GROUP BY label ORDER BY avg(cp(mask, place, 0.5, 1.0)) DESC LIMIT 2$$);
SELECT same($$SELECT label FROM blobs RIGHT JOIN images USING (image) GROUP BY label ORDER BY avg(cp(mask, place, 0.5, 1.0)) DESC, label LIMIT 2$$);
SELECT same($$SELECT i.image FROM images i LEFT JOIN blobs b ON b.image = i.image AND b.weight > 140 GROUP BY i.image ORDER BY avg(cp(mask, place, 0.5, 1.0)) DESC, i.image LIMIT 20$$);
SELECT same($$SELECT image FROM blobs GROUP BY image ORDER BY avg(cp(mask, box, 0.5, 1.0)) FILTER (WHERE weight > 145) DESC NULLS LAST, image DESC FETCH FIRST 30 ROWS WITH TIES$$);
SELECT same($$SELECT image FROM blobs GROUP BY image ORDER BY avg(cp(mask, box, 0.5, 1.0)) FILTER (WHERE weight > 145) FETCH FIRST 3 ROWS WITH TIES$$);
-- a condition that bounds know nothing of: groups that may fall out make no others superfluous
SELECT same($$SELECT image FROM blobs GROUP BY image HAVING bool_or(weight > 145) ORDER BY avg(cp(mask, box, 0.5, 1.0)) DESC NULLS LAST LIMIT 5$$);
SELECT nodes($$SELECT image FROM blobs GROUP BY image HAVING bool_or(weight > 145) ORDER BY avg(cp(mask, box, 0.5, 1.0)) DESC NULLS LAST LIMIT 5$$);
-- clauses of WHERE still prune what they did
SELECT nodes($$SELECT image FROM blobs WHERE cp(mask, 0.8, 1.0) > 20 GROUP BY image HAVING min(cp(mask, box, 0.5, 1.0)) > 70$$);
SELECT same($$SELECT image FROM blobs WHERE cp(mask, 0.8, 1.0) > 20 AND id <> 7 GROUP BY image HAVING min(cp(mask, box, 0.5, 1.0)) > 70 ORDER BY image$$);
-- above it: DISTINCT, window functions, a set operation, a subquery
SELECT same($$SELECT DISTINCT round(avg(cp(mask, box, 0.5, 1.0))) AS a FROM blobs GROUP BY image HAVING avg(cp(mask, box, 0.5, 1.0)) > 120 ORDER BY a$$);
SELECT same($$SELECT image, rank() OVER (ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC, image) FROM blobs GROUP BY image HAVING sum(cp(mask, box, 0.5, 1.0)) > 700 ORDER BY 2$$);
SELECT same($$SELECT image FROM blobs GROUP BY image HAVING max(cp(mask, 0.5, 1.0)) > (SELECT 150) UNION ALL SELECT -1 ORDER BY 1$$);
SELECT same($$SELECT i.image, b.* FROM images i, LATERAL (SELECT kind FROM blobs b WHERE b.image / 50 = i.image GROUP BY kind ORDER BY sum(cp(mask, i.place, 0.3, 1.0)) DESC LIMIT 2) b WHERE i.image < 4 ORDER BY 1, 2$$);
SELECT same($$SELECT id FROM blobs WHERE image IN (SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, box, 0.5, 1.0)) > 900) ORDER BY id$$);
SELECT same($$SELECT image, generate_series(1, 2) FROM blobs GROUP BY 1 HAVING avg(cp(mask, box, 0.5, 1.0)) > 150 ORDER BY 1, 2$$);
SELECT same($$SELECT generate_series(1, 2), count(*) FROM blobs GROUP BY 1 HAVING avg(cp(mask, box, 0.5, 1.0)) > 50 ORDER BY 1$$);
SELECT same($$SELECT id, mask IS NULL FROM blobs GROUP BY id HAVING sum(cp(mask, box, 0.5, 1.0)) > 200 ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC, id LIMIT 5$$);
SELECT same($$SELECT 1 FROM blobs WHERE image = 30 GROUP BY image HAVING sum(cp(mask, box, 0.5, 1.0)) > 300$$);
SELECT same($$SELECT image, kind FROM blobs GROUP BY ROLLUP (image, kind) HAVING sum(cp(mask, box, 0.5, 1.0)) > 900 ORDER BY 1, 2$$);
BEGIN;
WITH bright AS (SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, box, 0.5, 1.0)) > 1000)
UPDATE blobs SET weight = -1 WHERE image IN (SELECT * FROM bright);
SELECT count(*), count(DISTINCT image) FROM blobs WHERE weight = -1;
ROLLBACK;
-- no such group, all of them, none wanted
SELECT groups('SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, 0.5, 1.0)) > 1e6');
SELECT groups('SELECT image FROM blobs GROUP BY image HAVING coalesce(sum(cp(mask, 0.5, 1.0)), 0) >= 0');
SELECT same('SELECT image FROM blobs GROUP BY image ORDER BY sum(cp(mask, 0.5, 1.0)), image LIMIT 0');
SELECT same('SELECT image FROM blobs GROUP BY image ORDER BY sum(cp(mask, 0.5, 1.0)), image LIMIT 5000');

-- prepared statements, cursors
PREPARE bright(roi, float8, float8, bigint) AS SELECT image FROM blobs GROUP BY image HAVING avg(cp(mask, $1, $2, 1.0)) > $3 ORDER BY avg(cp(mask, $1, $2, 1.0)) DESC, image LIMIT $4;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE bright('full', 0.5, 150, 3);
EXECUTE bright('full', 0.5, 150, 3);
EXECUTE bright('((5,5),(20,20))', 0.8, 20, 2);
EXECUTE bright(NULL, 0.8, 20, 2);
EXECUTE bright('full', 0.5, NULL, 2);
RESET plan_cache_mode;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT image, max(id) FROM blobs GROUP BY image ORDER BY max(cp(mask, box, 0.5, 1.0)) DESC NULLS LAST, image;
FETCH 2 FROM c;
SAVEPOINT s;
MOVE 3 IN c;
ROLLBACK TO s;
FETCH 2 FROM c;
FETCH BACKWARD 3 FROM c;
CLOSE c;
COMMIT;

-- partitions, each with its own index or none; Gather
CREATE TABLE parts (LIKE blobs) PARTITION BY LIST (kind);
CREATE TABLE part0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE part1 (more int, LIKE blobs);
ALTER TABLE part1 DROP COLUMN more;
ALTER TABLE parts ATTACH PARTITION part1 FOR VALUES IN (1);
CREATE TABLE part2 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT * FROM blobs;
CREATE INDEX ON part0 USING chi (mask);
CREATE INDEX ON part1 USING chi (mask) WITH (cell_width = 4, cell_height = 4);
ANALYZE parts;
SELECT nodes($$SELECT image FROM parts GROUP BY image HAVING max(cp(mask, box, 0.5, 1.0)) > 150$$);
SELECT same($$SELECT image FROM parts GROUP BY image HAVING max(cp(mask, box, 0.5, 1.0)) > 150 ORDER BY image$$);
SELECT same($$SELECT kind, image / 10 FROM parts WHERE kind < 2 GROUP BY 1, 2 ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC, 1, 2 LIMIT 5$$);
SELECT same($$SELECT label FROM parts JOIN images USING (image) GROUP BY label ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC LIMIT 2$$);
BEGIN;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL enable_hashagg = off;
SELECT same($$SELECT image FROM blobs WHERE cp(mask, 0.8, 1.0) > 20 GROUP BY image ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC, image LIMIT 5$$);
COMMIT;

-- rows and groups beyond work_mem go to disk
BEGIN;
SET LOCAL work_mem = '64kB';
SELECT same($$SELECT image / 50, repeat('x', 400) || image AS long FROM blobs, generate_series(1, 3) GROUP BY 1, 2 ORDER BY sum(cp(mask, box, 0.5, 1.0)) DESC, 1, 2$$);
SELECT same($$SELECT image / 50 FROM blobs, generate_series(1, 3) GROUP BY 1 HAVING sum(cp(mask, box, 0.5, 1.0)) > 60000 ORDER BY 1$$);
COMMIT;

-- errors: those of keys and conditions are raised, whatever the bounds say
SELECT image FROM blobs GROUP BY image HAVING avg(cp(mask, box, 0.5, 1.0)) > 1000 AND 1 / sum(cp(mask, 0.5, 1.0)) > 0;
SELECT image FROM blobs WHERE image < 150 GROUP BY image HAVING sum(cp(mask, 0.9, 0.1)) > 5;
SELECT image FROM blobs GROUP BY image HAVING max(cp(mask, 0.5, 1.0)) > 1e6 AND sum(1 / cp(mask, 0.999, 1.0)) > 5;
SELECT image FROM blobs WHERE image < 150 GROUP BY image ORDER BY avg(cp(mask, 0.5, 1.0)) DESC, 1 / (image - 5) LIMIT 1;
SELECT nodes('SELECT image FROM blobs GROUP BY image HAVING avg(cp(mask, box, 0.5, 1.0)) > random() * 100');

-- switches
PREPARE sums AS SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, 0.5, 1.0)) > 700;
SELECT groups('EXECUTE sums');
SET maskquery.enable_pruning = off;
SELECT groups('EXECUTE sums');
RESET maskquery.enable_pruning;
DEALLOCATE sums;
SET maskquery.enable_group = off;
SELECT nodes('SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, 0.5, 1.0)) > 100');
RESET maskquery.enable_group;
SET maskquery.verify = on;
SELECT groups('SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, 0.5, 1.0)) > 700');
SELECT groups('SELECT image FROM blobs GROUP BY image HAVING sum(cp(mask, 0.5, 1.0)) > 500 ORDER BY avg(cp(mask, box, 0.5, 1.0)) LIMIT 3');
RESET maskquery.verify;

-- a pending mask is learnt from, and a mask that changes is seen
CREATE INDEX late ON parts USING chi (mask) WITH (build = incremental);
SET maskquery.learning = inline;
SELECT same($$SELECT image FROM parts GROUP BY image HAVING max(cp(mask, box, 0.5, 1.0)) > 150 ORDER BY image$$);
SELECT groups($$SELECT image FROM parts WHERE kind = 2 GROUP BY image HAVING max(cp(mask, box, 0.5, 1.0)) > 150$$);
UPDATE blobs SET mask = ~mask WHERE image = 33;
SELECT image FROM blobs GROUP BY image ORDER BY sum(cp(mask, 0.9, 1.0)) DESC NULLS LAST LIMIT 1;
DROP TABLE blobs, images, parts CASCADE;
DROP FUNCTION same(text), nodes(text), groups(text);
DROP VIEW used;
