-- Aggregates over masks that their owners have declared to be monotone. The name is what counts in a dump; the other two columns
-- tie the row to the aggregate as it was declared, and are found by the trigger, so that they are right in a restored
-- database too.
CREATE TABLE maskquery_monotone_aggregates (
    aggregate text PRIMARY KEY,
    function_oid oid NOT NULL,
    function_version xid NOT NULL
);
COMMENT ON TABLE maskquery_monotone_aggregates IS
    'aggregates declared with maskquery_monotone_aggregate';
-- A declaration is the same for everybody, and a dump restored by others than superusers inserts its own.
GRANT SELECT, INSERT ON maskquery_monotone_aggregates TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('maskquery_monotone_aggregates', '');

CREATE FUNCTION maskquery_monotone_aggregates_changed() RETURNS trigger
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregates_changed' LANGUAGE C;
COMMENT ON FUNCTION maskquery_monotone_aggregates_changed() IS
    'checks a declaration and ties it to the aggregate of that name';
CREATE TRIGGER changed BEFORE INSERT OR UPDATE OR DELETE ON maskquery_monotone_aggregates
    FOR EACH ROW EXECUTE FUNCTION maskquery_monotone_aggregates_changed();
ALTER TABLE maskquery_monotone_aggregates ENABLE ALWAYS TRIGGER changed;

CREATE FUNCTION maskquery_monotone_aggregate(aggregate regprocedure, monotone boolean DEFAULT true) RETURNS void
    AS 'MODULE_PATHNAME', 'mq_monotone_aggregate' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION maskquery_monotone_aggregate(regprocedure, boolean) IS
    'declares that an aggregate over masks is monotone, so that bounds may decide about its groups; false withdraws that';
