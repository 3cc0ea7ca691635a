-- A declaration of an aggregate as monotone is true of what was declared, and of nothing else: what ends it, what does not, who may make it.
-- Dumps: test/tap/005_dump_restore.pl.
SET client_min_messages = warning;
CREATE TABLE maps (image int, mask mask);
INSERT INTO maps SELECT i % 20, mask_from_array(array_fill((0.1 + i / 1000.0)::real, ARRAY[16, 16])) FROM generate_series(1, 200) i;
CREATE INDEX ON maps USING chi (mask);
ANALYZE maps;
-- Is it in force, in a plan made before and in a new one; and what the table says.
CREATE FUNCTION uses_bounds(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line ~ 'CHI Group'; END LOOP;
    RETURN found;
END $$;
CREATE VIEW state AS SELECT uses_bounds('EXECUTE kept') AS kept,
    uses_bounds('SELECT image FROM maps GROUP BY image HAVING cp(own(mask), 0.5, 1.0) > 100') AS anew,
    (SELECT string_agg(aggregate::text, ', ' ORDER BY aggregate::text) FROM maskquery_monotone_aggregates) AS declared;
CREATE FUNCTION step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1 & $2, $1, $2)';
CREATE FUNCTION other_step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT ~ coalesce($1 & $2, $1, $2)';
CREATE FUNCTION atomic_step(a mask, b mask) RETURNS mask LANGUAGE sql IMMUTABLE RETURN coalesce(a & b, a, b);
CREATE FUNCTION last(mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE AGGREGATE own(mask) (SFUNC = step, STYPE = mask, FINALFUNC = last);
SET plan_cache_mode = force_generic_plan;
PREPARE kept AS SELECT image FROM maps GROUP BY image HAVING cp(own(mask), 0.5, 1.0) > 100;
TABLE state;
SELECT maskquery_monotone_aggregate('own(mask)');
TABLE state;

-- Replaced.
CREATE OR REPLACE AGGREGATE own(mask) (SFUNC = other_step, STYPE = mask, FINALFUNC = last);
TABLE state;
SELECT count(*) FROM (SELECT image FROM maps GROUP BY image HAVING cp(own(mask), 0.5, 1.0) > 100) q;
-- What was declared is what it is again.
CREATE OR REPLACE AGGREGATE own(mask) (SFUNC = step, STYPE = mask, FINALFUNC = last);
TABLE state;
CREATE OR REPLACE AGGREGATE own(mask) (SFUNC = step, STYPE = mask, FINALFUNC = last, INITCOND = '[[0.5]]');
TABLE state;
CREATE OR REPLACE AGGREGATE own(mask) (SFUNC = step, STYPE = mask, FINALFUNC = last);

-- A function that it calls replaced or altered.
CREATE OR REPLACE FUNCTION step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT ~ coalesce($1 & $2, $1, $2)';
TABLE state;
SELECT count(*) FROM (SELECT image FROM maps GROUP BY image HAVING cp(own(mask), 0.5, 1.0) > 100) q;
CREATE OR REPLACE FUNCTION step(mask, mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1 & $2, $1, $2)';
TABLE state;
CREATE OR REPLACE FUNCTION last(mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT ~ $1';
TABLE state;
CREATE OR REPLACE FUNCTION last(mask) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT $1';
ALTER FUNCTION step(mask, mask) STRICT;
TABLE state;
ALTER FUNCTION step(mask, mask) CALLED ON NULL INPUT;
ALTER FUNCTION step(mask, mask) SET search_path = pg_temp;
TABLE state;
ALTER FUNCTION step(mask, mask) RESET search_path;
ALTER FUNCTION step(mask, mask) SECURITY DEFINER;
TABLE state;
ALTER FUNCTION step(mask, mask) SECURITY INVOKER;
TABLE state;
-- One whose body is stored parsed.
CREATE OR REPLACE AGGREGATE own(mask) (SFUNC = atomic_step, STYPE = mask);
SELECT maskquery_monotone_aggregate('own(mask)');
TABLE state;
CREATE OR REPLACE FUNCTION atomic_step(a mask, b mask) RETURNS mask LANGUAGE sql IMMUTABLE RETURN ~ coalesce(a & b, a, b);
TABLE state;
CREATE OR REPLACE FUNCTION atomic_step(a mask, b mask) RETURNS mask LANGUAGE sql IMMUTABLE RETURN coalesce(a & b, a, b);
TABLE state;

-- What makes no difference.
CREATE ROLE regress_mask_owner;
CREATE ROLE regress_mask_stranger;
GRANT EXECUTE ON FUNCTION own(mask), atomic_step(mask, mask) TO regress_mask_stranger;
TABLE state;
COMMENT ON AGGREGATE own(mask) IS 'ours';
ALTER FUNCTION atomic_step(mask, mask) STABLE COST 7 PARALLEL SAFE;
TABLE state;
ALTER FUNCTION atomic_step(mask, mask) RENAME TO a_step;
CREATE SCHEMA app;
ALTER AGGREGATE own(mask) RENAME TO ours;
ALTER AGGREGATE ours(mask) SET SCHEMA app;
ALTER SCHEMA app RENAME TO "App 2";
SELECT uses_bounds('SELECT image FROM maps GROUP BY image HAVING cp("App 2".ours(mask), 0.5, 1.0) > 100') AS anew, aggregate FROM maskquery_monotone_aggregates;
ALTER AGGREGATE "App 2".ours(mask) RENAME TO own;
ALTER AGGREGATE "App 2".own(mask) SET SCHEMA public;
ALTER FUNCTION a_step(mask, mask) RENAME TO atomic_step;

-- The extension in another schema, and the condition of its dump there.
ALTER EXTENSION maskquery SET SCHEMA "App 2";
SET search_path = public, "App 2";
TABLE state;
SET search_path = '';
SELECT c[array_position(o, r.oid)] AS condition FROM pg_extension, unnest(ARRAY['"App 2".maskquery_monotone_aggregates'::regclass::oid]) r (oid),
    LATERAL (SELECT extcondition, extconfig) e (c, o) WHERE extname = 'maskquery';
SELECT aggregate FROM ONLY "App 2".maskquery_monotone_aggregates WHERE aggregate::pg_catalog.text OPERATOR(pg_catalog.<>) '';
RESET search_path;
ALTER EXTENSION maskquery SET SCHEMA public;
TABLE state;

-- Given away.
GRANT CREATE ON SCHEMA public TO regress_mask_owner;
ALTER AGGREGATE own(mask) OWNER TO regress_mask_owner;
TABLE state;
SET ROLE regress_mask_stranger;
SELECT maskquery_monotone_aggregate('own(mask)');
SELECT maskquery_monotone_aggregate('own(mask)', false);
INSERT INTO maskquery_monotone_aggregates (aggregate) VALUES ('public.own(public.mask)');
DELETE FROM maskquery_monotone_aggregates;
SET ROLE regress_mask_owner;
SELECT maskquery_monotone_aggregate('own(mask)');
RESET ROLE;
TABLE state;
-- Dropped; another of the name is not what was declared. The row goes with the next declaration.
DROP AGGREGATE own(mask);
CREATE AGGREGATE own(mask) (SFUNC = atomic_step, STYPE = mask);
TABLE state;
SELECT count(*) FROM maskquery_monotone_aggregates;
CREATE AGGREGATE second(mask) (SFUNC = mask_and, STYPE = mask);
SELECT maskquery_monotone_aggregate('second(mask)');
SELECT aggregate, function_oid = 'second(mask)'::regprocedure AS its_oid, length(function_version) FROM maskquery_monotone_aggregates;
SELECT maskquery_monotone_aggregate('second(mask)', false);
SELECT count(*) FROM maskquery_monotone_aggregates;

-- What a restore inserts: bound by name where the definition is the same.
SET ROLE regress_mask_owner;
CREATE AGGREGATE own2(mask) (SFUNC = mask_and, STYPE = mask);
SELECT maskquery_monotone_aggregate('own2(mask)');
CREATE TEMP TABLE dumped AS SELECT aggregate::text AS aggregate, function_oid, function_version FROM maskquery_monotone_aggregates;
SELECT aggregate FROM dumped;
SELECT maskquery_monotone_aggregate('own2(mask)', false);
INSERT INTO maskquery_monotone_aggregates SELECT aggregate::maskquery_declaration, 1, function_version FROM dumped;
SELECT aggregate, function_oid = 'own2(mask)'::regprocedure AS its_oid FROM maskquery_monotone_aggregates;
-- Twice is once.
INSERT INTO maskquery_monotone_aggregates SELECT aggregate::maskquery_declaration, 1, function_version FROM dumped;
SELECT count(*) FROM maskquery_monotone_aggregates;
SELECT maskquery_monotone_aggregate('own2(mask)', false);
CREATE OR REPLACE AGGREGATE own2(mask) (SFUNC = mask_or, STYPE = mask);
INSERT INTO maskquery_monotone_aggregates SELECT aggregate::maskquery_declaration, 1, function_version FROM dumped;
-- A dump of version 0.1.0 has a transaction ID there, and rows that were true no more.
INSERT INTO maskquery_monotone_aggregates VALUES ('public.own2(public.mask)', 1, '734');
INSERT INTO maskquery_monotone_aggregates VALUES ('public.nothing(public.mask)', 1, '734'), ('', 2, '');
INSERT INTO maskquery_monotone_aggregates VALUES (NULL, 1, '734');
SELECT count(*) FROM maskquery_monotone_aggregates;
RESET ROLE;
-- Written with the trigger disabled: not in force, for the OID in the dump is another's.
ALTER TABLE maskquery_monotone_aggregates DISABLE TRIGGER changed;
INSERT INTO maskquery_monotone_aggregates VALUES ('public.own(public.mask)', 'own(mask)'::regprocedure, 'of another');
SELECT kept, anew FROM state;
UPDATE maskquery_monotone_aggregates SET function_oid = 1;
SELECT kept, anew FROM state;
ALTER TABLE maskquery_monotone_aggregates ENABLE ALWAYS TRIGGER changed;
SELECT maskquery_monotone_aggregate('own(mask)');
TABLE state;

DELETE FROM maskquery_monotone_aggregates;
DROP VIEW state;
DROP TABLE dumped, maps;
-- A command on the table that does nothing is no withdrawal.
CREATE RULE ignored AS ON DELETE TO maskquery_monotone_aggregates DO INSTEAD NOTHING;
SELECT maskquery_monotone_aggregate('own(mask)', false);
DROP RULE ignored ON maskquery_monotone_aggregates;

DROP AGGREGATE own(mask), own2(mask), second(mask);
DROP FUNCTION uses_bounds(text), step(mask, mask), other_step(mask, mask), atomic_step(mask, mask), last(mask);
DROP SCHEMA "App 2";
REVOKE CREATE ON SCHEMA public FROM regress_mask_owner;
DROP ROLE regress_mask_owner, regress_mask_stranger;

-- From version 0.1.0: what held by its rule is declared. Until then nothing is in force.
SELECT current_database() AS here \gset
CREATE DATABASE regress_mask_old;
\c regress_mask_old
SET client_min_messages = warning;
CREATE EXTENSION maskquery VERSION '0.1.0';
CREATE AGGREGATE kept(mask) (SFUNC = mask_and, STYPE = mask);
CREATE AGGREGATE ended(mask) (SFUNC = mask_and, STYPE = mask);
SELECT maskquery_monotone_aggregate('kept(mask)');
SELECT maskquery_monotone_aggregate('kept(mask)', false);
INSERT INTO maskquery_monotone_aggregates VALUES ('public.kept(public.mask)', 0, '0');
ALTER TABLE maskquery_monotone_aggregates DISABLE TRIGGER changed;
INSERT INTO maskquery_monotone_aggregates
    SELECT 'public.' || p.oid::regprocedure, oid, p.xmin FROM pg_proc p WHERE oid IN ('kept(mask)'::regprocedure, 'ended(mask)'::regprocedure);
CREATE TABLE maps (image int, mask mask);
CREATE INDEX ON maps USING chi (mask);
EXPLAIN (COSTS OFF) SELECT image FROM maps GROUP BY image HAVING cp(kept(mask), 0.5, 1.0) > 100;
CREATE OR REPLACE AGGREGATE ended(mask) (SFUNC = mask_or, STYPE = mask);
ALTER EXTENSION maskquery UPDATE;
SELECT aggregate, function_oid = 'kept(mask)'::regprocedure FROM maskquery_monotone_aggregates;
SELECT array_length(extconfig, 1), extcondition FROM pg_extension WHERE extname = 'maskquery';
EXPLAIN (COSTS OFF) SELECT image FROM maps GROUP BY image HAVING cp(kept(mask), 0.5, 1.0) > 100;
\c :here
DROP DATABASE regress_mask_old;
