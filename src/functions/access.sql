-- What a mask holds. width, height, mask_domain and mask_info read the first bytes of the value only.

CREATE FUNCTION width(mask) RETURNS integer
    AS 'MODULE_PATHNAME', 'mask_width' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION width(mask) IS 'width in pixels, 1 to 16384';

CREATE FUNCTION height(mask) RETURNS integer
    AS 'MODULE_PATHNAME', 'mask_height' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION height(mask) IS 'height in pixels, 1 to 16384';

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
COMMENT ON FUNCTION pixel(mask, integer, integer) IS
    'value of the pixel in column x (1 to width) and row y (1 to height)';

CREATE FUNCTION mask_histogram(mask mask, bins integer) RETURNS bigint[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_histogram(mask, integer) IS 'number of pixels in each of equal bins over the domain, 1 to 65536 bins';

CREATE FUNCTION mask_thumbnail(mask mask, width integer, height integer) RETURNS mask
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION mask_thumbnail(mask, integer, integer) IS
    'u8 mask of another size, each pixel the mean of what it covers';
