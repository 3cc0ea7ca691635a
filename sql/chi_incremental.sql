-- Incremental indexes: pending entries change no result, and everybody who may build them does so once.
SET jit = off;

CREATE FUNCTION gradient(n integer, width integer, height integer) RETURNS mask LANGUAGE sql IMMUTABLE AS
$$ SELECT mask_resize(format('[[%s,0.5],[0.25,%s]]', n % 10 / 10.0, n % 7 / 7.0)::mask, width, height) $$;

-- Checks the index, and compares what queries find with and without it.
CREATE FUNCTION verify(tab regclass, index regclass, OUT entries bigint, OUT built bigint, OUT pending bigint, OUT same boolean)
LANGUAGE plpgsql AS
$$
DECLARE
    query text := format('SELECT array_agg(id ORDER BY id) FROM %s WHERE cp(m, ''((3,4),(17,9))'', 0.2, 0.45) > 20', tab);
    pruned integer[];
    plain integer[];
BEGIN
    PERFORM chi_check(index, true);
    SELECT i.entries, i.built, i.pending INTO entries, built, pending FROM chi_index_info(index) i;
    EXECUTE query INTO pruned;
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE query INTO plain;
    SET LOCAL maskquery.enable_pruning = on;
    same := pruned IS NOT DISTINCT FROM plain;
    PERFORM chi_check(index, true);
END
$$;

CREATE FUNCTION state(index regclass, OUT entries bigint, OUT built bigint, OUT pending bigint, OUT oversized bigint, OUT dead bigint)
LANGUAGE sql AS
$$ SELECT entries, built, pending, oversized, dead FROM chi_index_info(index) $$;

-- ---- creating one ----

-- Masks that lie out of line, in their tuples, and none; no autovacuum: the tests say when rows are removed.
CREATE TABLE inc (id integer, note text, m mask) WITH (autovacuum_enabled = off, fillfactor = 50);
INSERT INTO inc SELECT i, 'first', CASE WHEN i % 10 > 0 THEN gradient(i, 25, 15) END FROM generate_series(1, 400) i;
INSERT INTO inc SELECT i, 'large', gradient(i, 130, 90) FROM generate_series(401, 500) i;
-- Where queries build entries themselves they do not do so here, or every count below would depend on them.
SET maskquery.enable_learning = off;
CREATE INDEX inc_m ON inc USING chi (m) WITH (build = incremental);
SELECT * FROM state('inc_m');
SELECT chi_check('inc_m', true);
SELECT count(lo) FROM inc, cp_bounds('inc_m', inc.ctid, 'full', 0.2, 0.45);

-- No pixels are read; the value range comes from headers.
SELECT value_lo, value_hi FROM chi_index_info('inc_m');
CREATE TABLE depth AS SELECT i AS id, 'f32(0,80):[[1,70]]'::mask AS m FROM generate_series(1, 10) i;
CREATE INDEX depth_m ON depth USING chi (m) WITH (build = 'incremental');
SELECT value_lo, value_hi FROM chi_index_info('depth_m');

-- Bins from pixels would need them.
CREATE INDEX ON depth USING chi (m) WITH (build = incremental, binning = equi_depth);
CREATE INDEX ON depth USING chi (m) WITH (build = lazy);
CREATE INDEX depth_eager ON depth USING chi (m) WITH (build = eager);
SELECT * FROM state('depth_eager');
SELECT chi_summarize('depth_eager');

-- ---- summarising ----

SELECT chi_summarize('inc_m', 0), chi_summarize('inc_m', 7), chi_summarize('inc_m', 50);
SELECT * FROM state('inc_m');
SELECT * FROM verify('inc', 'inc_m');
SELECT chi_summarize('inc_m') > 0 AS some;
SELECT * FROM state('inc_m');
SELECT * FROM verify('inc', 'inc_m');
SELECT chi_summarize('inc_m'), chi_summarize('inc_m', 10);
-- Entry for entry what an eager build makes.
CREATE INDEX inc_eager ON inc USING chi (m);
SELECT count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differ, count(a.lo)
FROM inc, cp_bounds('inc_m', inc.ctid, '((3,4),(17,9))', 0.2, 0.45) a, cp_bounds('inc_eager', inc.ctid, '((3,4),(17,9))', 0.2, 0.45) b;
DROP INDEX inc_eager;

