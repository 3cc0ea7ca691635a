-- Joins whose condition is an equality over cp: PostgreSQL joins as it would without maskquery's guards.
CREATE TABLE maps (id int, mask mask);
INSERT INTO maps SELECT i, mask_from_array(array_cat(array_fill(0.9::real, ARRAY[1 + i % 31, 8]), array_fill(0.1::real, ARRAY[31 - i % 31, 8]))) FROM generate_series(1, 300) i;
CREATE INDEX ON maps USING chi (mask);
CREATE TABLE numbers (n float8);
INSERT INTO numbers SELECT 8 * (i % 40) FROM generate_series(1, 300) i;
ANALYZE maps, numbers;
CREATE VIEW counted AS SELECT id, cp(mask, 0.5, 1.0) AS n FROM maps;

-- A FULL JOIN can be done in no other way than by the equality.
SELECT count(*), count(maps.id), count(n) FROM maps FULL JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n;
SELECT count(*), count(id), count(n) FROM counted FULL JOIN numbers USING (n);
SELECT count(*), count(a.id), count(b.id) FROM maps a FULL JOIN maps b ON cp(a.mask, 0.5, 1.0) = cp(b.mask, 0.0, 0.5);
SELECT count(*), count(maps.id), count(n) FROM maps FULL JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n AND cp(maps.mask, 0.5, 1.0) > 100;
SELECT count(*) FROM (SELECT maps.id FROM maps FULL JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n WHERE cp(maps.mask, 0.5, 1.0) > 100) q;

-- The others have the choice between hash, merge and loop.
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM maps JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n;
EXPLAIN (COSTS OFF) SELECT count(*) FROM maps LEFT JOIN numbers ON numbers.n = cp(maps.mask, 0.5, 1.0);
EXPLAIN (COSTS OFF) SELECT count(*) FROM maps WHERE cp(mask, 0.5, 1.0) IN (SELECT n FROM numbers);
EXPLAIN (COSTS OFF) SELECT count(*) FROM maps a JOIN maps b ON cp(a.mask, 0.5, 1.0) = cp(b.mask, 0.0, 0.5);
EXPLAIN (COSTS OFF) SELECT (SELECT count(*) FROM (SELECT 1 FROM maps JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n AND id > o.id LIMIT 5) q) FROM generate_series(1, 2) o(id);
RESET enable_mergejoin;
SELECT count(*) FROM maps JOIN numbers ON cp(maps.mask, 0.5, 1.0) = numbers.n;
SELECT count(*) FROM maps WHERE cp(mask, 0.5, 1.0) IN (SELECT n FROM numbers);
SELECT count(*) FROM maps a JOIN maps b ON cp(a.mask, 0.5, 1.0) = cp(b.mask, 0.0, 0.5);

-- What no such join can use is guarded: another comparison, both relations on one side, a number.
SELECT count(*) FROM maps JOIN numbers ON cp(maps.mask, 0.5, 1.0) > numbers.n + 230;
SELECT masks > loaded AS pruned FROM maskquery_last_query();
SELECT count(*) FROM maps JOIN numbers ON cp(maps.mask, 0.5, 1.0) - numbers.n = 240;
SELECT masks > loaded AS pruned FROM maskquery_last_query();
SELECT count(*) FROM maps WHERE cp(mask, 0.5, 1.0) = 240;
SELECT masks > loaded AS pruned FROM maskquery_last_query();

DROP VIEW counted;
DROP TABLE maps, numbers;
