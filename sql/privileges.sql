-- What the planner puts into a query needs no right that the query as written does not need.
SELECT current_database() AS here \gset
CREATE DATABASE regress_mask_rights;
\c regress_mask_rights
SET client_min_messages = warning;
CREATE SCHEMA ext;
CREATE EXTENSION maskquery SCHEMA ext;
SET search_path = public, ext;
CREATE TABLE maps (id int, mask mask);
INSERT INTO maps SELECT i, mask_from_array(ARRAY[[i / 100.0, 0.5], [0.1, 0.9]]::real[]) FROM generate_series(1, 90) i;
CREATE INDEX ON maps USING chi (mask);
ANALYZE maps;
CREATE VIEW counted AS SELECT id, ext.cp(mask, 0.4, 1.0) AS n FROM maps;
CREATE VIEW spelled AS SELECT id, ext.CP(mask, (0.4, 1.0)) AS n FROM maps;
CREATE FUNCTION uses_bounds(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line ~ 'Bounds:'; END LOOP;
    RETURN found;
END $$;
CREATE ROLE regress_mask_reader;
GRANT SELECT ON maps, counted, spelled TO regress_mask_reader;

-- No right to use the extension's schema: pruned all the same.
SET search_path = public;
SET ROLE regress_mask_reader;
SELECT count(*) FROM counted WHERE n > 2;
SELECT count(*) FROM spelled WHERE n > 2;
SELECT count(*) FROM (SELECT id FROM counted ORDER BY n, id LIMIT 3) q;
SELECT uses_bounds('SELECT count(*) FROM spelled WHERE n > 2');

-- The right to call the guards is granted to all by default. Without it nothing is pruned.
PREPARE by_all AS SELECT count(*) FROM counted WHERE n > 2;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_all;
RESET ROLE;
EXECUTE by_all;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ext FROM PUBLIC;
GRANT USAGE ON SCHEMA ext TO regress_mask_reader;
GRANT EXECUTE ON FUNCTION ext.cp(ext.mask, float8, float8) TO regress_mask_reader;
SELECT uses_bounds('EXECUTE by_all');
SET ROLE regress_mask_reader;
EXECUTE by_all;
SELECT uses_bounds('EXECUTE by_all');
SELECT count(*) FROM counted WHERE n > 2;
SELECT count(*) FROM (SELECT id FROM counted ORDER BY n, id LIMIT 3) q;
SELECT count(*) FROM (SELECT id / 10 FROM counted GROUP BY id / 10 HAVING avg(n) > 2) q;
SET maskquery.verify = on;
SELECT count(*) FROM counted WHERE n > 2;
RESET maskquery.verify;
-- The papers' spelling is a function of its own.
SELECT count(*) FROM spelled WHERE n > 2;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION ext.cp(ext.mask, float8, float8) FROM regress_mask_reader;
GRANT EXECUTE ON FUNCTION ext.cp(ext.mask, record) TO regress_mask_reader;
SET ROLE regress_mask_reader;
SELECT count(*) FROM spelled WHERE n > 2;
SELECT count(*) FROM counted WHERE n > 2;
RESET ROLE;

\c :here
DROP DATABASE regress_mask_rights;
DROP ROLE regress_mask_reader;
