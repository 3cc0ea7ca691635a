-- Loads data/wildcam-mini into four tables of the current database: images, boxes, predictions, masks.
-- psql script, run from the top of the repository:
--
--     psql -d DATABASE [-v images=500] -f data/load.sql
--
-- images: load only the first so many images (two masks each); all 2,500 by default.
-- The demo, the tests and the benchmarks all load the data with this file. No index is made here.
\set ON_ERROR_STOP on
\if :{?images}
\else
  \set images 2500
\endif
SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS maskquery;

-- One transaction: with wal_level = minimal the tables made here are then filled without WAL.
BEGIN;

CREATE TABLE images (
    image_id          integer PRIMARY KEY,
    label             text NOT NULL,
    background_family text NOT NULL,
    width             integer NOT NULL,
    height            integer NOT NULL,
    split             text NOT NULL,
    animal            text NOT NULL,
    animal_in_train   boolean NOT NULL,
    background        text NOT NULL
);

CREATE TABLE boxes (
    image_id  integer NOT NULL,
    object_no integer NOT NULL,
    class     text NOT NULL,
    box       roi NOT NULL,
    PRIMARY KEY (image_id, object_no)
);

CREATE TABLE predictions (
    image_id        integer NOT NULL,
    model_id        integer NOT NULL,
    predicted_label text NOT NULL,
    probability     double precision NOT NULL,
    PRIMARY KEY (image_id, model_id)
);

CREATE TABLE masks (
    mask_id  integer PRIMARY KEY,
    image_id integer NOT NULL,
    model_id integer NOT NULL,
    mask     mask(224,224) NOT NULL,
    UNIQUE (image_id, model_id)
);

\copy images FROM 'data/wildcam-mini/images.csv' (FORMAT csv, HEADER)
DELETE FROM images WHERE image_id > :images;

CREATE TEMPORARY TABLE load_boxes (image_id integer, object_no integer, class text, x1 integer, y1 integer, x2 integer, y2 integer) ON COMMIT DROP;
\copy load_boxes FROM 'data/wildcam-mini/boxes.csv' (FORMAT csv, HEADER)
INSERT INTO boxes
SELECT image_id, object_no, class, roi(x1, y1, x2, y2) FROM load_boxes WHERE image_id <= :images;

\copy predictions FROM 'data/wildcam-mini/predictions.csv' (FORMAT csv, HEADER)
DELETE FROM predictions WHERE image_id > :images;

-- A map is stored as the 7x7 or 8x8 grid that the network gave; mask_resize enlarges it to the image's size with the same
-- bilinear formula that made the published maps (data/README.md).
CREATE TEMPORARY TABLE load_cams (image_id integer, model_id integer, grid mask) ON COMMIT DROP;
\copy load_cams FROM 'data/wildcam-mini/cams.csv' (FORMAT csv, HEADER)
INSERT INTO masks
SELECT 2 * (image_id - 1) + model_id, image_id, model_id, mask_resize(grid, 224, 224)
FROM load_cams WHERE image_id <= :images
ORDER BY image_id, model_id;

COMMIT;

RESET client_min_messages;
VACUUM (ANALYZE) images, boxes, predictions, masks;
