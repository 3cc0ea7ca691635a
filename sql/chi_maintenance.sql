-- chi indexes stay true to their tables: every kind of change, then a check against the table.
SET jit = off;

CREATE FUNCTION gradient(n integer, width integer, height integer) RETURNS mask LANGUAGE sql IMMUTABLE AS
$$ SELECT mask_resize(format('[[%s,0.5],[0.25,%s]]', n % 10 / 10.0, n % 7 / 7.0)::mask, width, height) $$;

-- Checks the index and compares the rows that have a mask with those that have bounds, which must hold.
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

-- No autovacuum: the tests say when rows are removed.
CREATE TABLE maintain (id integer, note text, m mask) WITH (autovacuum_enabled = off, fillfactor = 50);
CREATE INDEX maintain_m ON maintain USING chi (m);
INSERT INTO maintain SELECT i, 'first', CASE WHEN i % 10 > 0 THEN gradient(i, 25, 15) END FROM generate_series(1, 500) i;
SELECT * FROM verify('maintain', 'maintain_m');

-- HOT updates add no entries; the bounds are found through the chain's root.
UPDATE maintain SET note = 'second' WHERE id % 2 = 0;
UPDATE maintain SET note = 'third' WHERE id % 4 = 0;
SELECT entries FROM chi_index_info('maintain_m');
SELECT pg_stat_force_next_flush();
SELECT n_tup_hot_upd > 0 AS hot FROM pg_stat_user_tables WHERE relname = 'maintain';
SELECT * FROM verify('maintain', 'maintain_m');
-- Updates of the mask, to and from NULL.
UPDATE maintain SET m = gradient(id + 1, 25, 15) WHERE id % 3 = 0;
UPDATE maintain SET m = NULL WHERE id % 7 = 0;
UPDATE maintain SET m = gradient(id, 31, 8) WHERE m IS NULL AND id % 5 = 0;
SELECT * FROM verify('maintain', 'maintain_m');

-- Rolled back: entries stay until VACUUM, and nobody sees them.
BEGIN;
INSERT INTO maintain SELECT i, 'never', gradient(i, 25, 15) FROM generate_series(1, 200) i;
UPDATE maintain SET m = gradient(id + 3, 25, 15);
SELECT * FROM verify('maintain', 'maintain_m');
ROLLBACK;
BEGIN;
SAVEPOINT s;
UPDATE maintain SET m = gradient(id + 3, 25, 15) WHERE id < 100;
ROLLBACK TO s;
INSERT INTO maintain SELECT i, 'kept', gradient(i, 25, 15) FROM generate_series(501, 520) i;
COMMIT;
SELECT * FROM verify('maintain', 'maintain_m');

-- VACUUM leaves exactly the entries of live rows, and their space is used again.
VACUUM maintain;
SELECT entries = (SELECT count(m) FROM maintain) AS as_many, dead FROM chi_index_info('maintain_m');
SELECT * FROM verify('maintain', 'maintain_m');
CREATE TEMP TABLE size AS SELECT bytes FROM chi_index_info('maintain_m');
DELETE FROM maintain WHERE id % 2 = 0;
VACUUM maintain;
SELECT entries = (SELECT count(m) FROM maintain) AS as_many, dead FROM chi_index_info('maintain_m');
INSERT INTO maintain SELECT i, 'again', gradient(i, 25, 15) FROM generate_series(1, 240) i;
SELECT i.bytes <= size.bytes AS fits FROM chi_index_info('maintain_m') i, size;
SELECT * FROM verify('maintain', 'maintain_m');
-- Everything.
DELETE FROM maintain;
VACUUM maintain;
SELECT entries, dead, entry_pages FROM chi_index_info('maintain_m');
SELECT chi_check('maintain_m', true);
INSERT INTO maintain SELECT i, 'anew', gradient(i, 25, 15) FROM generate_series(1, 300) i;
SELECT * FROM verify('maintain', 'maintain_m');
SELECT i.bytes <= size.bytes AS fits FROM chi_index_info('maintain_m') i, size;

-- VACUUM without index cleanup leaves dead line pointers, which no row can take.
DELETE FROM maintain WHERE id % 5 = 0;
VACUUM (INDEX_CLEANUP off) maintain;
INSERT INTO maintain SELECT i, 'late', gradient(i, 25, 15) FROM generate_series(1, 100) i;
SELECT * FROM verify('maintain', 'maintain_m');
VACUUM (INDEX_CLEANUP on) maintain;
SELECT entries = (SELECT count(m) FROM maintain) AS as_many FROM chi_index_info('maintain_m');
SELECT * FROM verify('maintain', 'maintain_m');

