-- pixel_sum: the exact sum of the values that cp counts, rounded once; against sums over arrays, in SQL.

-- Pixel (x, y) of mask n: noise, a smooth hill, bands of one value; dyadic values, so that SQL's own sum is exact too
CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS double precision IMMUTABLE LANGUAGE sql AS
    $$ SELECT CASE n % 3 WHEN 0 THEN ((x * 7919 + y * 104729 + n * x * y) % 1024) / 1024.0::float8
                         WHEN 1 THEN floor(4096 / (1 + ((x - 40) * (x - 40) + (y - 30) * (y - 30)) / 400.0)) / 4096.0::float8
                         ELSE (x / 40 + y / 40) % 5 / 4.0::float8 END $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int, factor float8 DEFAULT 1, shift float8 DEFAULT 0) RETURNS float8[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) * factor + shift ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
CREATE TEMP TABLE t AS SELECT n, w, h, pg_temp.make(w, h, n)::mask AS m, mask_from_array(pg_temp.make(w, h, n, 2, -1)::real[], -1, 1) AS signed
    FROM (VALUES (0, 1, 1), (1, 7, 5), (2, 33, 31), (3, 75, 70), (4, 70, 75), (5, 90, 50)) s(n, w, h);
CREATE TEMP TABLE rois AS SELECT * FROM (VALUES (1,1,1,1), (5,3,60,50), (33,33,64,64), (-10,-10,40,5), (30,30,200,200), (500,1,600,70)) r(x1, y1, x2, y2);
CREATE TEMP TABLE ranges AS SELECT * FROM (VALUES (0::float8, 1::float8), (0.25, 0.6), (0.5, 1), (0.75, 0.75), (1, 1), ('-infinity', 'infinity'), ('-infinity', 0.3), (0.9, 'infinity'), (-3, -2), (2, 3)) r(lv, uv);
CREATE TEMP TABLE pixels AS SELECT n, x, y, pg_temp.v(x, y, n) AS v FROM t, generate_series(1, w) x, generate_series(1, h) y;
CREATE INDEX ON pixels (n, y);
ANALYZE pixels;

WITH expected AS (
    SELECT n, x1, y1, x2, y2, lv, uv, e.*
    FROM t, rois, ranges, LATERAL (
        SELECT coalesce(sum(v) FILTER (WHERE v >= lv::real AND (v < uv::real OR uv >= 1)), 0) AS plain,
               coalesce(sum(2 * v - 1) FILTER (WHERE 2 * v - 1 >= lv::real AND (2 * v - 1 < uv::real OR uv >= 1)), 0) AS signed_sum,
               coalesce(sum(v), 0) AS of_all
        FROM pixels p WHERE p.n = t.n AND x BETWEEN x1 AND x2 AND y BETWEEN y1 AND y2) e)
SELECT n, count(*) AS queries, count(*) FILTER (WHERE plain > 0) AS above_zero, count(*) FILTER (WHERE signed_sum < 0) AS below_zero,
       count(*) FILTER (WHERE pixel_sum(m, roi(x1, y1, x2, y2), lv, uv) <> plain) AS wrong,
       count(*) FILTER (WHERE pixel_sum(m, roi(x1, y1, x2, y2), (lv, uv)) <> plain) AS wrong_row,
       count(*) FILTER (WHERE pixel_sum(m, roi(x1, y1, x2, y2)) <> of_all) AS wrong_all,
       count(*) FILTER (WHERE pixel_sum(signed, roi(x1, y1, x2, y2), lv, uv) <> signed_sum) AS wrong_signed
    FROM expected JOIN t USING (n) GROUP BY n ORDER BY n;
SELECT n, count(*) FILTER (WHERE pixel_sum(m, lv, uv) <> expected) AS wrong, count(*) FILTER (WHERE pixel_sum(m, 'full', lv, uv) <> expected) AS wrong_full,
       bool_and(pixel_sum(m) = of_all AND pixel_sum(m, 'full') = of_all) AS all_right
    FROM (SELECT n, m, lv, uv, (SELECT coalesce(sum(v) FILTER (WHERE v >= lv::real AND (v < uv::real OR uv >= 1)), 0) FROM pixels p WHERE p.n = t.n) AS expected,
                 (SELECT sum(v) FROM pixels p WHERE p.n = t.n) AS of_all
          FROM t, ranges) e GROUP BY n ORDER BY n;

