-- Where a mask is stored: in the row, in TOAST by slices, compressed by TOAST. cp gives the same everywhere and reads what it needs.

-- 300 x 260 pixels: noise, so that it stays big; a block of one value in the upper left corner
CREATE TABLE toast_masks (id int PRIMARY KEY, w int, h int, m mask);
SELECT attstorage FROM pg_attribute WHERE attrelid = 'toast_masks'::regclass AND attname = 'm';
CREATE FUNCTION pg_temp.v(x int, y int, n int) RETURNS real IMMUTABLE LANGUAGE sql AS
    $$ SELECT CASE WHEN n = 3 AND x <= 100 AND y <= 90 THEN 0.5 ELSE ((x::bigint * x * 7919 + y::bigint * y * 104729 + n * x * y) % 100003) / 100003.0 END::real $$;
CREATE FUNCTION pg_temp.make(w int, h int, n int) RETURNS real[] LANGUAGE sql AS
    $$ SELECT array_agg(row ORDER BY y) FROM (SELECT y, array_agg(pg_temp.v(x, y, n) ORDER BY x) AS row
       FROM generate_series(1, w) x, generate_series(1, h) y GROUP BY y) rows $$;
INSERT INTO toast_masks SELECT n, w, h, pg_temp.make(w, h, n) FROM (VALUES (1, 5, 4), (2, 20, 20), (3, 300, 260), (4, 40, 35), (5, 50, 50)) v(n, w, h);
SELECT id, pg_column_size(m) > 2000 AS toasted, (mask_info(m)).bytes = pg_column_size(m) AS whole FROM toast_masks WHERE id >= 2 ORDER BY id;

CREATE FUNCTION pg_temp.check_all() RETURNS TABLE (id int, queries bigint, wrong_cp bigint, wrong_pixel bigint) LANGUAGE sql AS $$
    WITH p AS MATERIALIZED (SELECT id, x, y, pg_temp.v(x, y, id) AS v FROM toast_masks, generate_series(1, w) x, generate_series(1, h) y)
    SELECT t.id, count(*), count(*) FILTER (WHERE cp(m, roi(x1, y1, x2, y2), lv, uv) <> expected), count(*) FILTER (WHERE pixel(m, 1 + x1 % w, 1 + y1 % h) <> pg_temp.v(1 + x1 % w, 1 + y1 % h, t.id))
    FROM (SELECT id, x1, y1, x2, y2, lv, uv, count(*) FILTER (WHERE v >= lv::real AND (v < uv::real OR uv >= 1)) AS expected
          FROM p, (VALUES (1,1,300,260), (10,10,60,60), (90,80,140,130), (250,200,300,260), (1,129,300,129), (150,1,150,260), (3,3,3,3)) r(x1, y1, x2, y2), (VALUES (0.2::float8, 0.4::float8), (0.5, 1)) s(lv, uv)
          WHERE x BETWEEN x1 AND x2 AND y BETWEEN y1 AND y2 GROUP BY id, x1, y1, x2, y2, lv, uv) e JOIN toast_masks t USING (id)
    GROUP BY t.id $$;
SELECT * FROM pg_temp.check_all() ORDER BY id;

-- A roi inside the block of one value reads header and directory only; a small one reads a part; all of it about all.
SELECT cp(m, roi(5,5,60,60), 0.2, 0.4) AS none, cp(m, roi(5,5,60,60), 0.5, 1) AS all FROM toast_masks WHERE id = 3;
SELECT loaded, pixel_bytes < 5000 AS little FROM maskquery_last_query();
SELECT cp(m, roi(200,200,210,210), 0.2, 0.4) FROM toast_masks WHERE id = 3;
SELECT loaded, pixel_bytes < 30000 AS little FROM maskquery_last_query();
SELECT cp(m, 0.2, 0.4) FROM toast_masks WHERE id = 3;
SELECT loaded, pixel_bytes BETWEEN 0.7 * (mask_info(m)).bytes AND 1.1 * (mask_info(m)).bytes AS all FROM maskquery_last_query(), toast_masks WHERE id = 3;

