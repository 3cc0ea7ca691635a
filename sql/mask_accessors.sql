-- Shape, header, pixels, histogram, thumbnail.

-- Pixel (x, y) of mask n
CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS real IMMUTABLE LANGUAGE sql AS
    $$ SELECT (((x * 7919 + y * 104729 + n * x * y) % 1000) / 999.0)::real $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int) RETURNS real[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
CREATE TEMP TABLE t AS SELECT n, w, h, pg_temp.make(w, h, n)::mask AS m
    FROM (VALUES (1, 1, 1), (2, 5, 3), (3, 32, 32), (4, 33, 65), (5, 150, 90)) v(n, w, h);

SELECT width('[[0.1,0.2,0.3]]'::mask), height('[[0.1],[0.2]]'::mask), mask_domain('f32(-1,1):[[0]]');
SELECT n, width(m) = w AND height(m) = h AS shaped, (mask_info(m)).width, (mask_info(m)).height, (mask_info(m)).format, (mask_info(m)).lo, (mask_info(m)).hi FROM t ORDER BY n;
SELECT width, height, format, lo, hi, bytes > 24 AS has_bytes, tiles = ceil(width::numeric / tile_width) * ceil(height::numeric / tile_height) AS tiled
    FROM mask_info('u16(0,80):[[1,2,3],[4,5,6]]');
-- All pixels of one value: extremes of tiles only
SELECT (mask_info(('[' || repeat('[' || repeat('0.5,', 99) || '0.5],', 99) || '[' || repeat('0.5,', 99) || '0.5]]')::mask)).bytes < 500 AS small;

SELECT pixel('[[0.1,0.2,0.3],[0.4,0.5,0.6]]', 1, 1), pixel('[[0.1,0.2,0.3],[0.4,0.5,0.6]]', 3, 1), pixel('[[0.1,0.2,0.3],[0.4,0.5,0.6]]', 3, 2),
       pixel('u8(0,255):[[7,8]]', 2, 1), pixel('u16(0,65.535):[[1234]]', 1, 1), pixel('bit:[[0,1]]', 2, 1), pixel('f16:[[0.5]]', 1, 1);
SELECT n, count(*), count(*) FILTER (WHERE pixel(m, x, y) <> pg_temp.v(x, y, n)) AS wrong
    FROM t, generate_series(1, w) x, generate_series(1, h) y GROUP BY n ORDER BY n;

-- Histogram: bin i holds what cp counts between its edges
SELECT mask_histogram('[[0,0.1,0.25],[0.5,0.99,1]]', 4), mask_histogram('u8(0,8):[[0,1,254,255]]', 8), mask_histogram('bit:[[0,1,1]]', 2), mask_histogram('[[0.5]]', 1);
SELECT n, bins, count(*) FILTER (WHERE count <> cp(m, (i - 1)::float8 / bins, i::float8 / bins)) AS wrong,
       sum(count) = w * h AS all_pixels,
       count(*) FILTER (WHERE count <> (SELECT count(*) FROM unnest(m::real[]) v
                        WHERE v >= ((i - 1)::float8 / bins)::real AND (v < (i::float8 / bins)::real OR i = bins))) AS wrong_by_sql
    FROM t, unnest(ARRAY[1,3,16]) bins, unnest(mask_histogram(m, bins)) WITH ORDINALITY h(count, i)
    WHERE n <= 4 GROUP BY n, bins, w, h ORDER BY n, bins;

-- Thumbnail: means of what a pixel covers
SELECT mask_thumbnail('[[0,1],[1,1]]', 1, 1), mask_thumbnail('[[0,0,1,1],[0,0,1,1]]', 2, 1), mask_thumbnail('u8(0,255):[[10,20],[30,40]]', 1, 1),
       mask_thumbnail('[[0,1,1]]', 2, 1), mask_thumbnail('[[0.2]]', 2, 2);
WITH small AS MATERIALIZED (SELECT n, mask_thumbnail(m, 15, 9) AS s FROM t WHERE n = 5)
SELECT count(*) AS wrong FROM small, generate_series(1, 15) x, generate_series(1, 9) y
    WHERE abs(pixel(s, x, y)
        - (SELECT avg(pg_temp.v(u, v, n)::float8) FROM generate_series(x * 10 - 9, x * 10) u, generate_series(y * 10 - 9, y * 10) v)) > 0.5 / 255 + 1e-6;

-- NULL in, NULL out
SELECT width(NULL::mask), height(NULL::mask), mask_domain(NULL), pixel(NULL, 1, 1), pixel('[[1]]', NULL, 1), mask_histogram(NULL, 2), mask_thumbnail(NULL, 1, 1);
