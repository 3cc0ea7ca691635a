-- Conditions that are larger than a bound program can be: evaluated as they are.
CREATE TABLE maps (id int, mask mask);
INSERT INTO maps SELECT i, mask_from_array(array_cat(array_fill(0.9::real, ARRAY[1 + i % 31, 8]), array_fill(0.1::real, ARRAY[31 - i % 31, 8]))) FROM generate_series(1, 20) i;
CREATE INDEX ON maps USING chi (mask);
CREATE FUNCTION rows(condition text) RETURNS bigint LANGUAGE plpgsql AS
    $$ DECLARE n bigint; BEGIN EXECUTE 'SELECT count(*) FROM maps WHERE ' || condition INTO n; RETURN n; END $$;
-- 66,000 arms; arguments; cases
SELECT rows('cp(mask, 0.5, 1.0) > 150 OR ' || string_agg(format('id = -%s', i), ' OR ')) FROM generate_series(1, 66000) i;
SELECT rows('greatest(cp(mask, 0.5, 1.0), ' || string_agg(format('-%s', i), ', ') || ') > 150') FROM generate_series(1, 66000) i;
SELECT rows('CASE ' || string_agg(format('WHEN id = -%s THEN 1', i), ' ') || ' ELSE cp(mask, 0.5, 1.0) END > 150') FROM generate_series(1, 66000) i;
-- 66,000 calls of cp, 100 in each IN
SELECT rows(string_agg(format('cp(mask, roi(1, %s, 8, 32), 0.5, 1.0) IN (%s)', i % 30 + 1, list), ' OR '))
    FROM generate_series(1, 660) i, (SELECT string_agg(j::text, ',') AS list FROM generate_series(1, 100) j) l;
DROP FUNCTION rows;
DROP TABLE maps;
