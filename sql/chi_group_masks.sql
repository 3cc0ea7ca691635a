-- GROUP BY with conditions or an order over cp of an aggregate of masks: what CHI Group gives, and that it gives what an Agg gives.
SET client_min_messages = warning;
-- 150 images with the maps of two models, and of a third for some; soft blobs that overlap more or less
CREATE TABLE maps (image int, model int, weight float8, cut float8, box roi, mask mask(32,32));
INSERT INTO maps
SELECT i, m, (i % 5) / 4.0, 0.3 + i % 4 / 10.0, roi(1 + i % 10, 1 + i % 7, 16 + i % 13, 20 + i % 9),
       (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 12 - m * (i % 9)) ^ 2 + (y - 10 - i % 13) ^ 2) / (6 + (i * 7) % 13))::real ORDER BY x) AS line
              FROM generate_series(1, 32) x, generate_series(1, 32) y GROUP BY y) l)::mask
FROM generate_series(1, 150) i, generate_series(0, 2) m WHERE m < 2 OR i % 4 = 0;
INSERT INTO maps SELECT 1000 + i, i, NULL, NULL, NULL, NULL FROM generate_series(1, 2) i;
UPDATE maps SET mask = NULL WHERE image % 20 = 3 AND model = 0;
CREATE INDEX maps_mask ON maps USING chi (mask) WITH (bins = 20, grid_x = 4, grid_y = 4);
VACUUM ANALYZE maps;
CREATE FUNCTION same(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE with_group text; without text;
BEGIN
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO with_group;
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE 'SELECT string_agg(q::text, chr(10)) FROM (' || query || ') q' INTO without;
    SET LOCAL maskquery.enable_pruning = on;
    RETURN with_group IS NOT DISTINCT FROM without AND without IS NOT NULL;
END $$;
-- Of the groups of a query, how many were computed; NULL when there is no CHI Group.
CREATE FUNCTION computed(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; considered text; computed text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
        considered := coalesce(substring(line FROM 'Groups Considered: (\d+)'), considered);
        computed := coalesce(substring(line FROM 'Groups Computed: (\d+)'), computed);
    END LOOP;
    RETURN computed || ' of ' || considered;
END $$;

-- the paper's example of a mask aggregation, and the demonstration's third scenario
EXPLAIN (COSTS OFF)
SELECT image, CP(mask_intersect(mask > 0.7), roi(5, 5, 25, 25), (0.7, 1.0)) AS s FROM maps GROUP BY image HAVING CP(mask_intersect(mask > 0.7), roi(5, 5, 25, 25), (0.7, 1.0)) > 25;
SELECT computed($$SELECT image, CP(mask_intersect(mask > 0.4), 'full', (0.5, 1.0)) / CP(mask_union(mask > 0.4), 'full', (0.5, 1.0)) AS iou FROM maps GROUP BY image ORDER BY iou ASC LIMIT 25$$) AS lowest_iou;

-- every aggregate, plain and over thresholded masks, in HAVING and as a key
SELECT f, same(format('SELECT image FROM maps GROUP BY image HAVING %s > 40 ORDER BY image', f)) AS having_agrees,
    computed(format('SELECT image FROM maps GROUP BY image HAVING %s > 40', f)) AS for_having,
    same(format('SELECT image, %s FROM maps GROUP BY image ORDER BY 2 DESC NULLS LAST, image LIMIT 7', f)) AS order_agrees,
    computed(format('SELECT image, %s FROM maps GROUP BY image ORDER BY 2 DESC NULLS LAST LIMIT 7', f)) AS for_order
FROM (VALUES ('cp(mask_intersect(mask), 0.5, 1.0)'),
    ('cp(mask_intersect(mask > 0.5), 0.5, 1.0)'),
    ('cp(mask_intersect(mask >= 0.43), ''((5,5),(20,20))'', 0.5, 1.0)'),
    ('cp(mask_intersect(mask < 0.5), ''((5,5),(20,20))'', 0.5, 1.0)'),
    ('cp(mask_union(mask <= 0.1), ''((5,5),(20,20))'', -1, 0.5)'),
    ('cp(mask_union(mask), ''((5,5),(20,20))'', 0.25, 0.7)'),
    ('cp(mask_union(0.6 < mask), 0.5, 1.0)'),
    ('cp(mask_avg(mask), 0.5, 1.0)'),
    ('cp(mask_avg(mask > 0.4), 0.5, 1.0)'),
    ('cp(mask_avg(mask > cut), 0.6, 1.0)'),
    ('cp(mask_avg(mask) > 0.45, ''((5,5),(20,20))'', 0.5, 1.0)'),
    ('cp(0.2 >= mask_union(mask), 0, 0.5)'),
    ('cp(mask_sum(mask, 0.7), 0.6, 1.0)'),
    ('cp(mask_sum(mask, weight), 0.4, 1.0)'),
    ('cp(mask_sum(mask > 0.3, weight), 0.4, 1.0)'),
    ('cp(mask_intersect(mask) FILTER (WHERE model < 2), 0.5, 1.0)'),
    ('cp(mask_intersect(mask > 0.5), 0.5, 1.0) - cp(mask_union(mask > 0.8), 0.5, 1.0)')) v (f);

-- the share of an intersection in a union: one division by zero is as good as the other
SELECT same('SELECT image FROM maps GROUP BY image ORDER BY cp(mask_intersect(mask > 0.3), 0.5, 1.0) / nullif(cp(mask_union(mask > 0.3), 0.5, 1.0), 0), image LIMIT 10'),
    same('SELECT image FROM maps GROUP BY image ORDER BY cp(mask_intersect(mask > 0.3), 0.5, 1.0) / nullif(cp(mask_union(mask > 0.3), 0.5, 1.0), 0) DESC NULLS LAST, image LIMIT 10'),
    same('SELECT image FROM maps GROUP BY image HAVING 1 - cp(mask_intersect(mask), 0.4, 1.0) / cp(mask_union(mask), 0.4, 1.0) < 0.4 ORDER BY image'),
    same('SELECT image FROM maps GROUP BY image HAVING cp(mask_intersect(mask), 0.3, 0.6) / nullif(cp(mask_union(mask), 0.3, 0.6), 0) > 0.5 ORDER BY image');
SELECT computed('SELECT image FROM maps GROUP BY image ORDER BY cp(mask_intersect(mask > 0.3), 0.5, 1.0) / nullif(cp(mask_union(mask > 0.3), 0.5, 1.0), 0) LIMIT 10') AS lowest,
    computed('SELECT image FROM maps GROUP BY image ORDER BY cp(mask_intersect(mask > 0.3), 0.5, 1.0) / nullif(cp(mask_union(mask > 0.3), 0.5, 1.0), 0) DESC NULLS LAST LIMIT 10') AS highest,
    computed('SELECT image FROM maps GROUP BY image HAVING cp(mask_intersect(mask), 0.4, 1.0) / nullif(cp(mask_union(mask), 0.4, 1.0), 0) < 0.1') AS below;
SELECT image FROM maps GROUP BY image HAVING cp(mask_intersect(mask > 2), 0.5, 1.0) / cp(mask_union(mask > 2), 0.5, 1.0) > 0.1;

-- what bounds do not know is computed: negative weights, arguments that are NULL or wrong
SELECT same('SELECT image FROM maps GROUP BY image HAVING cp(mask_sum(mask, weight - 0.5), 0.4, 1.0) > 40 ORDER BY image'),
    same('SELECT image FROM maps GROUP BY image HAVING cp(mask_union(mask), NULL, 1.0) IS NULL ORDER BY image LIMIT 3'),
    same('SELECT image FROM maps GROUP BY image HAVING cp(mask_union(mask), 0.5, 1.0) IS NULL ORDER BY image');
SELECT image FROM maps GROUP BY image HAVING cp(mask_union(mask), 0.9, 0.1) > 3;
SELECT image FROM maps GROUP BY image HAVING cp(mask_union(mask > 'NaN'), 0.5, 1) > 3;
SELECT image FROM maps GROUP BY image HAVING cp(mask_sum(mask, 'Infinity'), 0.5, 1) > 3;

-- parameters, partitions with indexes of other shapes, formats, bounds checked
PREPARE best(float8, roi) AS SELECT image FROM maps GROUP BY image HAVING cp(mask_intersect(mask > $1), $2, 0.5, 1.0) > 140 ORDER BY image;
SET plan_cache_mode = force_generic_plan;
EXECUTE best(0.5, 'full');
EXECUTE best(0.4, '((1,1),(20,20))');
RESET plan_cache_mode;
CREATE TABLE parts (image int, model int, weight float8, cut float8, box roi, mask mask) PARTITION BY LIST (model);
CREATE TABLE parts0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts1 PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT image, model, weight, cut, box, CASE WHEN image % 3 = 0 THEN mask::mask(32,32,u8) ELSE mask END FROM maps WHERE image < 1000;
CREATE INDEX ON parts0 USING chi (mask);
CREATE INDEX ON parts1 USING chi (mask) WITH (grid_x = 5, grid_y = 3, bins = 10);
ANALYZE parts;
SET maskquery.verify = on;
SELECT same('SELECT image FROM parts GROUP BY image HAVING cp(mask_intersect(mask), 0.5, 1.0) > 40 ORDER BY image'),
    same('SELECT image FROM parts GROUP BY image HAVING cp(mask_avg(mask > 0.4), 0.5, 1.0) > 40 ORDER BY image'),
    same('SELECT image FROM parts GROUP BY image ORDER BY cp(mask_union(mask), 0.5, 1.0) DESC, image LIMIT 10'),
    same('SELECT image FROM parts GROUP BY image ORDER BY cp(mask_intersect(mask > 0.3), 0.5, 1.0) / nullif(cp(mask_union(mask > 0.3), 0.5, 1.0), 0), image LIMIT 10');
RESET maskquery.verify;
SELECT computed('SELECT image FROM parts GROUP BY image HAVING cp(mask_intersect(mask), 0.5, 1.0) > 300') AS other_cells;
DROP INDEX parts1_mask_idx;
SELECT computed('SELECT image FROM parts GROUP BY image HAVING cp(mask_intersect(mask), 0.5, 1.0) > 300') AS not_indexed;

-- masks that do not fit each other are an error, whatever the bounds say of others
INSERT INTO parts VALUES (1, 7, 1, 0.5, 'full', '[[0.1,0.2]]');
CREATE INDEX ON parts1 USING chi (mask);
SELECT image FROM parts GROUP BY image HAVING cp(mask_intersect(mask), 0.5, 1.0) > 5000;
SELECT image FROM parts GROUP BY image HAVING cp(mask_intersect(mask) FILTER (WHERE model < 7), 0.5, 1.0) > 5000;

-- groups too large to be kept in work_mem
SET work_mem = '64kB';
SELECT same('SELECT model FROM maps WHERE model IS NOT NULL GROUP BY model HAVING cp(mask_union(mask), 0.5, 1.0) > 500 ORDER BY model'),
    same('SELECT model FROM maps GROUP BY model ORDER BY cp(mask_sum(mask, 0.01), 0.2, 1.0) DESC NULLS LAST, model LIMIT 2'),
    computed('SELECT model FROM maps GROUP BY model HAVING cp(mask_union(mask), 0.5, 1.0) > 50');
RESET work_mem;

-- an aggregate of one's own is computed, until its owner declares it monotone
CREATE AGGREGATE smallest(mask) (SFUNC = mask_and, STYPE = mask);
PREPARE own AS SELECT image FROM maps GROUP BY image HAVING cp(smallest(mask > 0.5), 0.5, 1.0) > 140 ORDER BY image;
CREATE FUNCTION has_group(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; found boolean := false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP found := found OR line ~ 'CHI Group'; END LOOP;
    RETURN found;
END $$;
SET plan_cache_mode = force_generic_plan;
SELECT has_group('EXECUTE own');
SELECT maskquery_monotone_aggregate('smallest(mask)');
SELECT has_group('EXECUTE own');
EXECUTE own;
SELECT same('SELECT image FROM maps GROUP BY image HAVING cp(smallest(mask), 0.3, 0.6) > 60 ORDER BY image');
SELECT aggregate FROM maskquery_monotone_aggregates;
SELECT maskquery_monotone_aggregate('smallest(mask)', false);
SELECT has_group('EXECUTE own');
-- replaced or dropped: not what was declared (sql/monotone.sql has more)
SELECT maskquery_monotone_aggregate('smallest(mask)');
CREATE OR REPLACE AGGREGATE smallest(mask) (SFUNC = mask_or, STYPE = mask);
SELECT has_group('EXECUTE own');
SELECT maskquery_monotone_aggregate('smallest(mask)');
SELECT has_group('EXECUTE own');
ALTER AGGREGATE smallest(mask) RENAME TO most;
SELECT has_group('SELECT image FROM maps GROUP BY image HAVING cp(most(mask > 0.5), 0.5, 1.0) > 60');
SELECT maskquery_monotone_aggregate('most(mask)');
DROP AGGREGATE most(mask);
CREATE AGGREGATE most(mask) (SFUNC = mask_or, STYPE = mask);
SELECT has_group('SELECT image FROM maps GROUP BY image HAVING cp(most(mask > 0.5), 0.5, 1.0) > 60');
-- who may declare what
SELECT maskquery_monotone_aggregate('mask_and(mask, mask)');
SELECT maskquery_monotone_aggregate('mask_sum(mask, float8)');
SELECT maskquery_monotone_aggregate('min(int)');
CREATE AGGREGATE how_many(mask) (SFUNC = int8inc_any, STYPE = int8, INITCOND = 0);
SELECT maskquery_monotone_aggregate('how_many(mask)');
SELECT maskquery_monotone_aggregate(1);
CREATE ROLE regress_mask_stranger;
SET ROLE regress_mask_stranger;
SELECT maskquery_monotone_aggregate('most(mask)');
SELECT maskquery_monotone_aggregate('most(mask)', false);
INSERT INTO maskquery_monotone_aggregates (aggregate) VALUES ('public.most(public.mask)');
RESET ROLE;
DROP ROLE regress_mask_stranger;
INSERT INTO maskquery_monotone_aggregates (aggregate) VALUES ('public.nothing(public.mask)');
SELECT maskquery_monotone_aggregate('most(mask)');
SELECT aggregate FROM maskquery_monotone_aggregates;

-- the extension in another schema, its functions renamed
ALTER FUNCTION mask_intersect(mask) RENAME TO overlap;
CREATE SCHEMA elsewhere;
ALTER EXTENSION maskquery SET SCHEMA elsewhere;
SET search_path = public, elsewhere;
SELECT has_group('SELECT image FROM maps GROUP BY image HAVING cp(overlap(mask > 0.5), 0.5, 1.0) > 60'),
    has_group('SELECT image FROM maps GROUP BY image HAVING cp(most(mask > 0.5), 0.5, 1.0) > 60');
RESET search_path;
ALTER EXTENSION maskquery SET SCHEMA public;
ALTER FUNCTION overlap(mask) RENAME TO mask_intersect;
DROP SCHEMA elsewhere;
DROP AGGREGATE most(mask), how_many(mask);
DROP TABLE maps, parts;
DROP FUNCTION same(text), computed(text), has_group(text);
DELETE FROM maskquery_monotone_aggregates;
