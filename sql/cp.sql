-- cp: against counts over arrays, in SQL.

-- Pixel (x, y) of mask n: noise, a smooth hill, bands of one value
CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS real IMMUTABLE LANGUAGE sql AS
    $$ SELECT CASE n % 3 WHEN 0 THEN (((x * 7919 + y * 104729 + n * x * y) % 1000) / 999.0)::real
                         WHEN 1 THEN (1 / (1 + ((x - 40) * (x - 40) + (y - 30) * (y - 30)) / 400.0))::real
                         ELSE ((x / 40 + y / 40) % 5 / 4.0)::real END $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int) RETURNS real[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
CREATE TEMP TABLE t AS SELECT n, w, h, pg_temp.make(w, h, n)::mask AS m
    FROM (VALUES (0, 1, 1), (1, 7, 5), (2, 33, 31), (3, 75, 70), (4, 70, 75), (5, 90, 50)) s(n, w, h);
CREATE TEMP TABLE rois AS SELECT * FROM (VALUES (1,1,1,1), (5,3,60,50), (33,33,64,64), (-10,-10,40,5), (30,30,200,200), (500,1,600,70)) r(x1, y1, x2, y2);
CREATE TEMP TABLE ranges AS SELECT * FROM (VALUES (0::float8, 1::float8), (0.2, 0.6), (0.5, 1), (0.75, 0.75), (1, 1), ('-infinity', 'infinity'), ('-infinity', 0.3), (0.9, 'infinity'), (-3, -2), (2, 3)) r(lv, uv);

CREATE TEMP TABLE pixels AS SELECT n, x, y, pg_temp.v(x, y, n) AS v FROM t, generate_series(1, w) x, generate_series(1, h) y;
CREATE INDEX ON pixels (n, y);
ANALYZE pixels;

-- uv at or above the top of the domain includes the top.
WITH expected AS (
    SELECT n, x1, y1, x2, y2, lv, uv,
           (SELECT count(*) FROM pixels p WHERE p.n = t.n AND x BETWEEN x1 AND x2 AND y BETWEEN y1 AND y2
                AND v >= lv::real AND (v < uv::real OR uv >= 1)) AS expected
    FROM t, rois, ranges)
SELECT n, count(*) AS queries, count(*) FILTER (WHERE expected > 0) AS above_zero,
       count(*) FILTER (WHERE cp(m, roi(x1, y1, x2, y2), lv, uv) <> expected) AS wrong,
       count(*) FILTER (WHERE cp(m, roi(x1, y1, x2, y2), (lv, uv)) <> expected) AS wrong_row
    FROM expected JOIN t USING (n) GROUP BY n ORDER BY n;
SELECT n, count(*) FILTER (WHERE cp(m, lv, uv) <> expected) AS wrong, count(*) FILTER (WHERE cp(m, (lv, uv)) <> expected) AS wrong_row,
       count(*) FILTER (WHERE cp(m, 'full', lv, uv) <> expected) AS wrong_full
    FROM (SELECT n, m, lv, uv, (SELECT count(*) FROM pixels p WHERE p.n = t.n AND v >= lv::real AND (v < uv::real OR uv >= 1)) AS expected
          FROM t, ranges) e GROUP BY n ORDER BY n;

-- The papers' spelling and ratios
SELECT CP('[[0.1,0.7],[0.9,1]]', roi(1,1,2,1), (0.5, 1.0)) AS q1, cp('[[0.1,0.7],[0.9,1]]', ROW(0.5, 1)) AS int_and_numeric,
       cp('[[0.1,0.7],[0.9,1]]', roi(2,1,2,2), 0.8, 1.0) / cp('[[0.1,0.7],[0.9,1]]', roi(2,1,2,2), 0, 1) AS ratio,
       cp('[[0.1,0.7],[0.9,1]]', roi(2,1,2,2), 0.8, 1.0) / area(roi(2,1,2,2)) AS share;
CREATE TYPE pg_temp.range4 AS (lv real, uv numeric);
SELECT cp('[[0.1,0.7]]', (0.7::real, 1::smallint)), cp('[[0.1,0.7]]', 'full', (0::bigint, 0.7::float8)), cp('[[0.1,0.7]]', ROW(0.1, 0.7)::pg_temp.range4);

-- Thresholds at the precision of the format; the top is counted by an upper end at the top or beyond
SELECT cp('[[0.7]]', 0.7, 1), cp('[[0.7]]', 0.7::real, 1), cp('[[0.7]]', 0, 0.7), cp('f16:[[0.7]]', 0.7, 1), cp('u8:[[179]]', 0.7, 1), cp('u16:[[45875]]', 0.7, 1);
SELECT cp('[[1,1]]', 0.5, 1), cp('[[1,1]]', 0.5, 0.999), cp('u8(0,255):[[255,254]]', 254, 255), cp('u8(0,255):[[255,254]]', 254, 254.4), cp('f32(-1,1):[[-1,1]]', -1, 1), cp('f32(0,80):[[80]]', 80, 90);
SELECT cp('bit:[[0,1,1]]', 0, 1), cp('bit:[[0,1,1]]', 0.5, 1), cp('bit:[[0,1,1]]', 1, 1), cp('bit:[[0,1,1]]', 0, 0.5), cp('bit:[[0,1,1]]', 0, 0), cp('bit(-1,1):[[0,1]]', 0, 1);

-- Outside the mask nothing is counted
SELECT cp('[[1]]', roi(2,1,5,5), 0, 1), cp('[[1]]', roi(-5,-5,0,0), 0, 1), cp('[[1]]', roi(-5,-5,1,1), 0, 1);

-- Any NULL gives NULL, also inside the row
SELECT cp(NULL, 'full', 0, 1) IS NULL AND cp('[[1]]', NULL, 0, 1) IS NULL AND cp('[[1]]', 'full', NULL, 1) IS NULL AND cp('[[1]]', 0, NULL) IS NULL
   AND cp('[[1]]', (NULL, 1)) IS NULL AND cp('[[1]]', 'full', (0, NULL::real)) IS NULL AND cp('[[1]]', NULL::record) IS NULL AS all_null;

-- Errors
SELECT cp('[[1]]', 'full', 0.8, 0.2);
SELECT cp('[[1]]', 'NaN', 1);
SELECT cp('[[1]]', (0.8, 0.2));
SELECT cp('[[1]]', (0.8, 'NaN'::float8));
SELECT cp('[[1]]', ROW(1));
SELECT cp('[[1]]', (1, 2, 3));
SELECT cp('[[1]]', 'full', (true, false));
