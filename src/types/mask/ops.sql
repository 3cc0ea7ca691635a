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

-- Same shape, format, domain and pixels. No operator class: masks are neither sorted nor hashed.

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
