-- mask_iou and mask_iomin: the overlap of the regions value >= threshold of two masks; against the masks' own operators.
SET client_min_messages = warning;
CREATE VIEW used AS SELECT pruned + accepted > 0 AS decided, loaded < masks AS spared
    FROM maskquery_last_query();

-- By hand
SELECT mask_iou('[[0.9,0.5,0.1]]', '[[0.6,0.4,0.7]]', 0.5) AS one_of_three, mask_iomin('[[0.9,0.5,0.1]]', '[[0.6,0.4,0.7]]', 0.5) AS one_of_two,
       mask_iou('[[0.5]]', '[[0.5]]', 0.5) AS reached, mask_iou('[[0.7]]', '[[0.7]]', 0.7) AS at_the_precision_of_the_format,
       mask_iou('[[0.9,0.1]]', '[[0.1,0.9]]', 0.5) AS disjoint, mask_iomin('[[0.9,0.9,0.9,0]]', '[[0,0.9,0,0]]', 0.5) AS inside;
-- An empty divisor gives 0
SELECT mask_iou('[[0.1]]', '[[0.2]]', 0.5) AS both_empty, mask_iomin('[[0.1]]', '[[0.2]]', 0.5) AS min_empty, mask_iomin('[[0.9]]', '[[0.2]]', 0.5) AS one_empty,
       mask_iou('[[0.9]]', '[[0.2]]', 'infinity') AS above_all, mask_iou('[[0.9]]', '[[0.2]]', '-infinity') AS below_all, mask_iou('[[1]]', '[[1]]', 1) AS top;
-- Formats and domains may differ, each mask compares the threshold in its own
SELECT mask_iou('u8(0,255):[[100,200,0]]', 'f32(0,80):[[70,0,0]]', 60) AS u8_f32, mask_iou('bit:[[1,0,1]]', 'u16:[[65535,65535,0]]', 0.5) AS bit_u16,
       mask_iou('f32(-1,1):[[-0.5,0.5]]', 'f16(-1,1):[[-0.5,-0.5]]', -0.5) AS signed;
SELECT mask_iou(NULL, '[[1]]', 0.5) IS NULL AND mask_iou('[[1]]', NULL, 0.5) IS NULL AND mask_iomin('[[1]]', '[[1]]', NULL) IS NULL AS all_null;

-- 120 pairs of soft blobs, two models of one image; every tenth pair is of one mask
CREATE TABLE pairs (image int, model int, mask mask, PRIMARY KEY (image, model));
INSERT INTO pairs
SELECT i, m, (SELECT array_agg(line ORDER BY y)
        FROM (SELECT y, array_agg(greatest(0, 1 - sqrt((x - 30 - i % 11 - s * (i % 10)) ^ 2 + (y - 25 - i % 13) ^ 2) / (9 + i % 17 + s * (i % 3)))::real ORDER BY x) AS line
              FROM generate_series(1, 70) x, generate_series(1, 60) y GROUP BY y) l)::mask
FROM generate_series(1, 120) i, generate_series(1, 2) m, LATERAL (SELECT CASE WHEN i % 10 = 0 THEN 1 ELSE m END AS s) s;
INSERT INTO pairs VALUES (121, 1, NULL), (121, 2, (SELECT mask FROM pairs WHERE image = 1 AND model = 1)), (122, 1, (SELECT mask FROM pairs WHERE image = 1 AND model = 1));
ALTER TABLE pairs ALTER mask SET STORAGE EXTERNAL;
SELECT t, count(*), count(*) FILTER (WHERE mask_iou(a.mask, b.mask, t) IS DISTINCT FROM
           coalesce(cp((a.mask >= t) & (b.mask >= t), 1, 1) / nullif(cp((a.mask >= t) | (b.mask >= t), 1, 1), 0), a.image * 0)) AS wrong_iou,
       count(*) FILTER (WHERE mask_iomin(a.mask, b.mask, t) IS DISTINCT FROM
           coalesce(cp((a.mask >= t) & (b.mask >= t), 1, 1) / nullif(least(cp(a.mask >= t, 1, 1), cp(b.mask >= t, 1, 1)), 0), a.image * 0)) AS wrong_iomin
    FROM pairs a JOIN pairs b USING (image), unnest('{0,0.3,0.5,0.95,1.5}'::float8[]) t
    WHERE a.model = 1 AND b.model = 2 AND a.mask IS NOT NULL GROUP BY t ORDER BY t;

