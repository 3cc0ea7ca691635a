-- By default the entries of masks that a query had to read are built by a worker, when the query has ended.
SET client_min_messages = warning;
CREATE TABLE scans (id int PRIMARY KEY, part int, mask mask) WITH (autovacuum_enabled = off);
INSERT INTO scans
SELECT i, i % 5, mask_resize(format('[[0.%s,0.13],[0.27,0.%s]]', 11 + 7 * (i % 10), 1 + i % 7)::mask, 84, 84) FROM generate_series(1, 600) i;
ANALYZE scans;
CREATE INDEX scans_mask ON scans USING chi (mask) WITH (build = incremental);
CREATE VIEW known AS SELECT entries, built, pending FROM chi_index_info('scans_mask');
CREATE PROCEDURE wait_until_pending(wanted int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 6000 LOOP
        EXIT WHEN (SELECT pending FROM known) = wanted AND
            NOT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'maskquery learner' AND datname = current_database());
        COMMIT;
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$;

-- guarded: the first query reads all, and the next ones what the entries leave open
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT masks, loaded FROM maskquery_last_query();
CALL wait_until_pending(0);
SELECT * FROM known;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT masks, loaded < masks / 2 AS spared FROM maskquery_last_query();
SELECT chi_check('scans_mask', heapallindexed => true);

-- too few for a worker: who comes a second time builds
REINDEX INDEX scans_mask;
SELECT count(*), sum(id) FROM scans WHERE id <= 100 AND cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;
SELECT count(*), sum(id) FROM scans WHERE id BETWEEN 51 AND 150 AND cp(mask, 0.4, 1.0) > 2000;
SELECT * FROM known;
SELECT chi_check('scans_mask', heapallindexed => true);

-- without a guard: in the select list, by aggregates, sorted, in HAVING; a worker finds the rows by their masks (in the TOAST table)
REINDEX INDEX scans_mask;
SELECT sum(cp(mask, 0.5, 1.0)) FROM scans WHERE id <= 300;
CALL wait_until_pending(300);
SELECT * FROM known;
SELECT id FROM scans ORDER BY cp(mask, 0.3, 1.0) DESC, id LIMIT 3;
CALL wait_until_pending(0);
SELECT * FROM known;
SELECT chi_check('scans_mask', heapallindexed => true);
REINDEX INDEX scans_mask;
SELECT sum(cp(mask, 0.5, 1.0)) FROM scans WHERE id <= 300;
SELECT part FROM scans GROUP BY part HAVING avg(cp(mask, 0.35, 1.0)) > 100 ORDER BY part;
SELECT sum(cp), count(*) FROM (SELECT cp(mask, 0.25, 1.0) FROM scans OFFSET 0) s;

-- parallel workers tell their leader
REINDEX INDEX scans_mask;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
CALL wait_until_pending(0);
SELECT * FROM known;
SELECT chi_check('scans_mask', heapallindexed => true);

-- what no worker can see is built by the second query: an index of this transaction, a temporary one
BEGIN;
REINDEX INDEX scans_mask;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;
ROLLBACK;
SELECT * FROM known;
CREATE TEMPORARY TABLE own AS SELECT id, mask FROM scans;
CREATE INDEX own_mask ON own USING chi (mask) WITH (build = incremental);
SELECT count(*), sum(id) FROM own WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT built, pending FROM chi_index_info('own_mask');
SELECT count(*), sum(id) FROM own WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT built, pending FROM chi_index_info('own_mask');
SELECT chi_check('own_mask', heapallindexed => true);

DROP TABLE own;

-- switched off
REINDEX INDEX scans_mask;
SET maskquery.enable_learning = off;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
SELECT * FROM known;

-- what is built in the midst of a statement does not disturb it, and the next one knows of it
SET maskquery.enable_chi_scan = off;
SET enable_seqscan = off;
SELECT count(*), sum(id) FROM scans WHERE id <= 300 AND (id <> 100 OR chi_summarize('scans_mask') >= 0) AND cp(mask, 0.5, 1.0) > 2000;
SELECT masks, loaded >= 100 AS read FROM maskquery_last_query();
SELECT * FROM known;
SELECT count(*), sum(id) FROM scans WHERE id <= 300 AND cp(mask, 0.5, 1.0) > 2000;
SELECT masks, loaded < 100 AS spared FROM maskquery_last_query();
RESET enable_seqscan;
RESET maskquery.enable_chi_scan;
REINDEX INDEX scans_mask;
RESET maskquery.enable_learning;

-- the table may go while a worker is at it
SELECT count(*), sum(id) FROM scans WHERE cp(mask, 0.5, 1.0) > 2000;
DROP TABLE scans CASCADE;