-- Exact, then rounded once: no order of double additions finds the small values next to the large ones
SELECT pixel_sum('f32(-1e20,1e20):[[1e20,1,-1e20]]') AS one, pixel_sum('f32(-1e20,1e20):[[1e20,1,1,-1e20,1]]', roi(2,1,5,1)) AS less,
       pixel_sum('[[1,1e-20,1e-40]]') AS rounded, pixel_sum('[[1e-40,0,1e-42]]') = 1e-40::real::float8 + 1e-42::real::float8 AS subnormal,
       pixel_sum(('[[' || repeat('0.1,', 9999) || '0.1]]')::mask) = (0.1::real::float8 * 10000) AS repeated;

-- The codes of u8 and u16 are added as integers: three times a third of 255 is 255
SELECT pixel_sum('u8:[[85,85,85]]') AS third, pixel_sum('u8(0,255):[[254,255,3]]') AS ids, pixel_sum('u16(0,65.535):[[1,2,3]]') AS depth,
       pixel_sum('u8(-1,1):[[0,255,128]]') AS signed, pixel_sum('f16(-2,2):[[1.5,-0.25,0.00006]]', -1, 2) AS half,
       pixel_sum('bit:[[0,1,1]]') AS bits, pixel_sum('bit(-3,7):[[0,1,1]]') AS other_bits, pixel_sum('bit(-3,7):[[0,1,1]]', -3, 0) AS low_bits;
SELECT pixel_sum('bit:[[0,1,1]]', 0.5, 1), pixel_sum('[[0.7]]', 0, 0.7), pixel_sum('u8:[[179]]', 0.7, 1) = 179 / 255.0::float8, pixel_sum('[[0,0]]'), pixel_sum('f32(-1,1):[[-0.5,0.5]]');

-- Mean, and share of the mass in a box
SELECT pixel_sum(m, box) / cp(m, box, 0, 1) AS mean, pixel_sum(m, box) / pixel_sum(m, 'full') AS share
    FROM (VALUES ('[[0.5,0.25],[0.75,0.5]]'::mask, roi(1,1,2,1))) s(m, box);

-- Outside the mask nothing is counted; any NULL gives NULL
SELECT pixel_sum('[[1]]', roi(2,1,5,5)), pixel_sum('[[1]]', roi(-5,-5,0,0), 0, 1), pixel_sum('[[1]]', roi(-5,-5,1,1));
SELECT pixel_sum(NULL) IS NULL AND pixel_sum(NULL, 'full') IS NULL AND pixel_sum('[[1]]', NULL::roi) IS NULL AND pixel_sum('[[1]]', 'full', NULL, 1) IS NULL
   AND pixel_sum('[[1]]', 0, NULL) IS NULL AND pixel_sum('[[1]]', 'full', (0, NULL::real)) IS NULL AS all_null;

-- Stored masks are read by slices: only tiles in the roi that are not constant and reach into the range
CREATE TABLE maps (id int PRIMARY KEY, m mask);
ALTER TABLE maps ALTER m SET STORAGE EXTERNAL;
INSERT INTO maps SELECT 1, (SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(CASE WHEN x <= 256 THEN 0.25
    ELSE 0.5 + (x * 7919 + y * 104729 + x * y * 31) % 4096 / 8192.0 END::real ORDER BY x) AS row
    FROM generate_series(1, 512) x, generate_series(1, 512) y GROUP BY y) r)::mask;
SELECT pixel_sum(m, roi(1,1,256,512)) FROM maps;
SELECT loaded, pixel_bytes < 10000 AS header_only FROM maskquery_last_query();
SELECT pixel_sum(m, 0, 0.4) FROM maps;
SELECT loaded, pixel_bytes < 10000 AS header_only FROM maskquery_last_query();
SELECT pixel_sum(m, roi(300,300,310,310)) > 0 FROM maps;
SELECT loaded, pixel_bytes < 40000 AS few_tiles FROM maskquery_last_query();
DROP TABLE maps;

-- Errors
SELECT pixel_sum('[[1]]', 'full', 0.8, 0.2);
SELECT pixel_sum('[[1]]', 'NaN', 1);
SELECT pixel_sum('[[1]]', 'full', ROW(1));
SELECT pixel_sum('[[1]]', 'full', (true, false));
SELECT pixel_sum('bit(-1,1.7e308):[[1,1]]');

-- With an index: bounds decide most masks, and give what the pixels give
SET client_min_messages = warning;
CREATE TABLE blobs (id int PRIMARY KEY, box roi, mask mask, signed mask);
INSERT INTO blobs
SELECT i, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9), m::mask,
       mask_from_array((SELECT array_agg(line) FROM (SELECT array_agg(2 * v - 1 ORDER BY x) AS line FROM unnest(m) WITH ORDINALITY u(v, n), LATERAL (SELECT (n - 1) / 32 AS y, (n - 1) % 32 AS x) p GROUP BY y ORDER BY y) l), -1, 1)