-- Entries that are chains of chunks go as a whole.
CREATE TABLE chains (id integer, m mask) WITH (autovacuum_enabled = off);
CREATE INDEX chains_m ON chains USING chi (m) WITH (cell_width = 4, cell_height = 4, bins = 64);
INSERT INTO chains SELECT i, gradient(i, 400, 300) FROM generate_series(1, 6) i;
SELECT entries, entry_pages > 60 AS chained FROM chi_index_info('chains_m');
TRUNCATE size;
INSERT INTO size SELECT bytes FROM chi_index_info('chains_m');
DELETE FROM chains WHERE id <= 5;
VACUUM chains;
SELECT entries, dead, free_pages > 50 AS freed FROM chi_index_info('chains_m');
SELECT chi_check('chains_m', true);
INSERT INTO chains SELECT i, gradient(i, 400, 300) FROM generate_series(1, 5) i;
SELECT i.bytes < 1.05 * size.bytes AS fits FROM chi_index_info('chains_m') i, size;
SELECT chi_check('chains_m', true);

-- Built again in every way.
REINDEX INDEX maintain_m;
SELECT * FROM verify('maintain', 'maintain_m');
REINDEX INDEX CONCURRENTLY maintain_m;
SELECT * FROM verify('maintain', 'maintain_m');
CREATE INDEX CONCURRENTLY maintain_n ON maintain USING chi (m) WITH (bins = 4);
SELECT * FROM verify('maintain', 'maintain_n');
UPDATE maintain SET m = gradient(id, 20, 20) WHERE id % 6 = 0;
VACUUM FULL maintain;
SELECT * FROM verify('maintain', 'maintain_m');
SELECT * FROM verify('maintain', 'maintain_n');
CREATE UNIQUE INDEX chains_id ON chains (id);
CLUSTER chains USING chains_id;
SELECT * FROM verify('chains', 'chains_m');
CLUSTER chains USING chains_m;
ALTER TABLE maintain ALTER m TYPE mask USING m;
SELECT * FROM verify('maintain', 'maintain_m');

-- TRUNCATE, in its own transaction and in the one that made the table (the file is emptied in place then).
TRUNCATE maintain;
SELECT entries FROM chi_index_info('maintain_m');
INSERT INTO maintain SELECT i, 'anew', gradient(i, 25, 15) FROM generate_series(1, 50) i;
SELECT * FROM verify('maintain', 'maintain_m');
BEGIN;
TRUNCATE maintain;
INSERT INTO maintain SELECT i, 'lost', gradient(i, 25, 15) FROM generate_series(1, 90) i;
SELECT * FROM verify('maintain', 'maintain_m');
ROLLBACK;
SELECT * FROM verify('maintain', 'maintain_m');
BEGIN;
CREATE TABLE brief (id integer, note text, m mask);
INSERT INTO brief SELECT * FROM maintain;
CREATE INDEX brief_m ON brief USING chi (m);
INSERT INTO brief SELECT * FROM maintain;
SELECT * FROM verify('brief', 'brief_m');
TRUNCATE brief;
SELECT * FROM verify('brief', 'brief_m');
INSERT INTO brief SELECT * FROM maintain;
SELECT * FROM verify('brief', 'brief_m');
COMMIT;
SELECT * FROM verify('brief', 'brief_m');

-- An index built over broken HOT chains: it knows the newest version only, under the root's line pointer.
CREATE TABLE broken (id integer, m mask) WITH (autovacuum_enabled = off, fillfactor = 20);
INSERT INTO broken SELECT i, gradient(i, 25, 15) FROM generate_series(1, 20) i;
UPDATE broken SET m = gradient(id + 5, 25, 15);
UPDATE broken SET m = gradient(id + 6, 18, 15) WHERE id % 2 = 0;
CREATE INDEX broken_m ON broken USING chi (m);
SELECT * FROM verify('broken', 'broken_m');

-- ON CONFLICT and COPY come the same way.
CREATE UNIQUE INDEX broken_id ON broken (id);
INSERT INTO broken SELECT i, gradient(i, 10, 10) FROM generate_series(15, 25) i
    ON CONFLICT (id) DO UPDATE SET m = excluded.m;
COPY broken (id, m) FROM stdin;
30	[[0.1,0.2],[0.3,0.4]]
31	u8:[[1,2,3]]
32	\N
\.
COPY broken (id, m) FROM stdin;
33	[[0.1,0.2],[0.3,0.4]]
34	[[0.1,7]]
\.
SELECT * FROM verify('broken', 'broken_m');
VACUUM broken;
SELECT * FROM verify('broken', 'broken_m');

DROP TABLE maintain, chains, brief, broken;
DROP FUNCTION gradient, verify;
