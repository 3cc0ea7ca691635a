-- The ladder: a filter reads no more of a mask than its condition needs.
SET jit = off;
SET max_parallel_workers_per_gather = 0;

-- Masks of 256 x 256: noise between lo and hi in the left half, one value in the right half.
CREATE FUNCTION half(lo float8, hi float8, rest float8) RETURNS mask LANGUAGE sql IMMUTABLE AS
$$ SELECT array_agg(line ORDER BY y)::mask
   FROM (SELECT y, array_agg(CASE WHEN x <= 128 THEN lo + (hi - lo) * ((x * 7919 + y * 104729 + x * y * 31) % 1009) / 1009 ELSE rest END
                             ORDER BY x)::real[] AS line
         FROM generate_series(1, 256) x, generate_series(1, 256) y GROUP BY y) l $$;
CREATE TABLE halves (id integer, mask mask);
INSERT INTO halves VALUES (1, half(0.1, 0.9, 0.3)), (2, half(0.1, 0.9, 0.6)), (3, half(0.8, 0.9, 0.6)), (4, half(0, 0, 0)), (5, NULL);
SELECT id, (mask_info(mask)).bytes > 50000 AS large FROM halves ORDER BY id;
-- An index that knows next to nothing leaves all work to the other rungs.
CREATE INDEX halves_mask ON halves USING chi (mask) WITH (grid_x = 1, grid_y = 1, bins = 2, extremes = 0);

CREATE VIEW used AS SELECT masks, pruned, accepted, loaded, pixel_bytes FROM maskquery_last_query();

-- The directory alone decides: every tile of the right half is constant.
SELECT id FROM halves WHERE cp(mask, '((129,1),(256,256))', 0.55, 0.7) > 100 ORDER BY id;
SELECT masks, pruned, accepted, loaded, pixel_bytes <= 4 * 2000 AS headers FROM used;

-- Of the noise, a part of the tiles decides when the threshold is far away, and more when it is near.
CREATE TABLE reads (step serial, condition text, rows bigint, loaded bigint, bytes bigint);
\set note 'INSERT INTO reads (condition, rows, loaded, bytes) SELECT :''condition'', :rows, loaded, pixel_bytes FROM used;'
SELECT cp(mask, 0.5, 0.7) AS count FROM halves WHERE id = 1;
SELECT count(*) AS rows FROM halves WHERE id = 1 AND cp(mask, 0.5, 0.7) > 1000 \gset
\set condition '> 1000'
:note
SELECT count(*) AS rows FROM halves WHERE id = 1 AND cp(mask, 0.5, 0.7) > 8149 \gset
\set condition '> 8149, the truth'
:note
SELECT count(*) AS rows FROM halves WHERE id = 1 AND cp(mask, 0.5, 0.7) > 30000 \gset
\set condition '> 30000'
:note
SET maskquery.enable_ladder = off;
SELECT count(*) AS rows FROM halves WHERE id = 1 AND cp(mask, 0.5, 0.7) > 1000 \gset
\set condition 'without ladder'
:note
RESET maskquery.enable_ladder;
SELECT condition, rows, loaded, bytes < 0.5 * max(bytes) OVER () AS few FROM reads ORDER BY step;

-- What several cp read they read once, and a cp in the SELECT list finds it there.
SELECT id, cp(mask, 0.5, 0.7) BETWEEN 8000 AND 8400 AS plausible FROM halves
WHERE cp(mask, 0.5, 0.7) > 1000 AND cp(mask, 0.2, 0.4) + cp(mask, 0.6, 0.8) > 3000 AND cp(mask, 0.5, 0.7) < 2 * cp(mask, 0.1, 0.8) ORDER BY id;
SELECT masks, loaded, pixel_bytes < 1.1 * (SELECT sum((mask_info(mask)).bytes) FROM halves WHERE id < 4) AS once FROM used;

-- Two masks of a row
SELECT a.id, b.id FROM halves a JOIN halves b ON b.id = a.id + 1 WHERE cp(a.mask, 0.7, 0.9) > cp(b.mask, 0.7, 0.85) ORDER BY 1;
SET maskquery.enable_pruning = off;
SELECT a.id, b.id FROM halves a JOIN halves b ON b.id = a.id + 1 WHERE cp(a.mask, 0.7, 0.9) > cp(b.mask, 0.7, 0.85) ORDER BY 1;
RESET maskquery.enable_pruning;

-- A condition that the ladder refutes is not evaluated any more, one that it proves neither; errors stay.
SELECT id FROM halves WHERE cp(mask, '((1,1),(128,128))', 0.5, 0.7) < 20 ORDER BY id;
SELECT id FROM halves WHERE 10000 / cp(mask, 0.8, 0.85) > 1 ORDER BY id;
SELECT id FROM halves WHERE id < 4 AND 10000 / cp(mask, 0.8, 0.85) > 1 ORDER BY id;
SELECT id FROM halves WHERE cp(mask, 0.5, 0.7) IS NULL;
SELECT id FROM halves WHERE NOT (cp(mask, 0.5, 0.7) > 100) ORDER BY id;

-- Its decisions are verified like those of the index.
SET maskquery.verify = on;
SELECT id FROM halves WHERE cp(mask, 0.5, 0.7) > 1000 ORDER BY id;
SELECT id FROM halves WHERE cp(mask, '((129,1),(256,256))', 0.55, 0.7) > 100 ORDER BY id;
SELECT id FROM halves WHERE cp(mask, 0.5, 0.7) > 8192 OR cp(mask, 0.2, 0.8) < 5 ORDER BY id;
RESET maskquery.verify;

-- Rows that no index knows: a partition without one.
CREATE TABLE split (id integer, mask mask) PARTITION BY RANGE (id);
CREATE TABLE split_a PARTITION OF split FOR VALUES FROM (1) TO (3);
CREATE TABLE split_b PARTITION OF split FOR VALUES FROM (3) TO (9);
INSERT INTO split SELECT * FROM halves;
CREATE INDEX ON split_a USING chi (mask);
SELECT id FROM split WHERE cp(mask, '((129,1),(256,256))', 0.55, 0.7) > 100 ORDER BY id;
SELECT masks, loaded FROM used;
SELECT id FROM split WHERE cp(mask, 0.5, 0.7) > 8192 ORDER BY id;

DROP TABLE halves, reads, split CASCADE;
DROP VIEW used;
DROP FUNCTION half;
