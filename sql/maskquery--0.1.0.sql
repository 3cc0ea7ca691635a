\echo Use "CREATE EXTENSION maskquery" to load this file. \quit

-- src/roi/roi.sql
-- roi: a box in pixel coordinates, 1-based and inclusive, x to the right, y down.

CREATE TYPE roi;

CREATE FUNCTION roi_in(cstring) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION roi_out(roi) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION roi_recv(internal) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION roi_send(roi) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE TYPE roi (
    INPUT = roi_in,
    OUTPUT = roi_out,
    RECEIVE = roi_recv,
    SEND = roi_send,
    INTERNALLENGTH = 16,
    ALIGNMENT = int4
);

COMMENT ON TYPE roi IS 'region of interest: ((x1,y1),(x2,y2)) in pixels, 1-based and inclusive, or full';
COMMENT ON FUNCTION roi_in(cstring) IS 'I/O';
COMMENT ON FUNCTION roi_out(roi) IS 'I/O';
COMMENT ON FUNCTION roi_recv(internal) IS 'I/O';
COMMENT ON FUNCTION roi_send(roi) IS 'I/O';

-- Constructors

CREATE FUNCTION roi(x1 integer, y1 integer, x2 integer, y2 integer) RETURNS roi
    AS 'MODULE_PATHNAME', 'roi_make' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roi(integer, integer, integer, integer) IS
    'roi of its upper left and lower right pixel, 1-based and inclusive';

CREATE FUNCTION roi_xywh(x double precision, y double precision,
                         width double precision, height double precision) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roi_xywh(double precision, double precision, double precision, double precision) IS
    'roi of the pixels that a 0-based box (left, top, width, height) covers or touches';

CREATE FUNCTION roi_xyxy(x1 double precision, y1 double precision,
                         x2 double precision, y2 double precision) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roi_xyxy(double precision, double precision, double precision, double precision) IS
    'roi of the pixels that a 0-based box (left, top, right, bottom) covers or touches';

CREATE FUNCTION roi_scale(roi roi, from_width integer, from_height integer,
                          to_width integer, to_height integer) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roi_scale(roi, integer, integer, integer, integer) IS
    'roi made on an image of one size, grown to whole pixels on an image of another';

-- Casts. Assignment and not implicit: a box that silently became a roi would make a roi operator run where the
-- geometric one was meant.

CREATE FUNCTION roi(box) RETURNS roi
    AS 'MODULE_PATHNAME', 'box_to_roi' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION roi(box) IS 'box with 1-based inclusive corners as a roi, grown to whole pixels';
CREATE CAST (box AS roi) WITH FUNCTION roi(box) AS ASSIGNMENT;

CREATE FUNCTION box(roi) RETURNS box
    AS 'MODULE_PATHNAME', 'roi_to_box' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION box(roi) IS 'roi as a box with the same corners';
CREATE CAST (roi AS box) WITH FUNCTION box(roi) AS ASSIGNMENT;

-- Comparison

