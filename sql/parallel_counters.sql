-- Workers of a parallel query report what they have counted to their leader; a query without masks makes no shared memory for that.
SET client_min_messages = warning;
CREATE TABLE shots (id int, part int, mask mask, box roi) WITH (autovacuum_enabled = off);
INSERT INTO shots
SELECT i, i % 5, mask_resize(format('[[0.%s,0.13],[0.27,0.%s]]', 11 + 7 * (i % 10), 1 + i % 7)::mask, 60, 60), roi(1, 1, 1 + i % 9, 2)
FROM generate_series(1, 60) i;
ANALYZE shots;
CREATE FUNCTION bright(mask) RETURNS float8 LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS 'BEGIN RETURN cp($1, 0.5, 1.0); END';
CREATE FUNCTION add_bright(float8, mask) RETURNS float8 LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS 'BEGIN RETURN $1 + bright($2); END';
CREATE AGGREGATE sum_bright(mask) (SFUNC = add_bright, STYPE = float8, INITCOND = 0, COMBINEFUNC = float8pl, PARALLEL = SAFE);
CREATE FUNCTION is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        IF line LIKE '%Workers Planned%' THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END $$;
-- Whether the session has made a segment; which masks its last statement counted.
CREATE FUNCTION has_segment() RETURNS boolean LANGUAGE sql AS $$ SELECT current_setting('maskquery.worker_counters') <> '0' $$;
-- All rows are left to workers.
ALTER DATABASE :"DBNAME" SET parallel_setup_cost = 0;
ALTER DATABASE :"DBNAME" SET parallel_tuple_cost = 0;
ALTER DATABASE :"DBNAME" SET min_parallel_table_scan_size = 0;
ALTER DATABASE :"DBNAME" SET parallel_leader_participation = off;
ALTER DATABASE :"DBNAME" SET maskquery.enable_pruning = off;

-- the library is loaded, and workers meet no mask, or only give it away
\c -
LOAD 'maskquery';
SELECT has_segment();
\set query 'SELECT count(*), sum(part) FROM shots WHERE id > 10'
SELECT is_parallel(:'query');
:query;
\set query 'SELECT part, count(*) FROM shots GROUP BY part ORDER BY part'
SELECT is_parallel(:'query');
:query;
\set query 'SELECT count(*) FROM shots a JOIN shots b USING (id) WHERE a.part::text < ''3'''
SELECT is_parallel(:'query');
:query;
\set query 'SELECT id, mask::text <> ''x'' AS mask, box::text FROM shots WHERE id < 3 ORDER BY id'
SELECT is_parallel(:'query');
:query;
SELECT has_segment();

-- cp in a filter
\set query 'SELECT count(*), sum(id) FROM shots WHERE cp(mask, 0.5, 1.0) > 1000'
SELECT is_parallel(:'query');
:query;
SELECT masks, loaded, has_segment() FROM maskquery_last_query();
SET max_parallel_workers_per_gather = 0;
:query;
SELECT masks, loaded FROM maskquery_last_query();

-- the first of a session: cp below a function of the user's
\c -
LOAD 'maskquery';
\set query 'SELECT count(*) FROM shots WHERE bright(mask) > 1000'
SELECT is_parallel(:'query');
:query;
SELECT masks, loaded, has_segment() FROM maskquery_last_query();

-- ... below an aggregate of the user's
\c -
LOAD 'maskquery';
\set query 'SELECT sum_bright(mask) FROM shots'
SELECT is_parallel(:'query');
:query;
SELECT masks, loaded, has_segment() FROM maskquery_last_query();

-- ... an operator, in a prepared statement
\c -
LOAD 'maskquery';
PREPARE q AS SELECT count(*) FROM shots WHERE (mask > 0.5) IS NULL;
SELECT is_parallel('EXECUTE q');
EXECUTE q;
SELECT masks, loaded, has_segment() FROM maskquery_last_query();

-- EXPLAIN alone starts no worker; the handle outlives a rollback
\c -
LOAD 'maskquery';
\set query 'SELECT count(*), sum(id) FROM shots WHERE cp(mask, 0.5, 1.0) > 1000'
SELECT is_parallel(:'query'), has_segment();
BEGIN;
:query;
ROLLBACK;
:query;
SELECT masks, loaded, has_segment() FROM maskquery_last_query();

ALTER DATABASE :"DBNAME" RESET parallel_setup_cost;
ALTER DATABASE :"DBNAME" RESET parallel_tuple_cost;
ALTER DATABASE :"DBNAME" RESET min_parallel_table_scan_size;
ALTER DATABASE :"DBNAME" RESET parallel_leader_participation;
ALTER DATABASE :"DBNAME" RESET maskquery.enable_pruning;
SET client_min_messages = warning;
DROP TABLE shots CASCADE;
DROP AGGREGATE sum_bright(mask);
DROP FUNCTION add_bright, bright, is_parallel, has_segment;
