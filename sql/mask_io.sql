-- Text and binary form of masks.

-- Rows from top to bottom; f32 on [0, 1] without a prefix. Braces are read too.
SELECT '[[0.1,0.2],[0.3,0.4]]'::mask;
SELECT '{{0.1,0.2},{0.3,0.4}}'::mask = '[[0.1,0.2],[0.3,0.4]]'::mask AS same;
SELECT E' [ [ 0.1 ,\t0.2 ] ,\n [ 3e-1 , 4.0E-1 ] ] '::mask;
SELECT '[[0]]'::mask, '[[1]]'::mask, '[[-0.0]]'::mask, '[[1e-45,0.3333333333333333]]'::mask;

-- Other formats and domains
SELECT 'f16:[[0.5,0.1]]'::mask, 'u8:[[0,128],[255,3]]'::mask, 'u16(0,65.535):[[0,65535]]'::mask, 'bit:[[0,1],[1,1]]'::mask;
SELECT 'f32(0,80):[[12.5,80]]'::mask, 'f16(-1,1):[[-0.25]]'::mask, 'u8(0,255):[[7]]'::mask, 'bit(-1,1):[[0,1]]'::mask;
SELECT 'f32(0,1):[[0.5]]'::mask, 'u8(0,1):[[1]]'::mask;

-- Every mask's text reads back as the same mask, over sizes that make one tile, several, and cut ones.
CREATE TEMP TABLE sizes (width int, height int);
INSERT INTO sizes VALUES (1,1), (1,100), (100,1), (31,33), (32,32), (33,31), (64,40), (130,65);
CREATE TEMP TABLE masks AS
    SELECT width, height, format,
           (format || '(-2.5,3.25):[' || string_agg(row, ',' ORDER BY y) || ']')::mask AS m
    FROM (SELECT width, height, format, y, '[' || string_agg(CASE format
                     WHEN 'f32' THEN (((x * 7919 + y * 104729) % 575) / 100.0 - 2.5)::text
                     WHEN 'f16' THEN (((x * 7919 + y * 104729) % 575) / 100.0 - 2.5)::text
                     WHEN 'u8' THEN ((x * 31 + y * y) % 256)::text
                     WHEN 'u16' THEN ((x * 3163 + y * y * 77) % 65536)::text
                     ELSE ((x * x + y / 3) % 2)::text END, ',' ORDER BY x) || ']' AS row
          FROM sizes, unnest(ARRAY['f32','f16','u8','u16','bit']) format,
               generate_series(1, width) x, generate_series(1, height) y
          GROUP BY width, height, format, y) r
    GROUP BY width, height, format;
SELECT count(*), count(*) FILTER (WHERE m::text::mask = m) AS same,
       count(*) FILTER (WHERE width(m) = width AND height(m) = height AND (mask_info(m)).format = format) AS shaped
    FROM masks;

-- pg_dump writes text, COPY reads it
CREATE TEMP TABLE back (LIKE masks);
\copy masks to 'results/mask.copy'
\copy back from 'results/mask.copy'
SELECT count(*) AS same FROM masks JOIN back USING (width, height, format) WHERE masks.m = back.m;

-- Binary form: version, format, width and height, zero, domain, raw pixels, all little-endian
SELECT mask_send('u8(0,255):[[1,2,3],[4,5,6]]'), mask_send('[[1,0.5]]');
TRUNCATE back;
\copy masks to 'results/mask.bin' with (format binary)
\copy back from 'results/mask.bin' with (format binary)
SELECT count(*) AS same FROM masks JOIN back USING (width, height, format) WHERE masks.m = back.m;

-- Numbers as NumPy and JSON write them: an f32 prints as the shortest decimal that reads back
SELECT '[[0.30000001192092896,0.3,0.1,1e-7,0.999999940395355]]'::mask;
WITH r AS (SELECT i, (('[[' || i / 1000.0 || ']]')::mask)::text AS t FROM generate_series(0, 1000) i)
    SELECT count(*) AS wrong FROM r WHERE t <> '[[' || (i / 1000.0)::real || ']]';
