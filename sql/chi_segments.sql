-- Sealed segments: made by CREATE INDEX, by inserters, by chi_summarize() and by VACUUM; thinned and written anew.
SET jit = off;

CREATE FUNCTION gradient(n integer, width integer, height integer) RETURNS mask LANGUAGE sql IMMUTABLE AS
$$ SELECT mask_resize(format('[[%s,0.5],[0.25,%s]]', n % 10 / 10.0, n % 7 / 7.0)::mask, width, height) $$;

-- Checks the index against its table, and the bounds of every row.
CREATE FUNCTION verify(tab regclass, index regclass, OUT masks bigint, OUT known bigint, OUT wrong bigint)
LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM chi_check(index, true);
    EXECUTE format(
        'SELECT count(m), count(b.lo), count(*) FILTER (WHERE NOT cp(m, ''((3,4),(17,9))'', 0.2, 0.45) BETWEEN b.lo AND b.hi)
         FROM %s t, cp_bounds(%L, t.ctid, ''((3,4),(17,9))'', 0.2, 0.45) b', tab, index)
    INTO masks, known, wrong;
END
$$;

CREATE TABLE sealed (id integer, m mask) WITH (autovacuum_enabled = off);
INSERT INTO sealed SELECT i, gradient(i, 25, 15) FROM generate_series(1, 600) i;

-- CREATE INDEX: 384 rows a segment; a rest of 32 or more is one, too.
CREATE INDEX sealed_m ON sealed USING chi (m);
SELECT entries, built, segments, delta, dead FROM chi_index_info('sealed_m');
SELECT * FROM verify('sealed', 'sealed_m');

-- The same bounds from a segment and from entries of their own.
CREATE TABLE rows (LIKE sealed) WITH (autovacuum_enabled = off);
CREATE INDEX rows_m ON rows USING chi (m);
INSERT INTO rows SELECT * FROM sealed WHERE id <= 378;
SELECT segments, delta FROM chi_index_info('rows_m');
SELECT count(*) AS compared, count(*) FILTER (WHERE a.lo IS DISTINCT FROM b.lo OR a.hi IS DISTINCT FROM b.hi) AS different
FROM sealed s JOIN rows r USING (id), (VALUES ('((3,4),(17,9))'::roi, 0.2, 0.45), ('full', 0.3, 0.31), ('((25,15),(40,40))', 0, 1)) AS v (roi, lv, uv),
    cp_bounds('sealed_m', s.ctid, roi, lv, uv) a, cp_bounds('rows_m', r.ctid, roi, lv, uv) b;
-- Row by row out of order, and twice the same.
SELECT count(*) AS compared, count(*) FILTER (WHERE cp(m, 0.3, 0.6) BETWEEN b.lo AND b.hi) AS held
FROM (SELECT ctid AS row, m FROM sealed ORDER BY id * 37 % 600) s, generate_series(1, 2), cp_bounds('sealed_m', row, 'full', 0.3, 0.6) b;

-- Inserters seal what they have inserted, whatever became of it.
INSERT INTO rows SELECT * FROM sealed WHERE id BETWEEN 379 AND 383;
SELECT segments, delta FROM chi_index_info('rows_m');
INSERT INTO rows SELECT * FROM sealed WHERE id = 384;
SELECT segments, delta, dead FROM chi_index_info('rows_m');
BEGIN;
INSERT INTO rows SELECT * FROM sealed WHERE id BETWEEN 385 AND 500;
SAVEPOINT s;
INSERT INTO rows SELECT -id, m FROM sealed WHERE id <= 100;
ROLLBACK TO s;
INSERT INTO rows SELECT * FROM sealed WHERE id > 500;
COMMIT;
SELECT built, segments, delta, dead FROM chi_index_info('rows_m');
SELECT * FROM verify('rows', 'rows_m');
BEGIN;
INSERT INTO rows SELECT -id, m FROM sealed;
ROLLBACK;
SELECT * FROM verify('rows', 'rows_m');
-- VACUUM takes the dead rows out, and seals what is left over.
VACUUM rows;
SELECT built, delta, dead FROM chi_index_info('rows_m');
SELECT * FROM verify('rows', 'rows_m');
VACUUM rows;
SELECT built, delta, dead FROM chi_index_info('rows_m');

-- Segments that have lost some rows stay; those that have lost most are written anew, together; those without rows go.
DELETE FROM sealed WHERE id % 4 = 0;
VACUUM sealed;
SELECT built, segments, dead FROM chi_index_info('sealed_m');
SELECT * FROM verify('sealed', 'sealed_m');
DELETE FROM sealed WHERE id % 4 = 1 OR id % 16 = 2;
VACUUM sealed;
SELECT built, segments, delta, dead FROM chi_index_info('sealed_m');
SELECT * FROM verify('sealed', 'sealed_m');
CREATE TEMP TABLE size AS SELECT bytes FROM chi_index_info('sealed_m');
DELETE FROM sealed;
VACUUM sealed;
SELECT built, segments, delta, dead, segment_pages, entry_pages FROM chi_index_info('sealed_m');
-- Their pages are used again, for entries and for segments.
INSERT INTO sealed SELECT i, gradient(i, 25, 15) FROM generate_series(1, 600) i;
VACUUM sealed;
SELECT built, segments, delta, i.bytes <= 1.1 * size.bytes AS fits FROM chi_index_info('sealed_m') i, size;
SELECT * FROM verify('sealed', 'sealed_m');

-- Several shapes, each for itself; one with few rows stays as it is.
TRUNCATE sealed;
INSERT INTO sealed SELECT i, CASE WHEN i % 50 = 0 THEN gradient(i, 7, 7) WHEN i % 2 = 0 THEN gradient(i, 31, 8) ELSE gradient(i, 25, 15) END
FROM generate_series(1, 400) i;
INSERT INTO sealed SELECT i, CASE WHEN i % 3 > 0 THEN (gradient(i, 25, 15) > 0.3) END FROM generate_series(401, 450) i;
REINDEX INDEX sealed_m;
SELECT built, segments, delta FROM chi_index_info('sealed_m');
SELECT * FROM verify('sealed', 'sealed_m');
-- More shapes than are collected at once; some have neighbours enough all the same.
INSERT INTO sealed SELECT i, gradient(i, 20 + i % 80, 15) FROM generate_series(1, 800) i;
INSERT INTO sealed SELECT i, gradient(i, 20 + i % 20, 15) FROM generate_series(1, 800) i;
REINDEX INDEX sealed_m;
SELECT built, segments > 10 AS segments, delta > 500 AS delta FROM chi_index_info('sealed_m');
SELECT * FROM verify('sealed', 'sealed_m');
VACUUM sealed;
SELECT * FROM verify('sealed', 'sealed_m');

-- Entries of several chunks are sealed and removed as a whole; enormous ones are not sealed.
CREATE TABLE chains (id integer, m mask) WITH (autovacuum_enabled = off);
CREATE INDEX chains_m ON chains USING chi (m) WITH (cell_width = 4, cell_height = 4, bins = 32, extremes = 0);
INSERT INTO chains SELECT i, gradient(i, 90, 80) FROM generate_series(1, 100) i;
INSERT INTO chains SELECT i, gradient(i, 800, 700) FROM generate_series(101, 102) i;
SELECT built, segments, delta FROM chi_index_info('chains_m');
VACUUM chains;
SELECT built, segments, delta, dead FROM chi_index_info('chains_m');
SELECT * FROM verify('chains', 'chains_m');

-- An incremental index: chi_summarize() makes segments, and so do queries that learn.
CREATE TABLE later (id integer, m mask) WITH (autovacuum_enabled = off);
INSERT INTO later SELECT i, gradient(i, 25, 15) FROM generate_series(1, 900) i;
CREATE INDEX later_m ON later USING chi (m) WITH (build = incremental);
SELECT built, pending, segments FROM chi_index_info('later_m');
SELECT chi_summarize('later_m', 300);
SELECT built, pending, segments, delta FROM chi_index_info('later_m');
SET maskquery.learning = inline;
SELECT count(*) FROM later WHERE cp(m, '((3,4),(17,9))', 0.2, 0.45) > 20;
SELECT built, pending, segments > 1 AS more, delta < 384 AS few FROM chi_index_info('later_m');
SELECT * FROM verify('later', 'later_m');

-- Unlogged and temporary tables.
CREATE UNLOGGED TABLE fleeting AS SELECT * FROM later;
CREATE INDEX fleeting_m ON fleeting USING chi (m);
INSERT INTO fleeting SELECT * FROM later;
SELECT built, segments, delta FROM chi_index_info('fleeting_m');
SELECT * FROM verify('fleeting', 'fleeting_m');
CREATE TEMP TABLE brief AS SELECT * FROM later;
CREATE INDEX brief_m ON brief USING chi (m);
INSERT INTO brief SELECT * FROM later;
DELETE FROM brief WHERE id % 3 > 0;
VACUUM brief;
SELECT built, delta, dead FROM chi_index_info('brief_m');
SELECT * FROM verify('brief', 'brief_m');

-- Emptied and filled again in place, in one transaction, under a query that knew the old segments.
BEGIN;
CREATE TABLE again (id integer, m mask);
CREATE INDEX again_m ON again USING chi (m);
INSERT INTO again SELECT * FROM later;
SELECT * FROM verify('again', 'again_m');
TRUNCATE again;
INSERT INTO again SELECT id, gradient(id + 3, 25, 15) FROM later;
SELECT * FROM verify('again', 'again_m');
COMMIT;

-- More large entries than are kept in memory at a time: all segments but the last are full.
CREATE TABLE large (id integer, m mask);
INSERT INTO large SELECT i, gradient(i, 16, 16) FROM generate_series(1, 4000) i;
CREATE INDEX large_m ON large USING chi (m) WITH (grid_x = 16, grid_y = 16, bins = 256, extremes = 4);
SELECT built, segments, delta FROM chi_index_info('large_m');

-- More rows a heap page than a tid page has slots for it: a range of heap blocks has several tid pages.
CREATE TABLE dense (id integer, m mask) WITH (autovacuum_enabled = off);
INSERT INTO dense SELECT i, format('u8:[[%s,9]]', i % 200)::mask FROM generate_series(1, 6000) i;
SELECT max((ctid::text::point)[1]) > 84 AS dense, max((ctid::text::point)[0]) > 2 * 16 AS ranges FROM dense;
CREATE INDEX dense_m ON dense USING chi (m);
SELECT built, delta, tid_pages FROM chi_index_info('dense_m');
SELECT * FROM verify('dense', 'dense_m');
SET enable_seqscan = off;
EXPLAIN (COSTS off) SELECT count(*), sum(id) FROM dense WHERE cp(m, 0.5, 1.0) > 0;
SELECT count(*), sum(id) FROM dense WHERE cp(m, 0.5, 1.0) > 0;
SET maskquery.enable_pruning = off;
SELECT count(*), sum(id) FROM dense WHERE cp(m, 0.5, 1.0) > 0;
RESET maskquery.enable_pruning;
DELETE FROM dense WHERE id % 3 = 0 OR id BETWEEN 3000 AND 4000;
VACUUM dense;
INSERT INTO dense SELECT i, format('u8:[[%s,9]]', i % 200)::mask FROM generate_series(6001, 8000) i;
SELECT * FROM verify('dense', 'dense_m');
VACUUM dense;
SELECT * FROM verify('dense', 'dense_m');
SELECT count(*), sum(id) FROM dense WHERE cp(m, 0.5, 1.0) > 0;
SET maskquery.enable_pruning = off;
SELECT count(*), sum(id) FROM dense WHERE cp(m, 0.5, 1.0) > 0;
RESET maskquery.enable_pruning;
RESET enable_seqscan;
DROP INDEX dense_m;
CREATE INDEX dense_m ON dense USING chi (m) WITH (build = incremental);
SELECT built, pending, tid_pages FROM chi_index_info('dense_m');
SELECT chi_summarize('dense_m');
SELECT * FROM verify('dense', 'dense_m');

DROP TABLE sealed, rows, chains, later, fleeting, again, large, dense;
DROP FUNCTION gradient, verify;
