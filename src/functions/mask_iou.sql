-- The overlap of the regions value >= threshold of two masks of one shape; formats and domains may differ. With A and B those regions:
--   mask_iou(a, b, t)    |A and B| / |A or B|
--   mask_iomin(a, b, t)  |A and B| / min(|A|, |B|)
-- Both are 0 where the divisor is (pycocotools and scikit-learn say so too). A is what a >= t is.

CREATE FUNCTION mask_iou(a mask, b mask, threshold double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'mask_iou' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000
    SUPPORT cp_support;
COMMENT ON FUNCTION mask_iou(mask, mask, double precision) IS
    'intersection over union of the regions with value >= threshold, 0 to 1; 0 when both are empty';

CREATE FUNCTION mask_iomin(a mask, b mask, threshold double precision) RETURNS double precision
    AS 'MODULE_PATHNAME', 'mask_iomin' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000
    SUPPORT cp_support;
COMMENT ON FUNCTION mask_iomin(mask, mask, double precision) IS
    'intersection over the smaller one of the regions with value >= threshold, 0 to 1; 0 when that is empty';
