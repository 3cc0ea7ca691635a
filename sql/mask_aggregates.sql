-- Aggregates over masks: against aggregates over pixels.

CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS real IMMUTABLE LANGUAGE sql AS
    $$ SELECT (((x * 7919 + y * 104729 + n * x * y) % 1000) / 999.0)::real $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int) RETURNS real[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
CREATE TABLE agg_masks AS SELECT n, n % 3 AS g, pg_temp.make(40, 35, n)::mask AS m FROM generate_series(1, 12) n;
INSERT INTO agg_masks VALUES (13, 0, NULL), (14, 3, NULL);
CREATE TEMP TABLE pixels AS SELECT g, x, y, min(v), max(v), avg(v::float8), least(sum(v::float8 * n / 20), 1) AS sum
    FROM agg_masks, generate_series(1, 40) x, generate_series(1, 35) y, LATERAL (SELECT pg_temp.v(x, y, n)) p(v) WHERE m IS NOT NULL GROUP BY g, x, y;
CREATE VIEW pg_temp.aggregated AS
    SELECT g, mask_intersect(m) AS i, mask_union(m) AS u, mask_avg(m) AS a, mask_sum(m, n / 20.0) AS s FROM agg_masks GROUP BY g;

SELECT g, i IS NULL AND u IS NULL AND a IS NULL AND s IS NULL AS empty FROM pg_temp.aggregated ORDER BY g;
WITH r AS MATERIALIZED (SELECT * FROM pg_temp.aggregated)
SELECT g, count(*) AS pixels, count(*) FILTER (WHERE pixel(i, x, y) <> min) AS wrong_min, count(*) FILTER (WHERE pixel(u, x, y) <> max) AS wrong_max,
       count(*) FILTER (WHERE abs(pixel(a, x, y) - avg) > 1e-7) AS wrong_avg, count(*) FILTER (WHERE abs(pixel(s, x, y) - sum) > 1e-7) AS wrong_sum
    FROM r JOIN pixels USING (g) GROUP BY g ORDER BY g;

-- Parallel workers build partial states; the result is the same.
CREATE TEMP TABLE serial AS SELECT * FROM pg_temp.aggregated;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
ALTER TABLE agg_masks SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT mask_intersect(m), mask_avg(m) FROM agg_masks;
CREATE TEMP TABLE parallel AS SELECT g, mask_intersect(m) AS i, mask_union(m) AS u, mask_avg(m) AS a, mask_sum(m, n / 20.0) AS s FROM agg_masks GROUP BY g;
SELECT g, p.i = s.i AS i, p.u = s.u AS u,
       (SELECT bool_and(abs(x - y) < 1e-6) FROM unnest(p.a::real[], s.a::real[]) v(x, y)) AS a,
       (SELECT bool_and(abs(x - y) < 1e-6) FROM unnest(p.s::real[], s.s::real[]) v(x, y)) AS s
    FROM parallel p JOIN serial s USING (g) ORDER BY g;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;

-- MASK_AGG of the paper: on thresholded masks the intersection and the union, their ratio (IoU)
SELECT g, cp(mask_intersect(m > 0.7), 'full', 0.7, 1.0) AS both, cp(mask_union(m > 0.7), 'full', 0.7, 1.0) AS either,
       (SELECT count(*) FROM pixels p WHERE p.g = t.g AND min > 0.7::real) AS both_by_sql, (SELECT count(*) FROM pixels p WHERE p.g = t.g AND max > 0.7::real) AS either_by_sql
    FROM agg_masks t WHERE m IS NOT NULL GROUP BY g
    HAVING cp(mask_union(m > 0.7), 0.7, 1.0) > 0 ORDER BY cp(mask_intersect(m > 0.7), 0.7, 1.0) / cp(mask_union(m > 0.7), 0.7, 1.0), g;

-- Formats: kept when all agree, f32 otherwise; mean and sum are f32 and stay inside the domain
SELECT mask_intersect(m), mask_union(m), mask_avg(m), mask_sum(m, 1) FROM (VALUES ('u8:[[0,51,255]]'::mask), ('u8:[[51,0,255]]')) v(m);
SELECT mask_intersect(m), mask_union(m) FROM (VALUES ('u8:[[0,51,255]]'::mask), ('bit:[[1,0,1]]'), ('[[0.1,0.1,0.1]]')) v(m);
SELECT mask_avg(m), mask_sum(m, 2), mask_sum(m, -1) FROM (VALUES ('f32(-1,1):[[-1,0.25]]'::mask), ('f32(-1,1):[[0.5,0.25]]')) v(m);
SELECT mask_intersect(m), mask_union(m), mask_avg(m) FROM (VALUES ('bit:[[0,1,1]]'::mask), ('bit:[[1,0,1]]'), ('bit:[[1,1,1]]'), ('bit:[[0,1,1]]')) v(m);
SELECT mask_sum(m, w) FROM (VALUES ('[[0.5,1]]'::mask, 0.5), ('[[1,1]]', NULL), (NULL, 1), ('[[0.5,0]]', 0.25)) v(m, w);
SELECT mask_avg(m) FILTER (WHERE n > 1) OVER (ORDER BY n) FROM (VALUES (1, '[[0]]'::mask), (2, '[[0.5]]'), (3, '[[1]]')) v(n, m);

-- Aggregates that users make
CREATE FUNCTION pg_temp.either(mask, mask) RETURNS mask IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$ SELECT ($1 > 0.5) | ($2 > 0.5) $$;
CREATE AGGREGATE pg_temp.any_above(mask) (SFUNC = pg_temp.either, STYPE = mask, COMBINEFUNC = pg_temp.either, PARALLEL = SAFE);
CREATE FUNCTION pg_temp.parity(mask, mask) RETURNS mask IMMUTABLE STRICT LANGUAGE sql AS $$ SELECT ($1 | $2) & ~($1 & $2) $$;
CREATE AGGREGATE pg_temp.xor(mask) (SFUNC = pg_temp.parity, STYPE = mask);
SELECT pg_temp.any_above(m), pg_temp.xor(m > 0.5) FROM (VALUES ('[[0,0.6,1]]'::mask), ('[[0.1,0.2,0.9]]'), ('[[0,0,1]]')) v(m);
SELECT g, cp(pg_temp.any_above(m), 1, 1) AS above, (SELECT count(*) FROM pixels p WHERE p.g = t.g AND max > 0.5::real) AS above_by_sql
    FROM agg_masks t WHERE m IS NOT NULL GROUP BY g ORDER BY g;

-- One shape and one domain a group
SELECT mask_intersect(m) FROM (VALUES ('[[0,1]]'::mask), ('[[0],[1]]')) v(m);
SELECT mask_union(m) FROM (VALUES ('[[0,1]]'::mask), ('f32(0,2):[[0,1]]')) v(m);
SELECT mask_avg(m) FROM (VALUES ('[[0,1]]'::mask), ('[[0,1,0]]')) v(m);
SELECT mask_sum(m, 1) FROM (VALUES ('u8(0,255):[[0,1]]'::mask), ('u8:[[0,1]]')) v(m);
SELECT mask_sum(m, 'NaN') FROM (VALUES ('[[0,1]]'::mask)) v(m);
SELECT mask_sum(m, 'infinity') FROM (VALUES ('[[0,1]]'::mask)) v(m);
SELECT mask_sum(m, 1e308) FROM (VALUES ('f32(0,80):[[80]]'::mask)) v(m);
DROP TABLE agg_masks CASCADE;
