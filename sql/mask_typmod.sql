-- mask(width, height [, format])

CREATE TEMP TABLE t (any_mask mask, fixed mask(3,2), typed mask(3,2,u8), flags mask(3,2,bit), biggest mask(16384,16384,u16));
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum;
SELECT format_type('mask'::regtype, NULL), format_type('mask'::regtype, -1);

-- Shape is checked; a format converts over the same domain.
INSERT INTO t (any_mask, fixed, typed) VALUES ('[[0.1]]', '[[0,0.2,0.4],[0.6,0.8,1]]', '[[0,0.2,0.4],[0.6,0.8,1]]');
INSERT INTO t (flags) VALUES ('[[0,1,0],[1,1,1]]');
INSERT INTO t (typed) VALUES ('f32(0,255):[[0,1,2],[253,254,255]]');
INSERT INTO t (typed) SELECT fixed FROM t WHERE fixed IS NOT NULL;
SELECT any_mask, fixed, typed, flags FROM t ORDER BY any_mask::text, fixed::text, typed::text, flags::text;
SELECT '[[0,0.2],[0.6,1]]'::mask(2,2,f16), '[[0,0.2],[0.6,1]]'::mask(2,2,u16), '[[0,0.2],[0.6,1]]'::mask(2,2,f32);
SELECT ARRAY[[0,0.2],[0.6,1]]::real[]::mask(2,2,u8), ARRAY[[0,0.2],[0.6,1]]::float8[]::mask(2,2,u8);
SELECT CAST(mask_from_raw('\x0102', 2, 1, 'u8') AS mask(2,1)), CAST(mask_from_raw('\x0102', 2, 1, 'u8') AS mask(2,1,u16));

-- A value that fits is passed on unchanged; one that is converted agrees with a conversion in SQL.
WITH v AS (SELECT (i / 1000.0)::real::float8 AS value, ('[[' || i / 1000.0 || ']]')::mask AS m FROM generate_series(0, 1000) i)
    SELECT count(*) AS wrong FROM v WHERE m::mask(1,1) <> m
        OR m::mask(1,1,u8) <> ('u8:[[' || round(value * 255) || ']]')::mask
        OR m::mask(1,1,u16) <> ('u16:[[' || round(value * 65535) || ']]')::mask;

-- COPY, text and binary
\copy (SELECT fixed FROM t WHERE fixed IS NOT NULL) to 'results/typmod.bin' with (format binary)
CREATE TEMP TABLE u8_masks (m mask(3,2,u8));
\copy u8_masks from 'results/typmod.bin' with (format binary)
TABLE u8_masks;
CREATE TEMP TABLE wide_masks (m mask(4,2));
\set VERBOSITY terse
\copy wide_masks from 'results/typmod.bin' with (format binary)

-- Does not fit
INSERT INTO t (fixed) VALUES ('[[0,0.2],[0.6,0.8]]');
INSERT INTO t (fixed) SELECT any_mask FROM t;
UPDATE t SET flags = fixed WHERE fixed IS NOT NULL;
\set VERBOSITY default
SELECT '[[0,0.2],[0.6,0.8]]'::mask::mask(2,1);
SELECT '[[0.5]]'::mask(1,1,bit);

-- Malformed modifiers
SELECT '[[0]]'::mask(1);
SELECT '[[0]]'::mask(1,1,u8,2);
SELECT '[[0]]'::mask(0,1);
SELECT '[[0]]'::mask(1,16385);
SELECT '[[0]]'::mask(-1,1);
SELECT '[[0]]'::mask(1,1,f64);
SELECT '[[0]]'::mask(1,99999999999999999999);
SELECT '[[0]]'::mask('1x',1);
SELECT '[[0]]'::mask(1.5,1);
