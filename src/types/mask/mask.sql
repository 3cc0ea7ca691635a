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

COMMENT ON TYPE mask IS 'two-dimensional array of pixel values, 1x1 to 16384x16384; mask(width, height [, format]) fixes its shape';
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
COMMENT ON CAST (mask AS mask) IS 'to mask(width, height, format): another shape is an error, another format is converted';
