-- psql variable: library, the path of real_array.so. PARALLEL SAFE and a cost: the baseline may use all cores, as in the paper.
CREATE FUNCTION real_cp(mask real[], x1 int, y1 int, x2 int, y2 int, lv float8, uv float8) RETURNS float8
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS :'library';
CREATE FUNCTION real_least(real[], real[]) RETURNS real[] LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS :'library';
CREATE AGGREGATE real_intersect(real[]) (SFUNC = real_least, STYPE = real[], COMBINEFUNC = real_least, PARALLEL = safe);
