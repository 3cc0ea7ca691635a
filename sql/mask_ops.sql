-- Operators on masks, crop and resize: against SQL over arrays.

-- Pixel (x, y) of mask n
CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS real IMMUTABLE LANGUAGE sql AS
    $$ SELECT (((x * 7919 + y * 104729 + n * x * y) % 1000) / 999.0)::real $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int) RETURNS real[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
CREATE TEMP TABLE t AS SELECT n, w, h, pg_temp.make(w, h, n)::mask AS m
    FROM (VALUES (1, 1, 1), (2, 5, 3), (3, 33, 65), (4, 33, 65), (5, 70, 40)) v(n, w, h);

-- Comparison with a value gives a bit mask.
SELECT '[[0.1,0.7]]'::mask > 0.7 AS gt, '[[0.1,0.7]]'::mask >= 0.7 AS ge, '[[0.1,0.7]]'::mask < 0.7 AS lt, '[[0.1,0.7]]'::mask <= 0.7 AS le;
SELECT 0.7 > '[[0.1,0.7]]'::mask AS gt, 0.7 >= '[[0.1,0.7]]'::mask AS ge, 0.7 < '[[0.1,0.7]]'::mask AS lt, 0.7 <= '[[0.1,0.7]]'::mask AS le;
SELECT '[[0.1,0.7]]'::mask > -5, '[[0.1,0.7]]'::mask > 5, '[[0.1,0.7]]'::mask < 'infinity', 'f32(0,80):[[0,12,80]]'::mask >= 12, mask_domain('f32(0,80):[[0,12,80]]'::mask >= 12);
SELECT n, v, count(*) FILTER (WHERE (m > v)::real[] <> (SELECT array_agg(r ORDER BY y) FROM (SELECT y, array_agg((pg_temp.v(x, y, n) > v::real)::int::real ORDER BY x) AS r
             FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows)
         OR (m >= v)::real[] <> (SELECT array_agg(r ORDER BY y) FROM (SELECT y, array_agg((pg_temp.v(x, y, n) >= v::real)::int::real ORDER BY x) AS r
             FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows)
         OR (m <= v) <> ~(m > v) OR (m < v) <> ~(m >= v)) AS wrong
    FROM t, unnest(ARRAY[0, 0.25, 0.5, 0.7, 1]::float8[]) v WHERE n > 1 GROUP BY n, v ORDER BY n, v;

-- Pixel-wise minimum, maximum, complement
SELECT '[[0.1,0.7]]'::mask & '[[0.2,0.5]]', '[[0.1,0.7]]'::mask | '[[0.2,0.5]]', ~'[[0.1,0.7]]'::mask, ~'u8(0,255):[[0,1,255]]'::mask, ~'f32(-1,1):[[0.5,-1]]'::mask;
SELECT 'bit:[[0,1]]'::mask & 'bit:[[1,1]]', 'bit:[[0,1]]'::mask | 'bit:[[0,0]]', ~'bit:[[0,1]]'::mask;
SELECT 'u8:[[51,102]]'::mask & '[[0.1,0.7]]' AS mixed, (mask_info('u8:[[51]]'::mask | 'u16:[[1]]')).format, (mask_info('u8:[[51]]'::mask | 'u8:[[1]]')).format;
WITH pair AS MATERIALIZED (SELECT p.m & q.m AS min, p.m | q.m AS max, ~p.m AS inverse FROM t p, t q WHERE p.n = 3 AND q.n = 4)
SELECT count(*) AS wrong FROM pair, generate_series(1, 33) x, generate_series(1, 65) y, LATERAL (SELECT pg_temp.v(x, y, 3), pg_temp.v(x, y, 4)) v(a, b)
    WHERE pixel(min, x, y) <> least(a, b) OR pixel(max, x, y) <> greatest(a, b) OR pixel(inverse, x, y) <> (1 - a::float8)::real;
SELECT cp((p.m > 0.5) & (q.m > 0.5), 1, 1) AS both, cp((p.m > 0.5) | (q.m > 0.5), 1, 1) AS either,
       (SELECT count(*) FROM unnest(p.m::real[], q.m::real[]) v(x, y) WHERE x > 0.5 AND y > 0.5) AS both_by_sql, (SELECT count(*) FROM unnest(p.m::real[], q.m::real[]) v(x, y) WHERE x > 0.5 OR y > 0.5) AS either_by_sql
    FROM t p JOIN t q ON p.n = 3 AND q.n = 4;

-- Equality: shape, format, domain and pixels
SELECT '[[0.5]]'::mask = '[[0.5]]', '[[0.5]]'::mask = '[[0.6]]', '[[0.5]]'::mask = '[[0.5,0.5]]', '[[0.5]]'::mask = 'f16:[[0.5]]', '[[0.5]]'::mask = 'f32(0,2):[[0.5]]', '[[0.5]]'::mask <> '[[0.6]]';
SELECT p.n, q.n, p.m = q.m AS eq, p.m <> q.m AS ne FROM t p, t q WHERE p.n >= 3 AND q.n >= 3 ORDER BY 1, 2;

-- Crop
SELECT mask_crop('[[0.1,0.2,0.3],[0.4,0.5,0.6]]', roi(2,1,3,1)), mask_crop('[[0.1,0.2,0.3],[0.4,0.5,0.6]]', roi(2,2,9,9)), mask_crop('[[0.1,0.2],[0.3,0.4]]', 'full');
SELECT x1, y1, x2, y2, mask_crop(m, roi(x1, y1, x2, y2))::real[]
           = (SELECT array_agg(r ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS r
              FROM generate_series(greatest(x1, 1), least(x2, w)) x, generate_series(greatest(y1, 1), least(y2, h)) y GROUP BY y) rows) AS same
    FROM t, (VALUES (1,1,32,32), (5,7,20,21), (32,32,33,33), (-4,60,2,90)) r(x1, y1, x2, y2) WHERE n = 3;

-- Resize: bilinear between pixel centres, nearest for bit
SELECT mask_resize('[[0,1]]', 4, 1), mask_resize('[[0,1],[1,0]]', 1, 1), mask_resize('bit:[[0,1]]', 4, 2), mask_resize('u8:[[0,255]]', 3, 1), mask_resize('[[0.25]]', 2, 3);
SELECT n, mask_resize(m, w, h) = m AS identity FROM t ORDER BY n;
WITH resized AS MATERIALIZED (SELECT n, w, h, mask_resize(m, 50, 30) AS s FROM t WHERE n = 4)
SELECT count(*) AS wrong FROM resized, generate_series(1, 50) x, generate_series(1, 30) y,
    LATERAL (SELECT least(greatest((x - 0.5::float8) * w / 50 - 0.5, 0), w - 1), least(greatest((y - 0.5::float8) * h / 30 - 0.5, 0), h - 1)) s(sx, sy),
    LATERAL (SELECT floor(sx)::int + 1, least(floor(sx)::int + 2, w), floor(sy)::int + 1, least(floor(sy)::int + 2, h), sx - floor(sx), sy - floor(sy)) i(x0, x1, y0, y1, fx, fy)
    WHERE abs(pixel(s, x, y)
        - ((pg_temp.v(x0, y0, n) * (1 - fx) + pg_temp.v(x1, y0, n) * fx) * (1 - fy) + (pg_temp.v(x0, y1, n) * (1 - fx) + pg_temp.v(x1, y1, n) * fx) * fy)) > 1e-6;

SELECT NULL::mask > 0.5 AS n1, '[[1]]'::mask > NULL::float8 AS n2, '[[1]]'::mask & NULL AS n3, ~NULL::mask AS n4, mask_crop('[[1]]', NULL) AS n5, mask_resize('[[1]]', NULL, 1) AS n6;