-- Who may, and what it says to those who may not.
SELECT chi_summarize(NULL), chi_summarize(NULL, 5);
SELECT chi_summarize('inc_m', -1);
SELECT chi_summarize('inc');
CREATE TABLE parted (id integer, m mask) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (100);
INSERT INTO parted SELECT i, gradient(i, 25, 15) FROM generate_series(1, 20) i;
CREATE INDEX parted_m ON parted USING chi (m) WITH (build = incremental);
SELECT chi_summarize('parted_m');
SELECT chi_summarize('parted_1_m_idx');
SELECT * FROM verify('parted_1', 'parted_1_m_idx');
CREATE ROLE regress_chi_stranger;
SET ROLE regress_chi_stranger;
SELECT chi_summarize('inc_m');
RESET ROLE;
DROP ROLE regress_chi_stranger;

-- It is not undone, needs no transaction id, and works where only reading is allowed.
REINDEX INDEX inc_m;
BEGIN READ ONLY;
SELECT chi_summarize('inc_m', 20);
SELECT pg_current_xact_id_if_assigned();
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM inc;
SELECT chi_summarize('inc_m', 30);
ROLLBACK;
SELECT built FROM chi_index_info('inc_m');

-- ---- changes while entries are pending ----

REINDEX INDEX inc_m;
SELECT * FROM state('inc_m');
-- HOT updates: the pending entry is that of the root.
UPDATE inc SET note = 'second' WHERE id % 2 = 0;
UPDATE inc SET note = 'third' WHERE id % 4 = 0;
SELECT * FROM state('inc_m');
-- New versions with other masks are built at once; so are new rows.
UPDATE inc SET m = gradient(id + 1, 25, 15) WHERE id % 9 = 0;
INSERT INTO inc SELECT i, 'new', gradient(i, 25, 15) FROM generate_series(501, 520) i;
SELECT built FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');
REINDEX INDEX inc_m;
DELETE FROM inc WHERE id % 5 = 0;
-- Rows that nobody sees any more stay pending until VACUUM.
SELECT chi_summarize('inc_m') = (SELECT count(m) FROM inc) AS all_visible;
SELECT pending > 0 AS some_dead FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');
SET maskquery.vacuum_summarize = 0;
VACUUM inc;
SELECT entries = (SELECT count(m) FROM inc) AS as_many, pending, dead FROM chi_index_info('inc_m');
-- Their line pointers are used again.
INSERT INTO inc SELECT i, 'again', gradient(i, 31, 17) FROM generate_series(601, 680) i;
SELECT * FROM verify('inc', 'inc_m');

-- Deleted while pending: nothing of them is left.
REINDEX INDEX inc_m;
DELETE FROM inc WHERE id % 3 = 0;
VACUUM inc;
SELECT entries = (SELECT count(m) FROM inc) AS as_many, built, pending = entries AS all_pending FROM chi_index_info('inc_m');
INSERT INTO inc SELECT i, 'later', gradient(i, 31, 17) FROM generate_series(701, 780) i;
SELECT built FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');

-- ---- VACUUM ----

REINDEX INDEX inc_m;
CREATE TEMP TABLE before AS SELECT pending FROM chi_index_info('inc_m');
SET maskquery.vacuum_summarize = 25;
VACUUM inc;
SELECT i.built, before.pending - i.pending AS fewer FROM chi_index_info('inc_m') i, before;
ANALYZE inc;
SELECT built FROM chi_index_info('inc_m');
VACUUM (INDEX_CLEANUP off) inc;
SELECT built FROM chi_index_info('inc_m');
DELETE FROM inc WHERE id = 11;
VACUUM (PARALLEL 0) inc;
SELECT built FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');
RESET maskquery.vacuum_summarize;
SHOW maskquery.vacuum_summarize;
VACUUM inc;
SELECT pending FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');
VACUUM inc;
-- Compressed and inline values too.
CREATE TABLE stored (id integer, m mask) WITH (autovacuum_enabled = off);
ALTER TABLE stored ALTER m SET STORAGE EXTENDED;
INSERT INTO stored SELECT i, mask_resize('[[0.5,0.25]]', 900, 800) FROM generate_series(1, 3) i;
INSERT INTO stored SELECT i, gradient(i, 5, 4) FROM generate_series(4, 6) i;
CREATE INDEX stored_m ON stored USING chi (m) WITH (build = incremental);
VACUUM stored;
SELECT * FROM state('stored_m');
SELECT * FROM verify('stored', 'stored_m');

-- ---- entries of many pages, and too large ones ----

CREATE TABLE large (id integer, m mask) WITH (autovacuum_enabled = off);
INSERT INTO large SELECT i, gradient(i, 400, 300) FROM generate_series(1, 4) i;
INSERT INTO large SELECT 5, mask_resize('bit:[[1]]', 16384, 16384);
CREATE INDEX large_m ON large USING chi (m) WITH (build = incremental, cell_width = 4, cell_height = 4, bins = 256);
SELECT * FROM state('large_m');
DELETE FROM large WHERE id = 2;
SELECT chi_summarize('large_m');
SELECT * FROM state('large_m');
SELECT chi_check('large_m', true);
SELECT chi_summarize('large_m');
VACUUM large;
SELECT * FROM state('large_m');
SELECT chi_check('large_m', true);

