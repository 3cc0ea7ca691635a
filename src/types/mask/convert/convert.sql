-- Masks from and to arrays, and from and to what ML tools write. Constructors take the domain as lo and hi (0 and 1
-- where they are NULL), and nan, a value to write instead of NaN (NULL: NaN is an error).

-- Arrays, rows from top to bottom. real[] is taken exactly; double precision[] is rounded to f32.

CREATE FUNCTION mask(real[], integer, boolean) RETURNS mask
    AS 'MODULE_PATHNAME', 'float4_array_to_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask(real[], integer, boolean) IS 'f32 mask on [0, 1] of a two-dimensional array';
CREATE CAST (real[] AS mask) WITH FUNCTION mask(real[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (real[] AS mask) IS 'f32 mask on [0, 1], rows from top to bottom, values as they are';

CREATE FUNCTION mask(double precision[], integer, boolean) RETURNS mask
    AS 'MODULE_PATHNAME', 'float8_array_to_mask' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask(double precision[], integer, boolean) IS 'f32 mask on [0, 1] of a two-dimensional array';
CREATE CAST (double precision[] AS mask) WITH FUNCTION mask(double precision[], integer, boolean) AS ASSIGNMENT;
COMMENT ON CAST (double precision[] AS mask) IS 'f32 mask on [0, 1], rows from top to bottom, values rounded to real';

CREATE FUNCTION mask_to_array(mask) RETURNS real[]
    AS 'MODULE_PATHNAME', 'mask_to_float4_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION mask_to_array(mask) IS 'pixel values as a two-dimensional array, rows from top to bottom';
CREATE CAST (mask AS real[]) WITH FUNCTION mask_to_array(mask) AS ASSIGNMENT;
COMMENT ON CAST (mask AS real[]) IS 'pixel values, rows from top to bottom';

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
