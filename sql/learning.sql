-- Queries complete an incremental index with the masks that they read anyway.
SET client_min_messages = warning;
SET maskquery.learning = inline;
CREATE TABLE blobs (id int PRIMARY KEY, note text, mask mask) WITH (autovacuum_enabled = off, fillfactor = 40);
-- some masks lie in the tuple, some in the TOAST table
INSERT INTO blobs
SELECT i, 'new', mask_resize(format('[[0.%s,0.1],[0.2,0.%s]]', i % 10, i % 7)::mask, 24 + 60 * (i % 2), 24 + 60 * (i % 2))
FROM generate_series(1, 200) i;
INSERT INTO blobs VALUES (201, 'null', NULL);
CREATE INDEX blobs_mask ON blobs USING chi (mask) WITH (build = incremental);
CREATE VIEW known AS SELECT entries, built, pending FROM chi_index_info('blobs_mask');
CREATE VIEW loads AS SELECT masks, loaded FROM maskquery_last_query();
SELECT * FROM known;

-- the first query reads all it looks at, and the index has learnt it when the query ends
SELECT count(*), sum(id) FROM blobs WHERE id <= 100 AND cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM loads;
SELECT * FROM known;
SELECT count(*), sum(id) FROM blobs WHERE id <= 100 AND cp(mask, 0.5, 1.0) > 2000;
SELECT loaded < masks AS spared FROM loads;
SELECT chi_check('blobs_mask', heapallindexed => true);

-- in a read-only transaction, and one that is rolled back
BEGIN READ ONLY;
SELECT count(*), sum(id) FROM blobs WHERE id BETWEEN 101 AND 120 AND cp(mask, 0.5, 1.0) > 2000;
ROLLBACK;
SELECT * FROM known;

-- by a cursor that stops early
SET enable_seqscan = off;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM blobs WHERE id BETWEEN 121 AND 140 AND cp(mask, 0.0, 1.0) > 0 ORDER BY id;
FETCH 3 FROM c;
SELECT * FROM known;
COMMIT;
RESET enable_seqscan;

-- what a statement learnt before it failed is not lost
SELECT count(*) FROM blobs WHERE id BETWEEN 141 AND 150 AND 1 / (cp(mask, 0.5, 1.0) - cp(mask, 0.5, 1.0)) > 0;
SELECT count(*), sum(id) FROM blobs WHERE id BETWEEN 145 AND 150 AND cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;

-- not with the switch off; inserted rows are built at once; HOT updates share the entry of their root
SET maskquery.enable_learning = off;
SELECT count(*), sum(id) FROM blobs WHERE id > 150 AND cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;
RESET maskquery.enable_learning;
INSERT INTO blobs SELECT id + 300, 'late', mask FROM blobs WHERE id <= 10;
UPDATE blobs SET note = 'touched' WHERE id BETWEEN 151 AND 155;
SELECT count(*), sum(id) FROM blobs WHERE id BETWEEN 151 AND 155 AND cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;

-- in parallel, by a join
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM blobs a JOIN blobs b ON b.id = a.id + 1 WHERE cp(a.mask, 0.5, 1.0) > cp(b.mask, 0.4, 1.0);
SELECT pending FROM known;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT chi_check('blobs_mask', heapallindexed => true);

-- rows that go before they are learnt
REINDEX INDEX blobs_mask;
SELECT * FROM known;
DELETE FROM blobs WHERE id % 2 = 0;
VACUUM blobs;
INSERT INTO blobs SELECT i, 'again', mask_resize(format('[[0.%s,0.9],[0.9,0.%s]]', i % 10, i % 7)::mask, 30, 30) FROM generate_series(1000, 1100) i;
SET maskquery.verify = on;
SELECT count(*) FROM blobs WHERE cp(mask, 0.5, 1.0) > 400;
RESET maskquery.verify;
SELECT count(*) FROM blobs WHERE cp(mask, 0.5, 1.0) > 400;
SELECT chi_check('blobs_mask', heapallindexed => true);
SELECT pending FROM known;
SET maskquery.enable_pruning = off;
SELECT count(*) FROM blobs WHERE cp(mask, 0.5, 1.0) > 400;
DROP TABLE blobs CASCADE;
DROP VIEW loads;
