-- Aggregates over masks that their owners have declared to be monotone. What a dump has of a declaration is its text, which is the
-- aggregate's name as long as the aggregate is what was declared, and the digest, by which a restore knows it.
CREATE TYPE maskquery_declaration;
CREATE FUNCTION maskquery_declaration_in(cstring) RETURNS maskquery_declaration
    AS 'MODULE_PATHNAME', 'mq_declaration_in' LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION maskquery_declaration_out(maskquery_declaration) RETURNS cstring
    AS 'MODULE_PATHNAME', 'mq_declaration_out' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION maskquery_declaration_in(cstring) IS 'I/O; the aggregate of that name as it is now';
COMMENT ON FUNCTION maskquery_declaration_out(maskquery_declaration) IS 'I/O; the name of the aggregate while it is what was declared';
CREATE TYPE maskquery_declaration (
    INPUT = maskquery_declaration_in, OUTPUT = maskquery_declaration_out, INTERNALLENGTH = 40, ALIGNMENT = int4);
COMMENT ON TYPE maskquery_declaration IS
    'an aggregate as it was when it was declared monotone; its text is empty when it is that no more';

-- The trigger finds the other two columns, and their names stay what they were in the first version, whose dumps name them.
CREATE TABLE maskquery_monotone_aggregates (
    aggregate maskquery_declaration NOT NULL,
    function_oid oid PRIMARY KEY,
    function_version text NOT NULL
);
COMMENT ON TABLE maskquery_monotone_aggregates IS
    'aggregates declared with maskquery_monotone_aggregate; those without a name are that no more';
COMMENT ON COLUMN maskquery_monotone_aggregates.aggregate IS 'the declaration; as text the name of the aggregate while it holds, else empty';
COMMENT ON COLUMN maskquery_monotone_aggregates.function_oid IS 'OID of the aggregate, found by the trigger';
COMMENT ON COLUMN maskquery_monotone_aggregates.function_version IS 'digest of the definition as it was declared, found by the trigger';
-- A declaration is the same for every user, and the owner of an aggregate may restore a dump of it.
GRANT SELECT, INSERT ON maskquery_monotone_aggregates TO PUBLIC;
-- The cast is the type's output function, so that nothing is looked up in a schema, which may change.
SELECT pg_catalog.pg_extension_config_dump('maskquery_monotone_aggregates',
    $$WHERE aggregate::pg_catalog.text OPERATOR(pg_catalog.<>) ''$$);

CREATE FUNCTION maskquery_monotone_aggregates_changed() RETURNS trigger
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregates_changed' LANGUAGE C;
COMMENT ON FUNCTION maskquery_monotone_aggregates_changed() IS
    'checks a declaration, and removes those that hold no more';
CREATE TRIGGER changed BEFORE INSERT OR UPDATE OR DELETE ON maskquery_monotone_aggregates
    FOR EACH ROW EXECUTE FUNCTION maskquery_monotone_aggregates_changed();
ALTER TABLE maskquery_monotone_aggregates ENABLE ALWAYS TRIGGER changed;
COMMENT ON TRIGGER changed ON maskquery_monotone_aggregates IS 'checks a declaration, and removes those that hold no more';

CREATE FUNCTION maskquery_monotone_aggregate(aggregate regprocedure, monotone boolean DEFAULT true) RETURNS void
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregate' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION maskquery_monotone_aggregate(regprocedure, boolean) IS
    'declares that an aggregate over masks is monotone, so that bounds may decide about its groups; false withdraws that';
