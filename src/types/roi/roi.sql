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
COMMENT ON CAST (box AS roi) IS 'corners are 1-based and inclusive; grown to whole pixels';

CREATE FUNCTION box(roi) RETURNS box
    AS 'MODULE_PATHNAME', 'roi_to_box' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION box(roi) IS 'roi as a box with the same corners';
CREATE CAST (roi AS box) WITH FUNCTION box(roi) AS ASSIGNMENT;
COMMENT ON CAST (roi AS box) IS 'same corners, 1-based and inclusive';

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
COMMENT ON OPERATOR CLASS roi_ops USING btree IS 'order of rois, corner by corner';
COMMENT ON OPERATOR FAMILY roi_ops USING btree IS 'order of rois, corner by corner';
COMMENT ON OPERATOR CLASS roi_ops USING hash IS 'equality of rois';
COMMENT ON OPERATOR FAMILY roi_ops USING hash IS 'equality of rois';

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