-- Several cp over one mask load it once and fetch each tile once, in one expression or spread over the query, whatever the spelling.
CREATE TEMP TABLE reads AS SELECT 0 AS step, l.* FROM maskquery_last_query() l LIMIT 0;
SELECT cp(m, 0.2, 0.4) > 0 AS ok FROM toast_masks WHERE id = 3;
INSERT INTO reads SELECT 1, l.* FROM maskquery_last_query() l;
SELECT cp(m, 0.2, 0.4) / cp(m, 0.2, 0.6) > 0 AS ok FROM toast_masks WHERE id = 3 AND cp(m, roi(150,1,300,260), (0.1, 0.3)) > 0 AND pixel(m, 200, 200) >= 0 ORDER BY cp(m, 0.1, 0.2);
INSERT INTO reads SELECT 2, l.* FROM maskquery_last_query() l;
SELECT loaded, pixel_bytes < 1.1 * first_value(pixel_bytes) OVER (ORDER BY step) AS once FROM reads ORDER BY step;
-- One mask and many rois: loaded once
SELECT count(*) FROM toast_masks t, generate_series(101, 300) x WHERE id = 3 AND cp(m, roi(x, 1, x, 260), 0.2, 0.4) > 0;
SELECT loaded FROM maskquery_last_query();
-- Each row is a mask of its own, in the row or in TOAST, even when masks are equal.
INSERT INTO toast_masks SELECT 10 + i, t.w, t.h, t.m FROM toast_masks t, generate_series(1, 3) i WHERE id = 2;
SELECT count(*) FROM toast_masks WHERE cp(m, 0.1, 0.9) >= 0 AND cp(m, 0.2, 0.8) >= 0;
SELECT loaded FROM maskquery_last_query();
-- A mask that was computed is not loaded; what it was computed from is.
SELECT count(*) FROM toast_masks WHERE id <= 5 AND cp(m > 0.5, 0.5, 1) >= 0;
SELECT loaded FROM maskquery_last_query();
DELETE FROM toast_masks WHERE id > 10;

-- Through nested queries, PL/pgSQL and cursors the cache never mixes masks up.
CREATE FUNCTION pg_temp.walk() RETURNS TABLE (id int, n float8, wrong boolean) LANGUAGE plpgsql AS $$
DECLARE r record; again float8;
BEGIN
    FOR r IN SELECT t.id, t.m FROM toast_masks t ORDER BY t.id LOOP
        id := r.id;
        n := cp(r.m, 0.2, 0.4);
        SELECT cp(t.m, 0.2, 0.4) INTO again FROM toast_masks t WHERE t.id = r.id;
        wrong := again <> n;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT * FROM pg_temp.walk();
BEGIN;
DECLARE c CURSOR FOR SELECT id, cp(m, 0.2, 0.4) AS n, cp(m, roi(1,1,50,50), 0.2, 0.4) AS part FROM toast_masks ORDER BY id;
FETCH 2 FROM c;
UPDATE toast_masks SET m = ~m WHERE id = 3;
SELECT cp(m, 0.2, 0.4) AS inverted FROM toast_masks WHERE id = 3;
FETCH 3 FROM c;
ROLLBACK;

-- TOAST compression on top (not the default): the whole value is fetched, and the answers stay the same.
ALTER TABLE toast_masks ALTER m SET STORAGE extended;
CREATE TABLE packed (m mask);
ALTER TABLE packed ALTER m SET STORAGE main;
UPDATE toast_masks SET m = (m::text)::mask;
SELECT * FROM pg_temp.check_all() ORDER BY id;
-- Values that TOAST does compress, in the row and out of it: many equal tiles in the directory
INSERT INTO packed SELECT ('[[' || repeat('0.25,', 9999) || '1]]')::mask;
INSERT INTO packed SELECT mask_resize('u8:[[7]]', 4000, 4000);
INSERT INTO packed SELECT mask_from_polygon('{0,0,4000,700,4000,900,0,300}', 4000, 4000);
SELECT (mask_info(m)).width, (mask_info(m)).format, pg_column_size(m) < (mask_info(m)).bytes AS compressed, pg_column_size(m) > 2100 AS toasted,
       cp(m, 0.25, 1), cp(m, roi(9000,1,10000,1), 0.5, 1), cp(m, roi(1,1,100,100), 0, 0.1), pixel(m, 4000, 1) FROM packed ORDER BY 1, 2;
ALTER TABLE packed ALTER m SET STORAGE external;
UPDATE packed SET m = m | m; -- stored anew
SELECT (mask_info(m)).width, (mask_info(m)).format, pg_column_size(m) < (mask_info(m)).bytes AS compressed, pg_column_size(m) > 2100 AS toasted,
       cp(m, 0.25, 1), cp(m, roi(9000,1,10000,1), 0.5, 1), cp(m, roi(1,1,100,100), 0, 0.1), pixel(m, 4000, 1) FROM packed ORDER BY 1, 2;

-- A value of several megabytes is fetched a part at a time.
CREATE TABLE wide AS SELECT mask_resize(m, 1600, 1200) AS m FROM toast_masks WHERE id = 3;
SELECT pg_column_size(m) > 3000000 AS large FROM wide;
SELECT lv, cp(m, r, lv, uv) = cp(copy, r, lv, uv) AS same FROM (SELECT m, m | m AS copy FROM wide OFFSET 0) w,
    (VALUES ('full'::roi, 0.2, 0.4), (roi(700,1,800,1200), 0.1, 0.9), (roi(1,799,1600,801), 0.5, 0.6)) v(r, lv, uv);
DROP TABLE toast_masks, packed, wide;
