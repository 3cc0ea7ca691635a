-- Masks from and to arrays, .npy, PNG, COCO run lengths, polygons and raw bytes.

-- Arrays
SELECT ARRAY[[0.1,0.2,0.3],[0.4,0.5,0.6]]::real[]::mask, '{{0.25,0.5}}'::float8[]::mask, '[[0.1,0.2],[0.3,0.4]]'::mask::real[];
SELECT '[2:3][0:1]={{0.1,0.2},{0.3,0.4}}'::real[]::mask;
SELECT mask_from_array('{{1,2},{3,80}}'::real[], 0, 80), mask_from_array('{{-1,NaN}}'::float8[], lo => -1, nan => 0.5);
SELECT mask_from_array(NULL::real[]), mask_from_array('{{0,1}}'::real[], NULL, NULL, NULL);
CREATE TEMP TABLE arrays AS
    SELECT n, (SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg((((x * 7919 + y * 104729 + n) % 1000) / 999.0)::real ORDER BY x) AS row
                   FROM generate_series(1, n + 3) x, generate_series(1, n) y GROUP BY y) rows) AS a
    FROM unnest(ARRAY[1,2,31,32,33,70]) n;
SELECT count(*) FILTER (WHERE a::mask::real[] = a) AS same, count(*) FILTER (WHERE a::float8[]::mask = a::mask) AS same_double,
       count(*) FILTER (WHERE width(a::mask) = n + 3 AND height(a::mask) = n) AS shaped, count(*) FROM arrays;
CREATE TEMP TABLE assigned (m mask(2,2), a real[]);
INSERT INTO assigned VALUES ('{{0,1},{1,0}}'::real[], '[[0,1]]'::mask), ('{{0,1},{1,0}}'::float8[], 'u8:[[0,51]]'::mask);
TABLE assigned;

-- mask_normalize
SELECT mask_normalize('{{1,2},{3,5}}'::real[], 1, 5), mask_normalize('{{-4,0,4}}'::float8[], -4, 4);
SELECT mask_normalize('{{0,2},{-Infinity,NaN}}'::real[], 0, 1, clamp => true, nan => 0.5), mask_normalize(NULL::real[], 0, 1);
SELECT count(*) AS wrong FROM generate_series(-50, 50) i, LATERAL (SELECT i / 7.0::float8) n(v)
    WHERE pixel(mask_normalize(ARRAY[[v]]::float8[], -8, 8), 1, 1) <> ((v + 8) / 16)::real;

