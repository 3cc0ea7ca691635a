-- Pixel formats and domains: what is stored, what it means, and how thresholds compare with it.

-- u8 and u16 are affine over the domain, bit is lo or hi.
SELECT f, mask_domain(f::mask), f::mask::real[] FROM unnest(ARRAY['u8:[[0,51,255]]', 'u8(0,255):[[0,51,255]]', 'u8(-1,1):[[0,51,255]]',
    'u16(0,65.535):[[0,1000,65535]]', 'bit:[[0,1]]', 'bit(-1,1):[[0,1]]', 'f16(0,1000):[[0.1,999.5]]', 'f32(-1,1):[[-0.1,0.7]]']) f;

-- Every code of u8 and u16 has its value, and cp at the code's value splits there.
CREATE FUNCTION pg_temp.codes(format text, codes int, domain text) RETURNS mask LANGUAGE sql AS
    $$ SELECT (format || domain || ':[' || string_agg(row, ',' ORDER BY y) || ']')::mask
       FROM (SELECT code / 256 AS y, '[' || string_agg(code::text, ',' ORDER BY code) || ']' AS row
             FROM generate_series(0, codes - 1) code GROUP BY 1) rows $$;
CREATE TEMP TABLE coded AS
    SELECT format, codes, lo, hi, pg_temp.codes(format, codes, '(' || lo || ',' || hi || ')') AS m
    FROM (VALUES ('u8', 256), ('u16', 65536)) f(format, codes), (VALUES (0, 1), (-1, 1), (0, 255), (0, 80), (100, 101)) d(lo, hi);
SELECT format, lo, hi,
       (SELECT count(*) FROM unnest(m::real[]) WITH ORDINALITY v(value, i)
        WHERE value <> (lo + (hi - lo) * (i - 1)::float8 / (codes - 1))::real) AS wrong_values,
       (SELECT count(*) FROM generate_series(0, codes - 1, codes / 32 + 1) c, LATERAL (SELECT lo + (hi - lo) * c::float8 / (codes - 1)) t(t)
        WHERE cp(m, t, 'infinity') <> codes - c OR (c > 0 AND cp(m, '-infinity', t) <> CASE WHEN c = codes - 1 THEN codes ELSE c END)
           OR cp(m > t, 0.5, 1) <> codes - 1 - c OR cp(m >= t, 0.5, 1) <> codes - c
           OR cp(m < t, 0.5, 1) <> c OR cp(m <= t, 0.5, 1) <> c + 1) AS wrong_splits
    FROM coded ORDER BY format, lo, hi;

-- A pixel written as v satisfies v >= v in every format, whatever v rounds to.
SELECT format, count(*) AS values, count(*) FILTER (WHERE cp(m, v, 'infinity') <> 1 OR cp(m >= v, 0.5, 1) <> 1 OR cp(m > v, 0.5, 1) <> 0) AS wrong
    FROM unnest(ARRAY['f32','f16','u8','u16']) format, generate_series(0, 999) i, LATERAL (SELECT i / 999.0::float8) n(v),
         LATERAL (SELECT mask_from_array(ARRAY[[v]]::float8[])) a(whole),
         LATERAL (SELECT CASE format WHEN 'f32' THEN whole::mask(1,1,f32) WHEN 'f16' THEN whole::mask(1,1,f16)
                                     WHEN 'u8' THEN whole::mask(1,1,u8) ELSE whole::mask(1,1,u16) END) f(m)
    GROUP BY format ORDER BY format;
-- Decimals as people write them: as text, as float4 and as float8, the bounds of an index included. 0.7 lies between two codes of u8.
CREATE TEMP TABLE written AS SELECT format, hi, v, m
    FROM unnest(ARRAY['u8', 'u16']) format, unnest(ARRAY[1, 80]) hi, generate_series(0, 1000) i, LATERAL (SELECT hi * i / 1000.0::float8) n(v),
         LATERAL (VALUES (('f32(0,' || hi || '):[[' || v || ']]')::mask), (mask_from_array(ARRAY[[v]]::real[], 0, hi)), (mask_from_array(ARRAY[[v]], 0, hi))) w(whole),
         LATERAL (SELECT CASE format WHEN 'u8' THEN whole::mask(1,1,u8) ELSE whole::mask(1,1,u16) END) f(m);
SELECT format, hi, count(*), count(*) FILTER (WHERE cp(m, v, 'infinity') <> 1 OR cp(m >= v, 0.5, 1) <> 1 OR cp(m > v, 0.5, 1) <> 0
        OR (v < 0.99 * hi AND cp(m, '-infinity', v) <> 0) OR mask_iou(m, m, v) <> 1) AS wrong
    FROM written GROUP BY 1, 2 ORDER BY 1, 2;
CREATE TABLE coded_maps AS SELECT i, ('u8:[[' || i || ',' || 250 - i || '],[' || i || ',178]]')::mask AS m FROM generate_series(0, 250) i;
CREATE INDEX ON coded_maps USING chi (m) WITH (bins = 10, extremes = 1);
SET maskquery.verify = on;
SELECT count(*) FROM coded_maps WHERE cp(m, 0.7, 1) > 2;
SELECT count(*) FROM coded_maps WHERE cp(m, 0.7, 0.9) < 2;
SELECT count(*) FROM coded_maps WHERE cp(m > 0.7, 0.5, 1) > 1;
RESET maskquery.verify;
SELECT count(*) FROM coded_maps WHERE cp(m, 0.7, 1) > 2;
SELECT loaded FROM maskquery_last_query();
DROP TABLE coded_maps;
SELECT cp('[[0.7]]', 0.7, 1), cp('[[0.7]]', 0, 0.7), cp('[[1]]', 0.7, 1), cp('[[1]]', 0.7, 0.99999999999);

-- Domains
SELECT '[[5]]'::mask;
SELECT 'f32(0,4):[[5]]'::mask;
SELECT 'f32(1,1):[[1]]'::mask;
SELECT 'f32(2,1):[[1]]'::mask;
SELECT 'f32(0,infinity):[[1]]'::mask;
SELECT 'f16(0,100000):[[1]]'::mask;
SELECT 'u8:[[256]]'::mask;
SELECT 'u8:[[-1]]'::mask;
SELECT 'u8:[[0.5]]'::mask;
SELECT 'bit:[[2]]'::mask;
CREATE TEMP TABLE depth (m mask CHECK (mask_domain(m) = '{0,80}'));
INSERT INTO depth VALUES ('f32(0,80):[[12.5]]');
INSERT INTO depth VALUES ('[[0.5]]');
