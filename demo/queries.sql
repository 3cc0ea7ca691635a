-- The queries of `make demo`: a title line, then one query that returns ids. Each is run with pruning on and off.
-- masks holds the saliency maps of two models (model_id 1 and 2) on each image, boxes the animal's box in each image.

-- Q1: model 1, fixed box, > 1000 salient pixels
SELECT mask_id FROM masks
WHERE model_id = 1 AND cp(mask, roi(25, 25, 100, 100), 0.6, 1.0) > 1000;

-- Q1: model 1, fixed box, > 2000 salient pixels
SELECT mask_id FROM masks
WHERE model_id = 1 AND cp(mask, roi(25, 25, 100, 100), 0.6, 1.0) > 2000;

-- Q1: model 1, fixed box, > 4000 salient pixels
SELECT mask_id FROM masks
WHERE model_id = 1 AND cp(mask, roi(25, 25, 100, 100), 0.6, 1.0) > 4000;

-- Q1: the paper's figures, > 5000
SELECT mask_id FROM masks
WHERE model_id = 1 AND cp(mask, roi(50, 50, 200, 200), 0.6, 1.0) > 5000;

-- Q1: the paper's figures and spelling, both models
SELECT mask_id FROM masks
WHERE CP(mask, roi(50, 50, 200, 200), (0.6, 1.0)) > 5000;

-- Q2: model 1, in the animal's box, > 500 salient pixels
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE model_id = 1 AND cp(mask, box, 0.8, 1.0) > 500;

-- Q2: model 1, in the animal's box, > 2000 salient pixels
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE model_id = 1 AND cp(mask, box, 0.8, 1.0) > 2000;

-- Q2: the paper's threshold, > 15000
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE model_id = 1 AND cp(mask, box, 0.8, 1.0) > 15000;

-- Judged by the background: box hardly looked at, < 1 %
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE cp(mask, box, 0.8, 1.0) / area(box) < 0.01;

-- Judged by the background: < 10 % of the box
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE cp(mask, box, 0.8, 1.0) / area(box) < 0.1;

-- Judged by the background, and wrongly, in unseen images
SELECT mask_id
FROM masks JOIN boxes USING (image_id) JOIN predictions USING (image_id, model_id) JOIN images USING (image_id)
WHERE split = 'val' AND predicted_label <> label AND cp(mask, box, 0.8, 1.0) / area(box) < 0.1;

-- Ratio: under a quarter of the salient pixels in the box
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE cp(mask, box, 0.8, 1.0) / NULLIF(cp(mask, 0.8, 1.0), 0) < 0.25;

-- Two counts: more salient pixels left than right
SELECT mask_id FROM masks
WHERE cp(mask, roi(1, 1, 112, 224), 0.7, 1.0) > cp(mask, roi(113, 1, 224, 224), 0.7, 1.0);

-- Two counts: box less salient than all around it
SELECT mask_id FROM masks JOIN boxes USING (image_id)
WHERE cp(mask, box, 0.8, 1.0) < cp(mask, 0.8, 1.0) - cp(mask, box, 0.8, 1.0);

-- AND, OR, NOT: spread out, or not salient at all
SELECT mask_id FROM masks
WHERE (cp(mask, 0.5, 1.0) > 15000 AND NOT cp(mask, 0.9, 1.0) > 2000) OR cp(mask, 0.1, 1.0) = 0;

-- BETWEEN: middling values over a third to a half
SELECT mask_id FROM masks
WHERE cp(mask, 0.3, 0.7) BETWEEN 224 * 224 / 3 AND 224 * 224 / 2;

-- Images where both models look away from the animal
SELECT b.image_id
FROM boxes b JOIN masks m1 ON m1.image_id = b.image_id AND m1.model_id = 1
     JOIN masks m2 ON m2.image_id = b.image_id AND m2.model_id = 2
WHERE cp(m1.mask, b.box, 0.6, 1.0) / area(b.box) < 0.05 AND cp(m2.mask, b.box, 0.6, 1.0) / area(b.box) < 0.05;

-- Q3: top 25 by salient pixels in a fixed box, model 1
SELECT mask_id FROM masks
WHERE model_id = 1 ORDER BY cp(mask, roi(50, 50, 200, 200), 0.8, 1.0) DESC, mask_id LIMIT 25;

-- Top 25 by middling values over the full mask
SELECT mask_id FROM masks
ORDER BY CP(mask, 'full', (0.2, 0.6)) DESC, mask_id LIMIT 25;
