-- roi: text and binary form, constructors, casts, comparison, geometry.

-- Text. White space is free, the outer parentheses may be left out, full is any region.
SELECT '((1,2),(3,4))'::roi, ' ( ( 1 , 2 ) , ( 3 , 4 ) ) '::roi, '(1,2),(3,4)'::roi, '((-5,-6),(+7,8))'::roi;
SELECT 'full'::roi, ' FULL '::roi, roi(-2147483648, -2147483648, 2147483647, 2147483647);
SELECT r, r::text::roi = r AS same FROM (VALUES ('full'::roi), (roi(1,1,1,1)), (roi(-3,0,2147483647,5))) v(r);

-- Constructors. Detector boxes are 0-based and continuous: every pixel that they cover or touch.
SELECT roi(1,2,3,4), roi_xywh(0,0,224,224), roi_xywh(10,20,30,40), roi_xyxy(10,20,30,40);
SELECT roi_xywh(0.5,0.5,1,1), roi_xyxy(0.2,0.2,0.9,0.9), roi_xyxy(-1.5,-0.1,1.5,0.1);
SELECT count(*) AS wrong FROM generate_series(0,20) x, generate_series(1,20) w
    WHERE roi_xywh(x, 0, w, 1) <> roi(x + 1, 1, x + w, 1) OR roi_xyxy(x, 0, x + w, 1) <> roi(x + 1, 1, x + w, 1)
       OR area(roi_xywh(x, 0, w, 1)) <> w;

-- roi_scale covers the scaled box: against the same computation in numeric.
SELECT roi_scale(roi(1,1,640,480), 640, 480, 224, 224), roi_scale(roi(2,2,3,3), 4, 4, 8, 8), roi_scale('full', 4, 4, 8, 8);
SELECT count(*) AS wrong FROM generate_series(-7,20,3) a, generate_series(0,9,2) n, unnest(ARRAY[1,3,7,640]) f, unnest(ARRAY[1,2,5,224]) t
    WHERE roi_scale(roi(a, a, a + n, a + n), f, f, t, t)
       <> roi(floor((a - 1)::numeric * t / f)::int + 1, floor((a - 1)::numeric * t / f)::int + 1,
              ceil((a + n)::numeric * t / f)::int, ceil((a + n)::numeric * t / f)::int);
SELECT roi_scale(roi(2147483647,1,2147483647,1), 2147483647, 1, 2147483647, 1);

-- Casts
SELECT '((3,4),(1,2))'::box::roi, '((1.5,1),(2.2,2))'::box::roi, roi(1,2,3,4)::box;
SELECT count(*) AS wrong FROM (VALUES ('full'::roi), (roi(1,1,1,1)), (roi(-3,0,7,5))) v(r) WHERE r::box::roi <> r;
CREATE TEMP TABLE boxes (id int, r roi, b box);
INSERT INTO boxes VALUES (1, '((1,2),(3,4))'::box, roi(1,2,3,4));
SELECT * FROM boxes;

-- Order, by corners; grouping, joining, indexing
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt
    FROM (VALUES (roi(1,1,2,2), roi(1,1,2,2)), (roi(1,1,2,2), roi(1,1,2,3)), (roi(2,1,2,2), roi(1,9,9,9)), ('full', roi(1,1,2,2))) v(a, b);
CREATE TEMP TABLE rois AS SELECT i AS id, roi(i % 5, i % 3, i % 5 + 4, i % 3 + 2) AS r FROM generate_series(1, 300) i;
SELECT r, count(*) FROM rois GROUP BY r ORDER BY r;
SELECT count(*), count(DISTINCT r), count(DISTINCT r::text) FROM rois;
SET enable_hashjoin = on; SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT count(*) FROM rois a JOIN rois b USING (r);
SET enable_hashjoin = off; SET enable_mergejoin = on;
SELECT count(*) FROM rois a JOIN rois b USING (r);
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_nestloop;
CREATE INDEX ON rois (r);
CREATE INDEX ON rois USING hash (r);
SET enable_seqscan = off;
SELECT count(*) FROM rois WHERE r = roi(1,1,5,3);
SELECT count(*) FROM rois WHERE r < roi(1,1,5,3);
RESET enable_seqscan;
SELECT opcname, amname, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod
    WHERE opcname = 'roi_ops' ORDER BY amname;

-- Geometry: against the pixels themselves
SELECT area(roi(1,1,1,1)), area(roi(1,2,3,4)), area('full'::roi);
CREATE TEMP TABLE corners AS SELECT x AS x1, y AS y1, x + w AS x2, y + h AS y2, roi(x, y, x + w, y + h) AS r
    FROM generate_series(0,4,2) x, generate_series(0,3) y, generate_series(0,3) w, unnest(ARRAY[0,2]) h;
WITH pairs AS (
    SELECT a.r AS a, b.r AS b, count(*) FILTER (WHERE in_a) AS in_a, count(*) FILTER (WHERE in_b) AS in_b,
           count(*) FILTER (WHERE in_a AND in_b) AS shared
    FROM corners a, corners b, generate_series(-1,8) x, generate_series(-1,7) y,
         LATERAL (SELECT x BETWEEN a.x1 AND a.x2 AND y BETWEEN a.y1 AND a.y2, x BETWEEN b.x1 AND b.x2 AND y BETWEEN b.y1 AND b.y2) p(in_a, in_b)
    GROUP BY a.r, b.r)
SELECT count(*) AS pairs, count(*) FILTER (WHERE shared > 0) AS overlapping, count(*) FILTER (WHERE shared = in_b) AS containing,
       count(*) FILTER (WHERE area(a) <> in_a OR (a && b) <> (shared > 0) OR (a @> b) <> (shared = in_b)
                           OR (a <@ b) <> (shared = in_a) OR coalesce(area(a * b), 0) <> shared) AS wrong
    FROM pairs;
SELECT roi(1,1,4,4) * roi(3,2,9,9), roi(1,1,2,2) * roi(3,3,4,4) AS disjoint, 'full' * roi(1,2,3,4), roi(1,1,2,2) && 'full';

-- Binary form
CREATE TEMP TABLE copied (id int, r roi);
INSERT INTO copied VALUES (1, '((1,2),(3,4))'), (2, 'full'), (3, NULL), (4, roi(-1,-2,2147483647,0));
SELECT id, roi_send(r) FROM copied ORDER BY id;
\copy copied to 'results/roi.bin' with (format binary)
CREATE TEMP TABLE back (LIKE copied);
\copy back from 'results/roi.bin' with (format binary)
SELECT count(*) AS same FROM copied JOIN back USING (id) WHERE copied.r IS NOT DISTINCT FROM back.r;
