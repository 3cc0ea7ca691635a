-- A compiled clause, as the planner puts it into guards; EXPLAIN shows it in readable form. No value can be typed in.
CREATE TYPE chi_program;
CREATE FUNCTION chi_program_in(cstring) RETURNS chi_program
AS 'MODULE_PATHNAME', 'mq_chi_program_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chi_program_in(cstring) IS 'I/O; always an error, since only the planner makes programs';
CREATE FUNCTION chi_program_out(chi_program) RETURNS cstring
AS 'MODULE_PATHNAME', 'mq_chi_program_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chi_program_out(chi_program) IS 'I/O; the condition as EXPLAIN prints it';
CREATE TYPE chi_program (
    INPUT = chi_program_in, OUTPUT = chi_program_out, INTERNALLENGTH = VARIABLE, STORAGE = plain, ALIGNMENT = int4);
COMMENT ON TYPE chi_program IS 'a condition compiled for the bounds of the chi index; made by the planner only';

CREATE FUNCTION chi_guard_support(internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mq_guard_support' LANGUAGE C STRICT PARALLEL SAFE;
COMMENT ON FUNCTION chi_guard_support(internal) IS
'planner support of the guards chi_possible, chi_certain, chi_undecided and chi_verified: selectivity from a sample of entries';

-- STABLE: they read an index. Not strict: a NULL input may sit in an arm that does not matter.
CREATE FUNCTION chi_possible(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_possible' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_possible(chi_program, VARIADIC "any") IS
'false when the bounds of the chi index refute a condition; put into queries by the planner';

CREATE FUNCTION chi_certain(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_certain' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_certain(chi_program, VARIADIC "any") IS
'true when the bounds of the chi index, or as few pixels as it takes, prove a condition; put into queries by the planner';

CREATE FUNCTION chi_undecided(chi_program, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_undecided' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_undecided(chi_program, VARIADIC "any") IS
'false when chi_certain, asked just before, has found a condition to be false; put into queries by the planner';

CREATE FUNCTION chi_verified(chi_program, boolean, VARIADIC "any") RETURNS boolean
AS 'MODULE_PATHNAME', 'mq_chi_verified' LANGUAGE C STABLE PARALLEL SAFE SUPPORT chi_guard_support;
COMMENT ON FUNCTION chi_verified(chi_program, boolean, VARIADIC "any") IS
'a condition''s value, checked against its bounds; put into queries by the planner when maskquery.verify is on';