-- .npy: files as numpy.save() writes them
CREATE FUNCTION pg_temp.npy(descr text, fortran boolean, shape text, data text) RETURNS bytea LANGUAGE sql AS
    $$ SELECT '\x934e554d50590100'::bytea || '\x7600'::bytea
           || convert_to(rpad('{''descr'': ''' || descr || ''', ''fortran_order'': ' || CASE WHEN fortran THEN 'True' ELSE 'False' END
                              || ', ''shape'': ' || shape || ', }', 117) || E'\n', 'SQL_ASCII') || decode(data, 'hex') $$;
SELECT mask_from_npy(pg_temp.npy('<f4', false, '(2, 2)', '0000003f0000803f000000000000803e'));
SELECT mask_from_npy(pg_temp.npy('<f4', true, '(2, 2)', '0000003f0000803f000000000000803e'));
SELECT mask_from_npy(pg_temp.npy('>f4', false, '(1, 2)', '3f0000003f800000'));
SELECT mask_from_npy(pg_temp.npy('<f8', false, '(1, 2)', '000000000000e03f333333333333d33f'));
SELECT mask_from_npy(pg_temp.npy('<f2', false, '(2, 1)', '0038003c'));
SELECT mask_from_npy(pg_temp.npy('|u1', false, '(2, 3)', '000102fdfeff')), mask_from_npy(pg_temp.npy('|u1', true, '(2, 3)', '000102fdfeff'), hi => 255);
SELECT mask_from_npy(pg_temp.npy('<u2', false, '(1, 2)', '0100ffff'), 0, 65.535), mask_from_npy(pg_temp.npy('>u2', false, '(1, 2)', '0001ffff'));
SELECT mask_from_npy(pg_temp.npy('|b1', false, '(2, 2)', '00010100'));
SELECT mask_from_npy(pg_temp.npy('<f4', false, '(1, 2, 1)', '0000003f0000803f')), mask_from_npy(pg_temp.npy('<f4', false, '(1, 1)', '0000c07f'), nan => 0);
SELECT mask_from_npy(NULL), mask_from_npy(pg_temp.npy('<f4', false, '(1, 1)', '00004842'), hi => 80);
SELECT mask_to_npy('u8:[[1,2],[3,4]]') = pg_temp.npy('|u1', false, '(2, 2)', '01020304') AS as_numpy;
SELECT f, mask_from_npy(mask_to_npy(f::mask), lo => (mask_domain(f::mask))[1], hi => (mask_domain(f::mask))[2]) = f::mask AS same
    FROM unnest(ARRAY['[[0.1,0.2],[0.3,0.4]]', 'f16(-1,1):[[0.1],[-0.5]]', 'u8(0,255):[[1,2,3]]', 'u16:[[1,65535]]', 'bit:[[0,1],[1,1]]']) f;

-- PNG
SELECT mask_from_png('\x89504e470d0a1a0a0000000d49484452000000030000000108000000003e8b4b680000000c494441540899636068f80f0002030180717cd8210000000049454e44ae426082');
SELECT f, mask_from_png(mask_to_png(f::mask)) AS back
    FROM unnest(ARRAY['u8:[[0,128,255],[1,2,3]]', 'u16:[[0,1,65535]]', 'bit:[[0,1],[1,1]]', '[[0,0.5,1]]', 'f16:[[0.2]]']) f;
SELECT mask_from_png(mask_to_png('u8(0,255):[[7,8]]'), 0, 255), mask_from_png(mask_to_png('u16(0,80):[[7,8]]'), hi => 80), mask_from_png(NULL);
SELECT substr(mask_to_png('[[0,0.5,1]]', map), 1, 8) AS signature, get_byte(mask_to_png('[[0,0.5,1]]', map), 25) AS colour_type, map
    FROM unnest(ARRAY[NULL, 'gray', 'jet', 'hot', 'viridis']) map;
SELECT mask_to_png(NULL);

-- COCO run lengths: columns from left to right, zeros first
SELECT mask_from_coco_rle(ARRAY[1,2,1], 2, 2), mask_from_coco_rle('121', 2, 2), mask_from_coco_rle(ARRAY[0,6], 2, 3), mask_from_coco_rle(ARRAY[6], 2, 3);
SELECT mask_to_coco_rle(mask_from_coco_rle(ARRAY[1,2,1], 2, 2)), mask_to_coco_rle('bit:[[1]]'), mask_to_coco_rle('bit:[[0,0],[0,0]]');
-- Against the definition, by SQL: runs of the pixels in column order.
CREATE TEMP TABLE bits AS
    SELECT n, mask_from_array((SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg((((x * x + y * y * 3 + x * y * n) / n) % 2)::real ORDER BY x) AS row
                   FROM generate_series(1, n + 5) x, generate_series(1, n) y GROUP BY y) rows)) >= 1 AS m
    FROM unnest(ARRAY[1,2,7,32,60]) n;
CREATE FUNCTION pg_temp.runs(m mask) RETURNS int[] LANGUAGE sql AS
    $$ WITH p AS (SELECT row_number() OVER (ORDER BY x, y) AS i, pixel(m, x, y)::int AS v FROM generate_series(1, width(m)) x, generate_series(1, height(m)) y),
            g AS (SELECT i, v, count(*) FILTER (WHERE change) OVER (ORDER BY i) AS g
                  FROM (SELECT i, v, v IS DISTINCT FROM lag(v) OVER (ORDER BY i) AS change FROM p) c),
            r AS (SELECT min(i) AS first, min(v) AS v, count(*)::int AS n FROM g GROUP BY g)
       SELECT CASE WHEN (SELECT v FROM r ORDER BY first LIMIT 1) = 1 THEN ARRAY[0] ELSE '{}' END || array_agg(n ORDER BY first) FROM r $$;
SELECT n, mask_from_coco_rle(pg_temp.runs(m), n, n + 5) = m AS from_counts, mask_from_coco_rle(mask_to_coco_rle(m), n, n + 5) = m AS from_string FROM bits ORDER BY n;

-- Polygons: pixels whose centres lie inside, against the crossing rule computed with PostgreSQL's polygon
SELECT mask_from_polygon('{0,0,3,0,3,2,0,2}', 4, 3), mask_from_polygon('{{0,0},{2,0},{2,2}}', 3, 3), mask_from_polygon('{-5,-5,9,-5,9,9,-5,9}', 2, 2);
WITH shapes AS MATERIALIZED (
    SELECT shape, mask_from_polygon(xy, 40, 30) AS m, p::polygon
    FROM (VALUES ('triangle', '{3.3,2.1,35.7,10.2,12.9,28.4}'::float8[], '((3.3,2.1),(35.7,10.2),(12.9,28.4))'),
                 ('arrow', '{2.2,2.3,38.1,15.4,2.2,27.7,14.6,15.2}', '((2.2,2.3),(38.1,15.4),(2.2,27.7),(14.6,15.2))')) v(shape, xy, p))
SELECT shape, count(*) AS pixels, count(*) FILTER (WHERE pixel(m, x, y)::int::boolean <> (p @> point(x - 0.5, y - 0.5))) AS wrong
    FROM shapes,
         generate_series(1, 40) x, generate_series(1, 30) y
    GROUP BY shape ORDER BY shape;

-- Raw bytes
SELECT mask_from_raw('\x000000000000803f', 2, 1, 'f32'), mask_from_raw('\x0038003c', 1, 2, 'f16'), mask_from_raw('\x0180ff', 3, 1, 'u8'),
       mask_from_raw('\x0100ffff', 2, 1, 'u16', 0, 65.535), mask_from_raw('\xa0', 3, 1, 'bit'), mask_from_raw('\x0000c07f', 1, 1, 'f32', nan => 1);
SELECT mask_from_raw(substr(mask_send(f::mask), 25), width(f::mask), height(f::mask), (mask_info(f::mask)).format) = f::mask AS same
    FROM unnest(ARRAY['[[0.1,0.2],[0.3,0.4]]', 'f16:[[0.1],[0.5]]', 'u8:[[1,2,3]]', 'u16:[[1,65535]]', 'bit:[[0,1,1],[1,1,0],[0,1,0]]']) f;
SELECT mask_from_raw(NULL, 1, 1, 'u8'), mask_from_raw('\x00', 1, 1, NULL);
