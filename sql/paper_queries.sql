-- The example queries of the MaskSearch paper and of its demonstration, as printed: sections 2.1 and 4.2 (table 1) of the one, sections 2 and 4 of
-- the other. What is not SQL is written as SQL: INTERSECT and UNION are mask_intersect and mask_union, "-" for the full mask is 'full', placeholders have values;
-- a last key is added where ties would come in any order.
SET client_min_messages = warning;
-- 60 images of 224x224, each with a saliency map of two models (mask_type 1) and a map of human attention (mask_type 2): smooth blobs
-- in and beside the box of an object. No map is empty.
CREATE TABLE masks (mask_id int PRIMARY KEY, image_id int, model_id int, mask_type int, mask mask(224,224) NOT NULL);
CREATE TABLE objects (image_id int PRIMARY KEY, object roi);
INSERT INTO objects SELECT i, roi(20 + i * 7 % 60, 10 + i * 11 % 70, 140 + i * 5 % 80, 120 + i * 13 % 100) FROM generate_series(1, 60) i;
INSERT INTO masks
SELECT 3 * (i - 1) + m, i, nullif(m, 3), CASE WHEN m < 3 THEN 1 ELSE 2 END,
       mask_resize((SELECT array_agg(line ORDER BY y)
                    FROM (SELECT y, array_agg(greatest(0, least(1, 1.4 - sqrt((x - 2 - i % 5 - m % 2) ^ 2 + (y - 2 - i % 4 - m / 2) ^ 2) / (1.5 + (i + 2 * m) % 7 / 3.0)))::real ORDER BY x) AS line
                          FROM generate_series(1, 7) x, generate_series(1, 7) y GROUP BY y) l)::mask, 224, 224)
FROM generate_series(1, 60) i, generate_series(1, 3) m;
CREATE INDEX ON masks USING chi (mask);
-- The papers' view. The region of interest is "specified by the user at query time, or obtained from another table": here the object's box.
CREATE VIEW MasksDatabaseView AS
SELECT mask_id, image_id, model_id, mask_type, mask, object AS roi, 'full'::roi AS full_img FROM masks JOIN objects USING (image_id);
VACUUM ANALYZE masks, objects;
-- Runs a query with and without pruning: how many rows it has, whether they are the same ones in the same order, whether bounds
-- decided of some masks, and the first rows.
CREATE FUNCTION run(query text, OUT rows bigint, OUT same boolean, OUT prunes boolean, OUT first text) LANGUAGE plpgsql AS $$
DECLARE
    with_index text[];
    without text[];
    ordered text := CASE WHEN query ~ 'ORDER BY' THEN '' ELSE 'ORDER BY q::text' END;
BEGIN
    EXECUTE 'SELECT array_agg(q::text ' || ordered || ') FROM (' || query || ') q' INTO with_index;
    SELECT pruned + accepted > 0 INTO prunes FROM maskquery_last_query();
    SET LOCAL maskquery.enable_pruning = off;
    EXECUTE 'SELECT array_agg(q::text ' || ordered || ') FROM (' || query || ') q' INTO without;
    SET LOCAL maskquery.enable_pruning = on;
    rows := coalesce(array_length(with_index, 1), 0);
    same := with_index IS NOT DISTINCT FROM without;
    first := array_to_string(with_index[1:3], ' ');
END $$;

---- the paper, section 2.1

