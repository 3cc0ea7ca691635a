-- The paper's multi-query workloads (section 4.5): 200 filter queries each, every one over 10, 20 or 30 % of the masks, of which a
-- share p_seen was targeted before in the same workload. Parameters are drawn as in section 4.3: the roi is the object's box, lv < uv
-- from 0.1, ..., 0.9, T up to the mean area of a box.
--
-- psql variables: seed (-1 to 1), queries. Leaves the tables timings(workload, method, query, ms), where query 0 is CREATE INDEX, and
-- first_queries, in ms.
SELECT setseed(:seed) \gset
CREATE TABLE workloads (workload int, p_seen float8);
INSERT INTO workloads VALUES (1, 0.2), (2, 0.5), (3, 0.8), (4, 1.0);
CREATE TABLE parameters (workload int, query int, lv float8, uv float8, threshold float8, PRIMARY KEY (workload, query));
CREATE TABLE targets (workload int, query int, mask_id int);
CREATE TABLE timings (workload int, method text, query int, ms float8);
CREATE TABLE cpu (workload int, method text, ms float8);
CREATE FUNCTION median_of(float8[]) RETURNS float8 LANGUAGE sql AS 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest($1) x';
CREATE AGGREGATE median(float8) (SFUNC = array_append, STYPE = float8[], FINALFUNC = median_of, INITCOND = '{}');
CREATE VIEW cumulative AS
SELECT workload, method, query, sum(ms) OVER (PARTITION BY workload, method ORDER BY query) AS ms FROM timings;

CREATE PROCEDURE draw_workloads(queries int) LANGUAGE plpgsql AS $$
DECLARE
    w record;
    total int := (SELECT count(*) FROM masks);
    mean_area float8 := (SELECT avg(area(box)) FROM boxes);
    n int;
    fresh int;
    a int;
    b int;
BEGIN
    FOR w IN SELECT * FROM workloads ORDER BY workload LOOP
        CREATE TEMPORARY TABLE pool ON COMMIT DROP AS SELECT mask_id, false AS seen FROM masks;
        FOR q IN 1 .. queries LOOP
            n := total * (1 + floor(random() * 3)::int) / 10;
            fresh := CASE WHEN q = 1 THEN n ELSE round(n * (1 - w.p_seen)) END;
            fresh := least(fresh, (SELECT count(*) FROM pool WHERE NOT seen));
            CREATE TEMPORARY TABLE picked AS
                (SELECT mask_id FROM pool WHERE NOT seen ORDER BY random() LIMIT fresh)
                UNION ALL
                (SELECT mask_id FROM pool WHERE seen ORDER BY random() LIMIT n - fresh);
            UPDATE pool SET seen = true FROM picked WHERE pool.mask_id = picked.mask_id AND NOT pool.seen;
            INSERT INTO targets SELECT w.workload, q, mask_id FROM picked;
            DROP TABLE picked;
            a := 1 + floor(random() * 8)::int;
            b := a + 1 + floor(random() * (9 - a))::int;
            INSERT INTO parameters VALUES (w.workload, q, a / 10.0, b / 10.0, floor(random() * mean_area));
        END LOOP;
        DROP TABLE pool;
    END LOOP;
END $$;
CALL draw_workloads(:queries);
CREATE INDEX ON targets (workload, query);
VACUUM ANALYZE targets;
VACUUM ANALYZE parameters;

-- The query that both measure; planned afresh, as one that a user types. For EXECUTE.
CREATE FUNCTION workload_query(p parameters) RETURNS text LANGUAGE sql AS $$
SELECT format('SELECT coalesce(sum(m.mask_id), 0) FROM targets t JOIN masks m USING (mask_id) JOIN boxes b USING (image_id)
               WHERE t.workload = %s AND t.query = %s AND cp(m.mask, b.box, %s, %s) > %s',
              p.workload, p.query, p.lv, p.uv, p.threshold)
$$;

CREATE FUNCTION ms_since(started timestamptz) RETURNS float8 LANGUAGE sql AS
'SELECT extract(epoch FROM clock_timestamp() - started)::float8 * 1000';

-- Runs one workload by one method, each query in a transaction of its own: what is not committed nobody else can build. Results are
-- summed into a checksum, which must not depend on the method.
CREATE TABLE checksums (workload int, method text, sum bigint);
CREATE PROCEDURE run_workload(which int, how text) LANGUAGE plpgsql AS $$
DECLARE
    p parameters;
    started timestamptz;
    took float8;
    answer bigint;
    sum bigint := 0;
BEGIN
    DROP INDEX IF EXISTS masks_learning;
    PERFORM set_config('maskquery.enable_pruning', CASE how WHEN 'none' THEN 'off' ELSE 'on' END, false);
    COMMIT;
    started := clock_timestamp();
    IF how <> 'none' THEN
        EXECUTE format('CREATE INDEX masks_learning ON masks USING chi (mask) WITH (build = %s)', how);
    END IF;
    COMMIT;
    INSERT INTO timings VALUES (which, how, 0, ms_since(started));
    COMMIT;
    FOR p IN SELECT * FROM parameters WHERE workload = which ORDER BY query LOOP
        started := clock_timestamp();
        EXECUTE workload_query(p) INTO answer;
        COMMIT;
        took := ms_since(started);
        INSERT INTO timings VALUES (which, how, p.query, took);
        COMMIT;
        sum := sum + answer * p.query;
    END LOOP;
    INSERT INTO checksums VALUES (which, how, sum);
END $$;

-- The first query of a workload, many times in turns: without an index, and with CREATE INDEX before it. For comparison the time of
-- another CREATE INDEX that reads next to nothing.
CREATE TABLE first_queries (workload int, round int, none float8, build float8, query float8, brin float8);
CREATE PROCEDURE run_first_queries(rounds int) LANGUAGE plpgsql AS $$
DECLARE
    p parameters;
    started timestamptz;
    answer bigint;
    none float8;
    build float8;
    query float8;
    brin float8;
BEGIN
    FOR round IN 1 .. rounds LOOP
        FOR p IN SELECT * FROM parameters q WHERE q.query = 1 ORDER BY workload LOOP
            DROP INDEX IF EXISTS masks_learning;
            COMMIT;
            WHILE EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'maskquery learner') LOOP
                PERFORM pg_sleep(0.001);
                COMMIT;
            END LOOP;
            started := clock_timestamp();
            CREATE INDEX masks_brin ON masks USING brin (mask_id);
            COMMIT;
            brin := ms_since(started);
            DROP INDEX masks_brin;
            COMMIT;
            started := clock_timestamp();
            EXECUTE workload_query(p) INTO answer;
            COMMIT;
            none := ms_since(started);
            started := clock_timestamp();
            CREATE INDEX masks_learning ON masks USING chi (mask) WITH (build = incremental);
            COMMIT;
            build := ms_since(started);
            started := clock_timestamp();
            EXECUTE workload_query(p) INTO answer;
            COMMIT;
            query := ms_since(started);
            INSERT INTO first_queries VALUES (p.workload, round, none, build, query, brin);
            COMMIT;
        END LOOP;
    END LOOP;
    DROP INDEX masks_learning;
END $$;
