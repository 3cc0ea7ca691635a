-- cp(mask, roi, lv, uv): the number of pixels inside the roi with lv <= value < uv.

-- What cp costs, and (lv, uv) as two arguments; it also brings the library in before the first query is planned.
CREATE FUNCTION cp_support(internal) RETURNS internal
    AS 'MODULE_PATHNAME', 'mq_cp_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cp_support(internal) IS
    'planner support of cp, pixel_sum, mask_iou and mask_iomin: cost by the size of a mask, (lv, uv) as two arguments';

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
