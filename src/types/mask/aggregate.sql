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
