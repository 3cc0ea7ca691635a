-- What the planner knows of a query level: its tables are known together, and nothing of a planning outlives it.
SET client_min_messages = warning;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
CREATE TABLE maps (id int PRIMARY KEY, mask mask(8,8) NOT NULL);
INSERT INTO maps SELECT i, array_fill((i % 10) / 10.0::real, ARRAY[8,8])::mask FROM generate_series(1, 300) i;
CREATE INDEX maps_mask ON maps USING chi (mask);
CREATE TABLE other (id int PRIMARY KEY, mask mask(8,8) NOT NULL);
INSERT INTO other SELECT * FROM maps;
CREATE INDEX other_mask ON other USING chi (mask);
CREATE INDEX other_bright ON other (cp(mask, 0.5, 1.0));
ANALYZE maps, other;

-- The nodes of a plan, their index conditions and bounds, and where a guard is; or only lines that match.
CREATE FUNCTION plan_of(query text, wanted text DEFAULT '') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'chi_possible' THEN
            line := regexp_replace(line, '\S.*', 'guarded');
        END IF;
        IF line !~ 'Filter|Sort Key' AND line ~ wanted THEN
            RETURN NEXT line;
        END IF;
    END LOOP;
END $$;

-- An index on an expression answers its clause as it stands, wherever its table comes in the join.
SELECT plan_of('SELECT FROM maps m, other o WHERE m.id = o.id AND m.id < 5 AND cp(o.mask, 0.5, 1.0) = 32');
SELECT plan_of('SELECT FROM other o, maps m WHERE m.id = o.id AND m.id < 5 AND cp(o.mask, 0.5, 1.0) = 32');
-- A clause over the other table is guarded, wherever that comes, and whatever comes last.
SELECT plan_of('SELECT FROM other o, maps m WHERE m.id = o.id AND o.id < 5 AND cp(m.mask, 0.5, 1.0) = 32');
SELECT plan_of('SELECT FROM maps m LEFT JOIN (other o CROSS JOIN generate_series(1, 2)) ON m.id = o.id
                WHERE cp(m.mask, 0.5, 1.0) = 32');
SELECT plan_of('SELECT FROM generate_series(1, 2) JOIN maps m ON true, (SELECT 1 LIMIT 1) s WHERE cp(m.mask, 0.5, 1.0) = 32');
-- So is one of a level that the planner copies, to find the least value by an index.
SELECT plan_of('SELECT min(id) FROM maps WHERE cp(mask, 0.5, 1.0) > 32', 'guarded|using');

-- A planning that ends in an error, and the next one, whose level may get the same address.
CREATE FUNCTION chosen() RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('planning.fails')::bool THEN
        RAISE EXCEPTION 'planned to fail';
    END IF;
    RETURN 7;
END $$;
PREPARE bright AS SELECT id FROM maps WHERE cp(mask, 0.5, 1.0) > 32 AND id >= chosen() ORDER BY cp(mask, 0.2, 1.0) LIMIT 3;
SET planning.fails = true;
EXECUTE bright;
SET planning.fails = false;
SELECT plan_of('EXECUTE bright');
SET planning.fails = true;
EXPLAIN (COSTS OFF) SELECT FROM maps WHERE cp(mask, 0.5, 1.0) > 32 AND id >= chosen() ORDER BY cp(mask, 0.2, 1.0) LIMIT 3;
SET planning.fails = false;
EXPLAIN (COSTS OFF) SELECT FROM maps WHERE cp(mask, 0.5, 1.0) > 32 AND id >= chosen() ORDER BY cp(mask, 0.2, 1.0) LIMIT 3;

-- A level is planned while another is: to estimate a clause, the planner calls a stable function.
CREATE FUNCTION darkest() RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT id FROM other WHERE cp(mask, 0.2, 1.0) >= 0 ORDER BY cp(mask, 0.25, 1.0), id LIMIT 1);
END $$;
SELECT plan_of('SELECT FROM maps WHERE id >= darkest() ORDER BY cp(mask, 0.15, 1.0) DESC LIMIT 1');
SELECT plan_of('SELECT FROM maps m JOIN other o USING (id) WHERE id >= darkest() ORDER BY cp(m.mask, 0.15, 1.0) DESC LIMIT 1', 'CHI');
SET geqo_threshold = 2;
SELECT plan_of('SELECT FROM maps m JOIN other o USING (id) WHERE id >= darkest() ORDER BY cp(m.mask, 0.15, 1.0) DESC LIMIT 1', 'CHI');
RESET geqo_threshold;

-- Estimates of one statement's plannings follow what it does between them.
CREATE FUNCTION estimate(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
CREATE TABLE growing (mask mask(8,8));
INSERT INTO growing SELECT array_fill(0.1::real, ARRAY[8,8])::mask FROM generate_series(1, 400);
CREATE INDEX ON growing USING chi (mask);
ANALYZE growing;
DO $$
DECLARE
    query text := 'SELECT 1 FROM growing WHERE cp(mask, 0.5, 1.0) > 32';
    dark float8 := estimate(query);
BEGIN
    INSERT INTO growing SELECT array_fill(0.9::real, ARRAY[8,8])::mask FROM generate_series(1, 400);
    RAISE WARNING 'a few rows: %, many: %', dark < 10, estimate(query) > 100;
END $$;

DROP TABLE maps, other, growing;
DROP FUNCTION plan_of, chosen, darkest, estimate;