-- basic queries
SELECT rows, same, prunes FROM run('
SELECT *, CP(mask, roi, (0.6, 1.0)) as val
FROM MasksDatabaseView
WHERE CP(mask, roi, (0.6, 1.0)) > 3000 AND model_id = 1
ORDER BY val DESC LIMIT 5
');
-- example 1: fewer salient pixels in a region than 10,000
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView
WHERE CP(mask, roi, (0.85, 1.0)) < 10000
');
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView
WHERE CP(mask, roi, (0.85, 1.0)) < 100
');
-- the lowest share of them; ties as they come, and by mask_id
SELECT rows, same, prunes FROM run('
SELECT r FROM (
SELECT image_id,
  CP(mask, roi, (0.85, 1.0)) / CP(mask, ''full'', (0.85,1.0)) AS r
FROM MasksDatabaseView ORDER BY r ASC LIMIT 25
) q
');
SELECT * FROM run('
SELECT image_id,
  CP(mask, roi, (0.85, 1.0)) / CP(mask, ''full'', (0.85,1.0)) AS r
FROM MasksDatabaseView ORDER BY r ASC, mask_id LIMIT 25
');
-- complex queries: scalar aggregation, with all optional clauses
SELECT * FROM run('
SELECT image_id,
  AVG(CP(mask, roi, (0.6, 1.0))) as aggregate
FROM MasksDatabaseView
WHERE mask_type = 1 OR CP(mask, roi, (0.5, 1.0)) > 1000
GROUP BY image_id
HAVING MIN(CP(mask, roi, (0.6, 1.0))) > 2000
ORDER BY aggregate DESC LIMIT 10
');
SELECT * FROM run('
SELECT mask_type,
  SUM(CP(mask, roi, (0.9, 1.0))) as aggregate
FROM MasksDatabaseView
WHERE CP(mask, roi, (0.9, 1.0)) > 1000
GROUP BY mask_type
ORDER BY aggregate
');
-- example 2: what models and humans both look at, with the full mask as roi
SELECT * FROM run('
SELECT image_id, CP(MASK_INTERSECT(mask > 0.7), ''full'', (0.7, 1.0)) AS s
FROM MasksDatabaseView WHERE mask_type IN (1, 2)
GROUP BY image_id ORDER BY s DESC, image_id LIMIT 10
');
-- with a filter on the aggregate, the object as roi
SELECT * FROM run('
SELECT image_id, CP(MASK_INTERSECT(mask), roi, (0.7, 1.0)) as aggregate
FROM MasksDatabaseView
GROUP BY image_id, roi
HAVING CP(MASK_INTERSECT(mask), roi, (0.7, 1.0)) > 2000
ORDER BY aggregate DESC, image_id LIMIT 5
');

---- the paper, table 1

-- Q1
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView
WHERE CP(mask, ''((50,50),(200,200))'', (0.6, 1.0)) > 5000 AND model_id = 1
');
-- Q2
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView
WHERE CP(mask, roi, (0.8, 1.0)) > 15000 AND model_id = 1
');
-- Q3
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView WHERE model_id = 1
ORDER BY CP(mask, ''((50,50),(200,200))'', (0.8, 1.0)) DESC, mask_id LIMIT 25
');
-- Q4
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView WHERE model_id IN (1, 2)
GROUP BY image_id ORDER BY AVG(CP(mask, roi, (0.8, 1.0))) DESC, image_id LIMIT 25
');
-- Q5
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView WHERE model_id IN (1, 2)
GROUP BY image_id, roi ORDER BY CP(MASK_INTERSECT(mask), roi, (0.8, 1.0)) DESC, image_id LIMIT 25
');

---- the demonstration, section 2

SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView
WHERE CP(mask, roi, (0.2, 0.6)) < 1500
');
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView
ORDER BY CP(mask, roi, (0.7, 1.0)) DESC, mask_id LIMIT 10
');
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView
WHERE mask_type IN (1, 2)
GROUP BY image_id ORDER BY CP(MASK_INTERSECT(mask > 0.8), ''full'', (0.8, 1.0)), image_id LIMIT 10
');

---- the demonstration, section 4

-- scenario 1: the fewest high values in the object, normalised by its area; and all below a threshold
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView
ORDER BY CP(mask, roi, (0.8, 1.0)) / area(roi) ASC, mask_id LIMIT 25
');
SELECT * FROM run('
SELECT image_id FROM MasksDatabaseView
WHERE CP(mask, roi, (0.8, 1.0)) / area(roi) < 0.01
');
-- scenario 2: attacks
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView
ORDER BY CP(mask, full_img, (0.2, 0.6)) DESC, mask_id LIMIT 25
');
-- scenario 3: human attention
SELECT * FROM run('
SELECT image_id,
  CP(mask_intersect(mask > 0.8), ''full'', (0.8, 1.0))
  / CP(mask_union(mask > 0.8), ''full'', (0.8, 1.0)) as iou
FROM MasksDatabaseView WHERE mask_type IN (1, 2)
GROUP BY image_id ORDER BY iou ASC, image_id LIMIT 25
');

---- nested: the count has a name in a subquery, and is filtered and sorted by outside

SELECT * FROM run('
SELECT mask_id FROM (SELECT mask_id, CP(mask, roi, (0.6, 1.0)) AS val FROM MasksDatabaseView) q
WHERE val > 5000
');
SELECT * FROM run('
SELECT mask_id FROM (SELECT mask_id, CP(mask, roi, (0.6, 1.0)) AS val FROM MasksDatabaseView) q
ORDER BY val DESC, mask_id LIMIT 10
');
SELECT * FROM run('
SELECT mask_id, val FROM (SELECT mask_id, CP(mask, roi, (0.6, 1.0)) AS val FROM MasksDatabaseView) q
WHERE val < 9000 ORDER BY val DESC, mask_id LIMIT 10
');
SELECT * FROM run('
WITH counted AS (SELECT mask_id, CP(mask, roi, (0.6, 1.0)) AS val FROM MasksDatabaseView)
SELECT mask_id FROM counted WHERE val BETWEEN 5000 AND 9000 ORDER BY val, mask_id LIMIT 10
');
SELECT * FROM run('
SELECT mask_id FROM MasksDatabaseView, LATERAL (SELECT CP(mask, roi, (0.6, 1.0)) AS val) counted
WHERE val > 5000 ORDER BY val, mask_id LIMIT 10
');
-- the best of the best
SELECT * FROM run('
SELECT mask_id FROM (SELECT mask_id, mask FROM MasksDatabaseView ORDER BY CP(mask, roi, (0.8, 1.0)) DESC, mask_id LIMIT 10) q
ORDER BY CP(mask, ''full'', (0.2, 0.6)) DESC, mask_id LIMIT 3
');
-- groups
SELECT * FROM run('
SELECT image_id FROM (SELECT image_id, AVG(CP(mask, roi, (0.6, 1.0))) AS s FROM MasksDatabaseView GROUP BY image_id) q
WHERE s > 9000 ORDER BY image_id
');
SELECT * FROM run('
SELECT image_id FROM (SELECT image_id, CP(mask_intersect(mask > 0.7), ''full'', (0.7, 1.0)) AS s FROM MasksDatabaseView GROUP BY image_id) q
WHERE s > 3000
');
-- sorted outside, each of them is computed: the subquery does not know of the order
SELECT * FROM run('
SELECT image_id FROM (SELECT image_id, AVG(CP(mask, roi, (0.6, 1.0))) AS s FROM MasksDatabaseView GROUP BY image_id) q
ORDER BY s DESC, image_id LIMIT 10
');

DROP FUNCTION run;
DROP VIEW MasksDatabaseView;
DROP TABLE masks, objects;