-- Masks in many tiles of other shapes: each is decoded for itself
SELECT mask_iou(a, b, 0.5) = cp((a >= 0.5) & (b >= 0.5), 1, 1) / cp((a >= 0.5) | (b >= 0.5), 1, 1) AS right_iou
    FROM (SELECT array_agg(row ORDER BY y)::mask AS a, mask_resize(mask_crop(array_agg(row ORDER BY y)::mask, roi(40,30,200,150)), 301, 203) >= 0.4 AS b
          FROM (SELECT y, array_agg(((x * 7919 + y * 104729 + x * y * 31) % 997 / 997.0)::real ORDER BY x) AS row
                FROM generate_series(1, 301) x, generate_series(1, 203) y GROUP BY y) r) m;

-- Both columns with an index: bounds decide most pairs, on each other's grid or not
CREATE INDEX pairs_mask ON pairs USING chi (mask);
ANALYZE pairs;
EXPLAIN (COSTS OFF) SELECT a.image FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
SELECT * FROM used;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iomin(a.mask, b.mask, 0.25) > 0.9;
SELECT * FROM used;
SELECT count(*), sum(a.image) FROM pairs a LEFT JOIN pairs b ON b.image = a.image AND b.model = 2 WHERE a.model = 1 AND mask_iou(a.mask, b.mask, 0.5) IS NULL;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND 1 - mask_iou(a.mask, b.mask, 0.5) BETWEEN 0.2 AND 0.6;
SELECT * FROM used;
CREATE TABLE others AS SELECT * FROM pairs WHERE model = 2;
CREATE INDEX others_mask ON others USING chi (mask) WITH (grid_x = 5, grid_y = 7, bins = 8);
SELECT count(*), sum(image) FROM pairs a JOIN others b USING (image) WHERE a.model = 1 AND mask_iou(a.mask, b.mask, 0.5) > 0.9;
SELECT * FROM used;
SELECT array_agg(image) FROM (SELECT image FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2
    ORDER BY mask_iou(a.mask, b.mask, 0.5), image LIMIT 5) s;
SET maskquery.verify = on;
SELECT count(*), sum(image) FROM pairs a JOIN others b USING (image) WHERE a.model = 1 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iomin(a.mask, b.mask, 0.25) > 0.9;
RESET maskquery.verify;
SET maskquery.enable_pruning = off;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
SELECT count(*), sum(image) FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2 AND mask_iomin(a.mask, b.mask, 0.25) > 0.9;
SELECT count(*), sum(image) FROM pairs a JOIN others b USING (image) WHERE a.model = 1 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
SELECT array_agg(image) FROM (SELECT image FROM pairs a JOIN pairs b USING (image) WHERE a.model = 1 AND b.model = 2
    ORDER BY mask_iou(a.mask, b.mask, 0.5), image LIMIT 5) s;
RESET maskquery.enable_pruning;

-- Errors: also where the bounds of the two entries would decide if they could be compared
SELECT mask_iou('[[1,1]]', '[[1],[1]]', 0.5);
SELECT mask_iomin('[[1]]', '[[1]]', 'NaN');
INSERT INTO others VALUES (300, 2, '[[1,1]]');
INSERT INTO pairs VALUES (300, 1, '[[1,1,1]]');
SELECT count(*) FROM pairs a JOIN others b USING (image) WHERE a.model = 1 AND mask_iou(a.mask, b.mask, 0.5) < 0.3;
DROP TABLE pairs, others;
DROP VIEW used;