FROM generate_series(1, 200) i, LATERAL (SELECT array_agg(line ORDER BY y) AS m
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 16 - i % 11) ^ 2 + (y - 10 - i % 13) ^ 2) / (5 + i % 17))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l) m;
INSERT INTO blobs VALUES (201, 'full', NULL, NULL), (202, NULL, (SELECT mask FROM blobs WHERE id = 1), NULL);
CREATE INDEX ON blobs USING chi (mask);
CREATE INDEX ON blobs USING chi (signed) WITH (bins = 32);
ANALYZE blobs;
CREATE VIEW used AS SELECT masks, pruned + accepted > 0 AS decided, loaded < masks AS spared,
    pruned + accepted + loaded >= masks AS complete FROM maskquery_last_query();
EXPLAIN (COSTS OFF) SELECT id FROM blobs WHERE pixel_sum(mask, box) / NULLIF(pixel_sum(mask), 0) > 0.8;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask) > 100;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, 'full') <= 40;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, roi(5, 5, 20, 20), 0.5, 1) BETWEEN 30 AND 70;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box, (0.25, 0.75)) > 60;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, 0.99, 1) = 0;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box) / NULLIF(pixel_sum(mask), 0) > 0.8;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box) / NULLIF(cp(mask, box, '-infinity', 'infinity'), 0) < 0.2;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, box, 0.3, 1) / NULLIF(cp(mask, 0.3, 1), 0) < 0.5;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(signed) > -800;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(signed, box, -1, 0) < -100 OR pixel_sum(signed, 0.5, 1) > 60;
SELECT * FROM used;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box) IS NULL;
SELECT count(*) FROM blobs WHERE pixel_sum(mask, 'full', 'NaN', 1) > 2;
SET maskquery.enable_pruning = off;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask) > 100;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, 'full') <= 40;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, roi(5, 5, 20, 20), 0.5, 1) BETWEEN 30 AND 70;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box, (0.25, 0.75)) > 60;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, 0.99, 1) = 0;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box) / NULLIF(pixel_sum(mask), 0) > 0.8;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(mask, box) / NULLIF(cp(mask, box, '-infinity', 'infinity'), 0) < 0.2;
SELECT count(*), sum(id) FROM blobs WHERE cp(mask, box, 0.3, 1) / NULLIF(cp(mask, 0.3, 1), 0) < 0.5;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(signed) > -800;
SELECT count(*), sum(id) FROM blobs WHERE pixel_sum(signed, box, -1, 0) < -100 OR pixel_sum(signed, 0.5, 1) > 60;
RESET maskquery.enable_pruning;

-- ORDER BY ... LIMIT, by sums, by shares of them, by shares of counts
SET enable_sort = off; -- sorting everything would be cheap here
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY pixel_sum(mask) DESC NULLS LAST, id LIMIT 5) s;
SELECT decided, spared FROM used;
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY pixel_sum(mask, box) / NULLIF(pixel_sum(mask), 0), id LIMIT 5) s;
SELECT decided, spared FROM used;
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY cp(mask, box, 0.3, 1) / NULLIF(cp(mask, 0.3, 1), 0), id LIMIT 5) s;
SELECT decided, spared FROM used;
SELECT array_agg(id) FROM (SELECT id FROM blobs WHERE pixel_sum(signed) > -900 ORDER BY pixel_sum(signed, 'full', -1, 0.5) + 10, id LIMIT 5) s;
SELECT decided, spared FROM used;
SET maskquery.enable_pruning = off;
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY pixel_sum(mask) DESC NULLS LAST, id LIMIT 5) s;
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY pixel_sum(mask, box) / NULLIF(pixel_sum(mask), 0), id LIMIT 5) s;
SELECT array_agg(id) FROM (SELECT id FROM blobs ORDER BY cp(mask, box, 0.3, 1) / NULLIF(cp(mask, 0.3, 1), 0), id LIMIT 5) s;
SELECT array_agg(id) FROM (SELECT id FROM blobs WHERE pixel_sum(signed) > -900 ORDER BY pixel_sum(signed, 'full', -1, 0.5) + 10, id LIMIT 5) s;
RESET maskquery.enable_pruning;
DROP TABLE blobs;
DROP VIEW used;
