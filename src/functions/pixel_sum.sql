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