CREATE FUNCTION roi_eq(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_ne(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_lt(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_le(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_gt(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_ge(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_cmp(roi, roi) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_hash(roi) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
CREATE FUNCTION roi_hash_extended(roi, bigint) RETURNS bigint
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;

COMMENT ON FUNCTION roi_eq(roi, roi) IS 'implementation of = operator';
COMMENT ON FUNCTION roi_ne(roi, roi) IS 'implementation of <> operator';
COMMENT ON FUNCTION roi_lt(roi, roi) IS 'implementation of < operator';
COMMENT ON FUNCTION roi_le(roi, roi) IS 'implementation of <= operator';
COMMENT ON FUNCTION roi_gt(roi, roi) IS 'implementation of > operator';
COMMENT ON FUNCTION roi_ge(roi, roi) IS 'implementation of >= operator';
COMMENT ON FUNCTION roi_cmp(roi, roi) IS 'less-equal-greater, corner by corner';
COMMENT ON FUNCTION roi_hash(roi) IS 'hash';
COMMENT ON FUNCTION roi_hash_extended(roi, bigint) IS 'hash';

CREATE OPERATOR = (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR <> (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);

CREATE OPERATOR CLASS roi_ops DEFAULT FOR TYPE roi USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 roi_cmp(roi, roi);
CREATE OPERATOR CLASS roi_ops DEFAULT FOR TYPE roi USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 roi_hash(roi),
    FUNCTION 2 roi_hash_extended(roi, bigint);

-- Geometry

CREATE FUNCTION area(roi) RETURNS double precision
    AS 'MODULE_PATHNAME', 'roi_area' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION area(roi) IS 'number of pixels of the roi, inside any mask or not';

CREATE FUNCTION roi_overlaps(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION roi_overlaps(roi, roi) IS 'implementation of && operator';
CREATE FUNCTION roi_contains(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION roi_contains(roi, roi) IS 'implementation of @> operator';
CREATE FUNCTION roi_contained(roi, roi) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION roi_contained(roi, roi) IS 'implementation of <@ operator';
CREATE FUNCTION roi_intersection(roi, roi) RETURNS roi
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE;
COMMENT ON FUNCTION roi_intersection(roi, roi) IS 'implementation of * operator';

CREATE OPERATOR && (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_overlaps, COMMUTATOR = &&,
    RESTRICT = areasel, JOIN = areajoinsel
);
CREATE OPERATOR @> (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_contains, COMMUTATOR = <@,
    RESTRICT = contsel, JOIN = contjoinsel
);
CREATE OPERATOR <@ (
    LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_contained, COMMUTATOR = @>,
    RESTRICT = contsel, JOIN = contjoinsel
);
CREATE OPERATOR * (LEFTARG = roi, RIGHTARG = roi, FUNCTION = roi_intersection, COMMUTATOR = *);

COMMENT ON OPERATOR = (roi, roi) IS 'equal';
COMMENT ON OPERATOR <> (roi, roi) IS 'not equal';
COMMENT ON OPERATOR < (roi, roi) IS 'less than, corner by corner';
COMMENT ON OPERATOR <= (roi, roi) IS 'less than or equal, corner by corner';
COMMENT ON OPERATOR > (roi, roi) IS 'greater than, corner by corner';
COMMENT ON OPERATOR >= (roi, roi) IS 'greater than or equal, corner by corner';
COMMENT ON OPERATOR && (roi, roi) IS 'share a pixel';
COMMENT ON OPERATOR @> (roi, roi) IS 'contains';
COMMENT ON OPERATOR <@ (roi, roi) IS 'is contained in';
COMMENT ON OPERATOR * (roi, roi) IS 'intersection, NULL when no pixel is shared';

-- src/mask/mask.sql
-- mask: a 2-D array of pixel values.

CREATE TYPE mask;

CREATE FUNCTION mask_in(cstring, oid, integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION mask_out(mask) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION mask_recv(internal, oid, integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION mask_send(mask) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
CREATE FUNCTION mask_typmod_in(cstring[]) RETURNS integer
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION mask_typmod_out(integer) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- STORAGE external: tiles are compressed already, and only uncompressed TOAST values can be fetched by slice.
CREATE TYPE mask (
    INPUT = mask_in,
    OUTPUT = mask_out,
    RECEIVE = mask_recv,
    SEND = mask_send,
    TYPMOD_IN = mask_typmod_in,
    TYPMOD_OUT = mask_typmod_out,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE mask IS 'two-dimensional array of pixel values; mask(width, height [, format]) fixes its shape';
COMMENT ON FUNCTION mask_in(cstring, oid, integer) IS 'I/O';
COMMENT ON FUNCTION mask_out(mask) IS 'I/O';
COMMENT ON FUNCTION mask_recv(internal, oid, integer) IS 'I/O';
COMMENT ON FUNCTION mask_send(mask) IS 'I/O';
COMMENT ON FUNCTION mask_typmod_in(cstring[]) IS 'I/O typmod';
COMMENT ON FUNCTION mask_typmod_out(integer) IS 'I/O typmod';

CREATE FUNCTION mask(mask, integer, boolean) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_coerce' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mask(mask, integer, boolean) IS 'check the shape of a mask and convert its format to the type''s';
CREATE CAST (mask AS mask) WITH FUNCTION mask(mask, integer, boolean) AS IMPLICIT;

-- src/mask/convert.sql
-- Masks from and to arrays, and from and to what ML tools write. Constructors take the domain as lo and hi (0 and 1
-- where they are NULL), and nan, a value to write instead of NaN (NULL: NaN is an error).

-- Arrays, rows from top to bottom. real[] is taken exactly; double precision[] is rounded to f32.

CREATE FUNCTION mask(real[], integer, boolean) RETURNS mask
    AS 'MODULE_PATHNAME', 'float4_array_to_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask(real[], integer, boolean) IS 'f32 mask on [0, 1] of a two-dimensional array';
CREATE CAST (real[] AS mask) WITH FUNCTION mask(real[], integer, boolean) AS ASSIGNMENT;

CREATE FUNCTION mask(double precision[], integer, boolean) RETURNS mask
    AS 'MODULE_PATHNAME', 'float8_array_to_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask(double precision[], integer, boolean) IS 'f32 mask on [0, 1] of a two-dimensional array';
CREATE CAST (double precision[] AS mask) WITH FUNCTION mask(double precision[], integer, boolean) AS ASSIGNMENT;

CREATE FUNCTION mask_to_array(mask) RETURNS real[]
    AS 'MODULE_PATHNAME', 'mask_to_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_to_array(mask) IS 'pixel values as a two-dimensional array, rows from top to bottom';
CREATE CAST (mask AS real[]) WITH FUNCTION mask_to_array(mask) AS ASSIGNMENT;

CREATE FUNCTION mask_from_array(pixels real[], lo double precision DEFAULT NULL, hi double precision DEFAULT NULL,
                                nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_from_float4_array' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_array(real[], double precision, double precision, double precision) IS
    'f32 mask of a two-dimensional array, on [lo, hi]';

CREATE FUNCTION mask_from_array(pixels double precision[], lo double precision DEFAULT NULL,
                                hi double precision DEFAULT NULL, nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_from_float8_array' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_array(double precision[], double precision, double precision, double precision) IS
    'f32 mask of a two-dimensional array, on [lo, hi]';

CREATE FUNCTION mask_normalize(pixels real[], lo double precision, hi double precision, clamp boolean DEFAULT false,
                               nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_normalize_float4' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_normalize(real[], double precision, double precision, boolean, double precision) IS
    'f32 mask on [0, 1] of values that lie in [lo, hi]; clamp takes values beyond as the nearest end';

CREATE FUNCTION mask_normalize(pixels double precision[], lo double precision, hi double precision,
                               clamp boolean DEFAULT false, nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_normalize_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_normalize(double precision[], double precision, double precision, boolean, double precision) IS
    'f32 mask on [0, 1] of values that lie in [lo, hi]; clamp takes values beyond as the nearest end';

-- Files and bytes of ML tools

CREATE FUNCTION mask_from_npy(npy bytea, lo double precision DEFAULT NULL, hi double precision DEFAULT NULL,
                              nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_from_npy(bytea, double precision, double precision, double precision) IS
    'mask of a NumPy .npy file with a two-dimensional array';

CREATE FUNCTION mask_from_png(png bytea, lo double precision DEFAULT NULL, hi double precision DEFAULT NULL)
    RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000;
COMMENT ON FUNCTION mask_from_png(bytea, double precision, double precision) IS
    'u8 or u16 mask of a gray PNG image, black lo and white hi';

CREATE FUNCTION mask_from_coco_rle(counts text, height integer, width integer) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_from_coco_string' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_coco_rle(text, integer, integer) IS 'bit mask of a compressed COCO run-length string';

CREATE FUNCTION mask_from_coco_rle(counts integer[], height integer, width integer) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_from_coco_counts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_coco_rle(integer[], integer, integer) IS 'bit mask of COCO run lengths';

CREATE FUNCTION mask_from_polygon(xy double precision[], width integer, height integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_polygon(double precision[], integer, integer) IS
    'bit mask of the pixels whose centres lie in a polygon x1, y1, x2, y2, ... of 0-based coordinates';

CREATE FUNCTION mask_from_raw(pixels bytea, width integer, height integer, format text,
                              lo double precision DEFAULT NULL, hi double precision DEFAULT NULL,
                              nan double precision DEFAULT NULL) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_from_raw(bytea, integer, integer, text, double precision, double precision, double precision) IS
    'mask of raw little-endian pixels, rows from top to bottom; format is f32, f16, u8, u16 or bit';

CREATE FUNCTION mask_to_npy(mask) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_to_npy(mask) IS 'NumPy .npy file of the mask in its own format';

CREATE FUNCTION mask_to_png(mask mask, colormap text DEFAULT NULL) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000;
COMMENT ON FUNCTION mask_to_png(mask, text) IS
    'gray PNG image of the mask, or a coloured one (colormap gray, jet, hot or viridis)';

CREATE FUNCTION mask_to_coco_rle(mask) RETURNS text
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_to_coco_rle(mask) IS 'compressed COCO run-length string of a bit mask';

-- src/mask/access.sql
-- What a mask holds. width, height, mask_domain and mask_info read the first bytes of the value only.

CREATE FUNCTION width(mask) RETURNS integer
    AS 'MODULE_PATHNAME', 'mask_width' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION width(mask) IS 'width in pixels';

CREATE FUNCTION height(mask) RETURNS integer
    AS 'MODULE_PATHNAME', 'mask_height' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION height(mask) IS 'height in pixels';

CREATE FUNCTION mask_domain(mask) RETURNS double precision[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION mask_domain(mask) IS 'the domain of the mask''s values: {lo,hi}';

CREATE FUNCTION mask_info(mask mask, OUT width integer, OUT height integer, OUT format text,
                          OUT lo double precision, OUT hi double precision, OUT bytes bigint,
                          OUT tile_width integer, OUT tile_height integer, OUT tiles integer)
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION mask_info(mask) IS 'shape, format, domain, stored bytes and tiles of a mask, from its header';

CREATE FUNCTION pixel(mask mask, x integer, y integer) RETURNS real
    AS 'MODULE_PATHNAME', 'mask_pixel' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION pixel(mask, integer, integer) IS 'value of the pixel in column x and row y, from 1';

CREATE FUNCTION mask_histogram(mask mask, bins integer) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_histogram(mask, integer) IS 'number of pixels in each of equal bins over the domain';

CREATE FUNCTION mask_thumbnail(mask mask, width integer, height integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_thumbnail(mask, integer, integer) IS
    'u8 mask of another size, each pixel the mean of what it covers';

-- src/mask/ops.sql
-- Operators on masks. A comparison with a value gives a mask of format bit on [0, 1], and not a boolean: it has no
-- operator class and no selectivity.

CREATE FUNCTION mask_gt(mask, double precision) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_gt(mask, double precision) IS 'implementation of > operator';
CREATE FUNCTION mask_gt(double precision, mask) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_gt_commuted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_gt(double precision, mask) IS 'implementation of > operator';

CREATE FUNCTION mask_ge(mask, double precision) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_ge(mask, double precision) IS 'implementation of >= operator';
CREATE FUNCTION mask_ge(double precision, mask) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_ge_commuted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_ge(double precision, mask) IS 'implementation of >= operator';

CREATE FUNCTION mask_lt(mask, double precision) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_lt(mask, double precision) IS 'implementation of < operator';
CREATE FUNCTION mask_lt(double precision, mask) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_lt_commuted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_lt(double precision, mask) IS 'implementation of < operator';

CREATE FUNCTION mask_le(mask, double precision) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_le(mask, double precision) IS 'implementation of <= operator';
CREATE FUNCTION mask_le(double precision, mask) RETURNS mask
    AS 'MODULE_PATHNAME', 'mask_le_commuted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_le(double precision, mask) IS 'implementation of <= operator';

CREATE OPERATOR > (LEFTARG = mask, RIGHTARG = double precision, FUNCTION = mask_gt, COMMUTATOR = <);
CREATE OPERATOR > (LEFTARG = double precision, RIGHTARG = mask, FUNCTION = mask_gt, COMMUTATOR = <);
COMMENT ON OPERATOR > (mask, double precision) IS 'bit mask of the pixels whose value is > the number';
COMMENT ON OPERATOR > (double precision, mask) IS 'bit mask of the pixels for which the number is > the value';

CREATE OPERATOR >= (LEFTARG = mask, RIGHTARG = double precision, FUNCTION = mask_ge, COMMUTATOR = <=);
CREATE OPERATOR >= (LEFTARG = double precision, RIGHTARG = mask, FUNCTION = mask_ge, COMMUTATOR = <=);
COMMENT ON OPERATOR >= (mask, double precision) IS 'bit mask of the pixels whose value is >= the number';
COMMENT ON OPERATOR >= (double precision, mask) IS 'bit mask of the pixels for which the number is >= the value';

CREATE OPERATOR < (LEFTARG = mask, RIGHTARG = double precision, FUNCTION = mask_lt, COMMUTATOR = >);
CREATE OPERATOR < (LEFTARG = double precision, RIGHTARG = mask, FUNCTION = mask_lt, COMMUTATOR = >);
COMMENT ON OPERATOR < (mask, double precision) IS 'bit mask of the pixels whose value is < the number';
COMMENT ON OPERATOR < (double precision, mask) IS 'bit mask of the pixels for which the number is < the value';

CREATE OPERATOR <= (LEFTARG = mask, RIGHTARG = double precision, FUNCTION = mask_le, COMMUTATOR = >=);
CREATE OPERATOR <= (LEFTARG = double precision, RIGHTARG = mask, FUNCTION = mask_le, COMMUTATOR = >=);
COMMENT ON OPERATOR <= (mask, double precision) IS 'bit mask of the pixels whose value is <= the number';
COMMENT ON OPERATOR <= (double precision, mask) IS 'bit mask of the pixels for which the number is <= the value';

-- Pixel-wise; both masks of one shape and domain. On bit masks: intersection, union, complement.

CREATE FUNCTION mask_and(mask, mask) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_and(mask, mask) IS 'implementation of & operator';
CREATE FUNCTION mask_or(mask, mask) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_or(mask, mask) IS 'implementation of | operator';
CREATE FUNCTION mask_not(mask) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_not(mask) IS 'implementation of ~ operator';

CREATE OPERATOR & (LEFTARG = mask, RIGHTARG = mask, FUNCTION = mask_and, COMMUTATOR = &);
CREATE OPERATOR | (LEFTARG = mask, RIGHTARG = mask, FUNCTION = mask_or, COMMUTATOR = |);
CREATE OPERATOR ~ (RIGHTARG = mask, FUNCTION = mask_not);
COMMENT ON OPERATOR & (mask, mask) IS 'pixel-wise minimum';
COMMENT ON OPERATOR | (mask, mask) IS 'pixel-wise maximum';
COMMENT ON OPERATOR ~ (NONE, mask) IS 'pixel-wise complement: lo + hi - value';

-- Same shape, format, domain and pixels. No operator class: nobody sorts or hashes masks.

CREATE FUNCTION mask_eq(mask, mask) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_eq(mask, mask) IS 'implementation of = operator';
CREATE FUNCTION mask_ne(mask, mask) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_ne(mask, mask) IS 'implementation of <> operator';

CREATE OPERATOR = (
    LEFTARG = mask, RIGHTARG = mask, FUNCTION = mask_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel
);
CREATE OPERATOR <> (
    LEFTARG = mask, RIGHTARG = mask, FUNCTION = mask_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR = (mask, mask) IS 'same shape, format, domain and pixels';
COMMENT ON OPERATOR <> (mask, mask) IS 'differ in shape, format, domain or a pixel';

-- Geometry

CREATE FUNCTION mask_crop(mask mask, roi roi) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_crop(mask, roi) IS 'the part of the mask inside the roi';

CREATE FUNCTION mask_resize(mask mask, width integer, height integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_resize(mask, integer, integer) IS
    'the mask at another size: bilinear, nearest pixel for format bit';

-- src/mask/aggregate.sql
-- Aggregates over masks of one shape and domain; NULLs are skipped. Extremes keep the format that all masks have, f32
-- otherwise; mean and sum are f32.

CREATE FUNCTION mask_intersect_step(internal, mask) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_intersect_step(internal, mask) IS 'aggregate transition function of mask_intersect';
CREATE FUNCTION mask_intersect_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_intersect_combine(internal, internal) IS 'aggregate combine function of mask_intersect';

CREATE FUNCTION mask_union_step(internal, mask) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_union_step(internal, mask) IS 'aggregate transition function of mask_union';
CREATE FUNCTION mask_union_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_union_combine(internal, internal) IS 'aggregate combine function of mask_union';

CREATE FUNCTION mask_extreme_final(internal) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_extreme_final(internal) IS 'aggregate final function of mask_intersect and mask_union';
CREATE FUNCTION mask_extreme_serialize(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION mask_extreme_serialize(internal) IS 'aggregate serial function of mask_intersect and mask_union';
CREATE FUNCTION mask_extreme_deserialize(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION mask_extreme_deserialize(bytea, internal) IS 'aggregate deserial function of mask_intersect and mask_union';

CREATE AGGREGATE mask_intersect(mask) (
    SFUNC = mask_intersect_step,
    STYPE = internal,
    SSPACE = 262144,
    FINALFUNC = mask_extreme_final,
    COMBINEFUNC = mask_intersect_combine,
    SERIALFUNC = mask_extreme_serialize,
    DESERIALFUNC = mask_extreme_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mask_intersect(mask) IS
    'pixel-wise minimum: on thresholded masks their intersection';

CREATE AGGREGATE mask_union(mask) (
    SFUNC = mask_union_step,
    STYPE = internal,
    SSPACE = 262144,
    FINALFUNC = mask_extreme_final,
    COMBINEFUNC = mask_union_combine,
    SERIALFUNC = mask_extreme_serialize,
    DESERIALFUNC = mask_extreme_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mask_union(mask) IS
    'pixel-wise maximum: on thresholded masks their union';

CREATE FUNCTION mask_avg_step(internal, mask) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_avg_step(internal, mask) IS 'aggregate transition function of mask_avg';
CREATE FUNCTION mask_sum_step(internal, mask, double precision) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_sum_step(internal, mask, double precision) IS 'aggregate transition function of mask_sum';
CREATE FUNCTION mask_sums_combine(internal, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_sums_combine(internal, internal) IS 'aggregate combine function of mask_avg and mask_sum';
CREATE FUNCTION mask_sums_serialize(internal) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION mask_sums_serialize(internal) IS 'aggregate serial function of mask_avg and mask_sum';
CREATE FUNCTION mask_sums_deserialize(bytea, internal) RETURNS internal
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION mask_sums_deserialize(bytea, internal) IS 'aggregate deserial function of mask_avg and mask_sum';
CREATE FUNCTION mask_avg_final(internal) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_avg_final(internal) IS 'aggregate final function of mask_avg';
CREATE FUNCTION mask_sum_final(internal) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_sum_final(internal) IS 'aggregate final function of mask_sum';

CREATE AGGREGATE mask_avg(mask) (
    SFUNC = mask_avg_step,
    STYPE = internal,
    SSPACE = 262144,
    FINALFUNC = mask_avg_final,
    COMBINEFUNC = mask_sums_combine,
    SERIALFUNC = mask_sums_serialize,
    DESERIALFUNC = mask_sums_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mask_avg(mask) IS
    'pixel-wise mean';

CREATE AGGREGATE mask_sum(mask mask, weight double precision) (
    SFUNC = mask_sum_step,
    STYPE = internal,
    SSPACE = 262144,
    FINALFUNC = mask_sum_final,
    COMBINEFUNC = mask_sums_combine,
    SERIALFUNC = mask_sums_serialize,
    DESERIALFUNC = mask_sums_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mask_sum(mask, double precision) IS
    'pixel-wise sum of masks times their weights, clamped to the domain';

-- src/cp/cp.sql
-- cp(mask, roi, lv, uv): the number of pixels inside the roi with lv <= value < uv.

-- What cp costs, and (lv, uv) as two arguments; it also brings the library in before the first query is planned.
CREATE FUNCTION cp_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'mq_cp_support' LANGUAGE C STRICT PARALLEL SAFE;

CREATE FUNCTION cp(mask mask, roi roi, lv double precision, uv double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'cp_roi' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION cp(mask, roi, double precision, double precision) IS
    'number of pixels inside the roi with lv <= value < uv (uv at the top of the domain includes the top)';

CREATE FUNCTION cp(mask mask, lv double precision, uv double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'cp_full' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION cp(mask, double precision, double precision) IS
    'number of pixels of the mask with lv <= value < uv (uv at the top of the domain includes the top)';

CREATE FUNCTION cp(mask mask, roi roi, range record) RETURNS double precision
    AS 'MODULE_PATHNAME', 'cp_roi_row' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION cp(mask, roi, record) IS
    'number of pixels inside the roi with values in a range (lv, uv), a row of two numbers';

CREATE FUNCTION cp(mask mask, range record) RETURNS double precision
    AS 'MODULE_PATHNAME', 'cp_full_row' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION cp(mask, record) IS
    'number of pixels of the mask with values in a range (lv, uv), a row of two numbers';

-- src/cp/pixel_sum.sql
-- pixel_sum(mask, roi, lv, uv): the sum of the values that cp(mask, roi, lv, uv) counts; without lv and uv, of all values.
-- The exact sum, rounded once to the nearest double precision: it does not depend on any order of summation.
-- Mean value:                            pixel_sum(mask, roi) / nullif(cp(mask, roi, '-infinity', 'infinity'), 0)
-- Share of a map's mass inside a box
-- (energy-based pointing game):          pixel_sum(mask, box) / nullif(pixel_sum(mask), 0)
-- There is no pixel_sum(mask, (lv, uv)): a quoted roi, as in pixel_sum(mask, 'full'), could then mean either.

CREATE FUNCTION pixel_sum(mask mask) RETURNS double precision
    AS 'MODULE_PATHNAME', 'pixel_sum_all' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION pixel_sum(mask) IS 'sum of the pixel values of the mask';

CREATE FUNCTION pixel_sum(mask mask, roi roi) RETURNS double precision
    AS 'MODULE_PATHNAME', 'pixel_sum_roi_all' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION pixel_sum(mask, roi) IS 'sum of the pixel values inside the roi';

CREATE FUNCTION pixel_sum(mask mask, roi roi, lv double precision, uv double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'pixel_sum_roi' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION pixel_sum(mask, roi, double precision, double precision) IS
    'sum of the pixel values inside the roi with lv <= value < uv (uv at the top of the domain includes the top)';

CREATE FUNCTION pixel_sum(mask mask, lv double precision, uv double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'pixel_sum_full' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION pixel_sum(mask, double precision, double precision) IS
    'sum of the pixel values of the mask with lv <= value < uv (uv at the top of the domain includes the top)';

CREATE FUNCTION pixel_sum(mask mask, roi roi, range record) RETURNS double precision
    AS 'MODULE_PATHNAME', 'pixel_sum_roi_row' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    SUPPORT cp_support;
COMMENT ON FUNCTION pixel_sum(mask, roi, record) IS
    'sum of the pixel values inside the roi with values in a range (lv, uv), a row of two numbers';

-- src/cp/mask_iou.sql
-- The overlap of the regions value >= threshold of two masks of one shape; formats and domains may differ. With A and B those regions:
--   mask_iou(a, b, t)    |A and B| / |A or B|
--   mask_iomin(a, b, t)  |A and B| / min(|A|, |B|)
-- Both are 0 where the divisor is (pycocotools and scikit-learn say so too). A is what a >= t is.

CREATE FUNCTION mask_iou(a mask, b mask, threshold double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'mask_iou' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000
    SUPPORT cp_support;
COMMENT ON FUNCTION mask_iou(mask, mask, double precision) IS
    'intersection over union of the regions with value >= threshold; 0 when both are empty';

CREATE FUNCTION mask_iomin(a mask, b mask, threshold double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'mask_iomin' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000
    SUPPORT cp_support;
COMMENT ON FUNCTION mask_iomin(mask, mask, double precision) IS
    'intersection over the smaller one of the regions with value >= threshold; 0 when that is empty';

-- src/stats/stats.sql
CREATE FUNCTION maskquery_last_query(
    OUT masks bigint, OUT pruned bigint, OUT accepted bigint, OUT loaded bigint, OUT pixel_bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'mq_last_query'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION maskquery_last_query() IS
'what the session''s last statement that used cp did: masks considered, pruned and accepted by bounds, loaded, bytes of mask values fetched';

CREATE FUNCTION maskquery_session_stats(
    OUT statements bigint, OUT masks bigint, OUT pruned bigint, OUT accepted bigint, OUT loaded bigint,
    OUT pixel_bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'mq_session_stats'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION maskquery_session_stats() IS
'the figures of maskquery_last_query() summed over all statements of this session';

CREATE VIEW maskquery_stats AS SELECT * FROM maskquery_session_stats();
COMMENT ON VIEW maskquery_stats IS 'cumulative figures of this session: statements that used cp, and what they did';
GRANT SELECT ON maskquery_stats TO PUBLIC;

-- src/chi/chi.sql
-- The chi access method: a Cumulative Histogram Index entry for every mask of a column.

CREATE FUNCTION chi_handler(internal) RETURNS index_am_handler
AS 'MODULE_PATHNAME' LANGUAGE C;

CREATE ACCESS METHOD chi TYPE INDEX HANDLER chi_handler;
COMMENT ON ACCESS METHOD chi IS 'Cumulative Histogram Index of mask columns';

CREATE OPERATOR CLASS mask_chi_ops DEFAULT FOR TYPE mask USING chi AS STORAGE mask;

CREATE FUNCTION chi_check(index regclass, heapallindexed boolean DEFAULT false) RETURNS void
AS 'MODULE_PATHNAME', 'chi_check_index' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION chi_check(regclass, boolean) IS 'verify a chi index; with heapallindexed also against its table';

CREATE FUNCTION chi_summarize(index regclass, max_masks bigint DEFAULT NULL) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C CALLED ON NULL INPUT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION chi_summarize(regclass, bigint)
IS 'build the pending entries of an incremental chi index, max_masks at most; returns how many it built';

CREATE FUNCTION chi_index_info(index regclass,
    OUT entries bigint, OUT built bigint, OUT pending bigint, OUT oversized bigint, OUT dead bigint,
    OUT segments bigint, OUT delta bigint,
    OUT meta_pages bigint, OUT map_pages bigint, OUT tid_pages bigint, OUT entry_pages bigint, OUT segment_pages bigint,
    OUT free_pages bigint,
    OUT bytes bigint,
    OUT cell_width integer, OUT cell_height integer, OUT grid_x integer, OUT grid_y integer,
    OUT bins integer, OUT binning text, OUT value_lo double precision, OUT value_hi double precision,
    OUT edges double precision[], OUT extremes integer)
AS 'MODULE_PATHNAME', 'chi_describe_index' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION chi_index_info(regclass) IS 'entries, pages and options of a chi index';

CREATE FUNCTION cp_bounds(index regclass, tid, roi, lv double precision, uv double precision,
    OUT lo double precision, OUT hi double precision)
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION cp_bounds(regclass, tid, roi, double precision, double precision)
IS 'the interval that a chi index knows for cp of one row; NULLs when the row is not summarised';

-- src/planner/planner.sql
-- A compiled clause, as the planner puts it into guards; EXPLAIN shows it in readable form. No value can be typed in.
CREATE TYPE chi_program;
CREATE FUNCTION chi_program_in(cstring) RETURNS chi_program
AS 'MODULE_PATHNAME', 'mq_chi_program_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION chi_program_out(chi_program) RETURNS cstring
AS 'MODULE_PATHNAME', 'mq_chi_program_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE TYPE chi_program (
    INPUT = chi_program_in, OUTPUT = chi_program_out, INTERNALLENGTH = VARIABLE, STORAGE = plain, ALIGNMENT = int4);
COMMENT ON TYPE chi_program IS 'a condition compiled for the bounds of the chi index; made by the planner only';

CREATE FUNCTION chi_guard_support(internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mq_guard_support' LANGUAGE C STRICT PARALLEL SAFE;

-- STABLE: they read an index. Not strict: a NULL input may sit in an arm that does not matter.
CREATE FUNCTION chi_possible(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_possible' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_possible(chi_program, VARIADIC "any") IS
'false when the bounds of the chi index refute a condition; put into queries by the planner';

CREATE FUNCTION chi_certain(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_certain' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_certain(chi_program, VARIADIC "any") IS
'true when the bounds of the chi index, or as few pixels as it takes, prove a condition; put into queries by the planner';

CREATE FUNCTION chi_undecided(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_undecided' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_undecided(chi_program, VARIADIC "any") IS
'false when chi_certain, asked just before, has found a condition to be false; put into queries by the planner';

CREATE FUNCTION chi_verified(chi_program, boolean, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_verified' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_verified(chi_program, boolean, VARIADIC "any") IS
'a condition''s value, checked against its bounds; put into queries by the planner when maskquery.verify is on';

-- src/planner/monotone.sql
-- Aggregates over masks that their owners have declared to be monotone. The name is what counts in a dump; the other two columns
-- tie the row to the aggregate as it was declared, and are found by the trigger, so that they are right in a restored
-- database too.
CREATE TABLE maskquery_monotone_aggregates (
    aggregate text PRIMARY KEY,
    function_oid oid NOT NULL,
    function_version xid NOT NULL
);
COMMENT ON TABLE maskquery_monotone_aggregates IS
    'aggregates declared with maskquery_monotone_aggregate';
-- A declaration is the same for everybody, and a dump restored by others than superusers inserts its own.
GRANT SELECT, INSERT ON maskquery_monotone_aggregates TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('maskquery_monotone_aggregates', '');

CREATE FUNCTION maskquery_monotone_aggregates_changed() RETURNS trigger
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregates_changed' LANGUAGE C;
COMMENT ON FUNCTION maskquery_monotone_aggregates_changed() IS
    'checks a declaration and ties it to the aggregate of that name';
CREATE TRIGGER changed BEFORE INSERT OR UPDATE OR DELETE ON maskquery_monotone_aggregates
    FOR EACH ROW EXECUTE FUNCTION maskquery_monotone_aggregates_changed();
ALTER TABLE maskquery_monotone_aggregates ENABLE ALWAYS TRIGGER changed;

CREATE FUNCTION maskquery_monotone_aggregate(aggregate regprocedure, monotone boolean DEFAULT true) RETURNS void
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregate' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION maskquery_monotone_aggregate(regprocedure, boolean) IS
    'declares that an aggregate over masks is monotone, so that bounds may decide about its groups; false withdraws that';