-- ---- partial indexes, expressions, temporary and unlogged tables ----

CREATE INDEX inc_part ON inc USING chi (m) WITH (build = incremental) WHERE id < 100;
CREATE INDEX inc_bit ON inc USING chi ((m > 0.4)) WITH (build = incremental);
SELECT pending = (SELECT count(m) FROM inc WHERE id < 100) AS partial FROM chi_index_info('inc_part');
VACUUM inc;
SELECT pending FROM chi_index_info('inc_part');
SELECT built FROM chi_index_info('inc_bit');
SELECT chi_summarize('inc_bit') = (SELECT count(m) FROM inc) AS expression;
SELECT chi_check('inc_part', true), chi_check('inc_bit', true);
-- What was done stays when the rest fails, or is cancelled.
-- From 17 on, CREATE INDEX evaluates expressions under a search_path of its own.
CREATE FUNCTION brittle(m mask) RETURNS mask LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS
$$
BEGIN
    IF width(m) = 9 AND current_setting('test.brittle', true) = 'on' THEN
        RAISE 'brittle';
    END IF;
    RETURN m;
END
$$;
CREATE TABLE halfway AS SELECT i AS id, mask_resize('[[0.5]]', CASE i WHEN 1490 THEN 9 ELSE 8 END, 8) AS m FROM generate_series(1, 1500) i;
CREATE INDEX halfway_m ON halfway USING chi (brittle(m)) WITH (build = incremental);
SET test.brittle = on;
\set VERBOSITY terse
SELECT chi_summarize('halfway_m');
\set VERBOSITY default
SELECT built BETWEEN 1000 AND 1489 AS kept FROM chi_index_info('halfway_m');
RESET test.brittle;
SELECT chi_summarize('halfway_m') < 500 AS rest;
SELECT * FROM state('halfway_m');
SELECT chi_check('halfway_m', true);
CREATE TEMP TABLE temporary AS SELECT * FROM inc;
CREATE INDEX temporary_m ON temporary USING chi (m) WITH (build = incremental);
SELECT chi_summarize('temporary_m', 5);
VACUUM temporary;
SELECT pending FROM chi_index_info('temporary_m');
SELECT * FROM verify('temporary', 'temporary_m');
CREATE UNLOGGED TABLE unlogged AS SELECT * FROM inc;
CREATE INDEX unlogged_m ON unlogged USING chi (m) WITH (build = incremental);
SELECT chi_summarize('unlogged_m', 5);
SELECT * FROM verify('unlogged', 'unlogged_m');

-- ---- built again ----

REINDEX INDEX CONCURRENTLY inc_m;
SELECT built, pending = entries AS all_pending FROM chi_index_info('inc_m');
SELECT * FROM verify('inc', 'inc_m');
VACUUM FULL inc;
SELECT built, pending = entries AS all_pending FROM chi_index_info('inc_m');
CREATE INDEX CONCURRENTLY inc_c ON inc USING chi (m) WITH (build = incremental);
SELECT built, pending = entries AS all_pending FROM chi_index_info('inc_c');
-- The option is what the next build does.
ALTER INDEX inc_m SET (build = eager);
SELECT built FROM chi_index_info('inc_m');
REINDEX INDEX inc_m;
SELECT pending FROM chi_index_info('inc_m');
ALTER INDEX inc_m SET (build = incremental, binning = equi_depth);
TRUNCATE inc;
INSERT INTO inc SELECT i, 'anew', gradient(i, 25, 15) FROM generate_series(1, 50) i;
SELECT * FROM state('inc_c');
SELECT * FROM verify('inc', 'inc_c');

-- Broken HOT chains: the pending entry is the newest version's, and is built from its mask.
CREATE TABLE broken (id integer, m mask) WITH (autovacuum_enabled = off, fillfactor = 20);
INSERT INTO broken SELECT i, gradient(i, 25, 15) FROM generate_series(1, 20) i;
UPDATE broken SET m = gradient(id + 5, 25, 15);
UPDATE broken SET m = gradient(id + 6, 18, 15) WHERE id % 2 = 0;
CREATE INDEX broken_m ON broken USING chi (m) WITH (build = incremental);
SELECT chi_summarize('broken_m');
SELECT * FROM verify('broken', 'broken_m');

DROP TABLE inc, depth, parted, stored, large, halfway, temporary, unlogged, broken, before;
DROP FUNCTION gradient, verify, state, brittle;
