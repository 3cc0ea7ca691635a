\echo Use "ALTER EXTENSION maskquery UPDATE TO '0.2.0'" to load this file. \quit

-- From 0.1.0 to 0.2.0. What CREATE EXTENSION declares now and did not then, or otherwise; test/tap/015_upgrade.pl compares the catalogs.

-- Comments
COMMENT ON CAST (box AS roi) IS 'corners are 1-based and inclusive; grown to whole pixels';
COMMENT ON CAST (roi AS box) IS 'same corners, 1-based and inclusive';
COMMENT ON OPERATOR CLASS roi_ops USING btree IS 'order of rois, corner by corner';
COMMENT ON OPERATOR FAMILY roi_ops USING btree IS 'order of rois, corner by corner';
COMMENT ON OPERATOR CLASS roi_ops USING hash IS 'equality of rois';
COMMENT ON OPERATOR FAMILY roi_ops USING hash IS 'equality of rois';
COMMENT ON TYPE mask IS 'two-dimensional array of pixel values, 1x1 to 16384x16384; mask(width, height [, format]) fixes its shape';
COMMENT ON CAST (mask AS mask) IS 'to mask(width, height, format): another shape is an error, another format is converted';
COMMENT ON CAST (real[] AS mask) IS 'f32 mask on [0, 1], rows from top to bottom, values as they are';
COMMENT ON CAST (double precision[] AS mask) IS 'f32 mask on [0, 1], rows from top to bottom, values rounded to real';
COMMENT ON CAST (mask AS real[]) IS 'pixel values, rows from top to bottom';
COMMENT ON FUNCTION width(mask) IS 'width in pixels, 1 to 16384';
COMMENT ON FUNCTION height(mask) IS 'height in pixels, 1 to 16384';
COMMENT ON FUNCTION pixel(mask, integer, integer) IS
    'value of the pixel in column x (1 to width) and row y (1 to height)';
COMMENT ON FUNCTION mask_histogram(mask, integer) IS 'number of pixels in each of equal bins over the domain, 1 to 65536 bins';
COMMENT ON FUNCTION cp_support(internal) IS
    'planner support of cp, pixel_sum, mask_iou and mask_iomin: cost by the size of a mask, (lv, uv) as two arguments';
COMMENT ON FUNCTION mask_iou(mask, mask, double precision) IS
    'intersection over union of the regions with value >= threshold, 0 to 1; 0 when both are empty';
COMMENT ON FUNCTION mask_iomin(mask, mask, double precision) IS
    'intersection over the smaller one of the regions with value >= threshold, 0 to 1; 0 when that is empty';
COMMENT ON COLUMN maskquery_stats.statements IS 'number of statements that used cp, pixel_sum, mask_iou or mask_iomin';
COMMENT ON COLUMN maskquery_stats.masks IS 'number of masks considered';
COMMENT ON COLUMN maskquery_stats.pruned IS 'number of masks refuted by bounds';
COMMENT ON COLUMN maskquery_stats.accepted IS 'number of masks accepted by bounds';
COMMENT ON COLUMN maskquery_stats.loaded IS 'number of masks of which pixels were read';
COMMENT ON COLUMN maskquery_stats.pixel_bytes IS 'bytes of mask values fetched';
COMMENT ON FUNCTION chi_handler(internal) IS 'handler of the access method chi';
COMMENT ON OPERATOR CLASS mask_chi_ops USING chi IS 'pixel counts, sums and extremes of masks';
COMMENT ON OPERATOR FAMILY mask_chi_ops USING chi IS 'pixel counts, sums and extremes of masks';
COMMENT ON FUNCTION chi_program_in(cstring) IS 'I/O; always an error, since only the planner makes programs';
COMMENT ON FUNCTION chi_program_out(chi_program) IS 'I/O; the condition as EXPLAIN prints it';
COMMENT ON FUNCTION chi_guard_support(internal) IS
'planner support of the guards chi_possible, chi_certain, chi_undecided and chi_verified: selectivity from a sample of entries';

-- Declarations of monotone aggregates: those that hold by the old rule, which asked for the version of a row, are made again.
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

ALTER TABLE maskquery_monotone_aggregates RENAME TO maskquery_monotone_aggregates_0_1_0;
ALTER TABLE maskquery_monotone_aggregates_0_1_0 RENAME CONSTRAINT maskquery_monotone_aggregates_pkey TO maskquery_monotone_aggregates_0_1_0_pkey;
ALTER EXTENSION maskquery DROP TABLE maskquery_monotone_aggregates_0_1_0;
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
-- A declaration is the same for everybody, and the owner of an aggregate may restore a dump of it.
GRANT SELECT, INSERT ON maskquery_monotone_aggregates TO PUBLIC;
-- The cast is the type's output function, so that nothing is looked up in a schema, which may change.
SELECT pg_catalog.pg_extension_config_dump('maskquery_monotone_aggregates',
    $$WHERE aggregate::pg_catalog.text OPERATOR(pg_catalog.<>) ''$$);
COMMENT ON FUNCTION maskquery_monotone_aggregates_changed() IS
    'checks a declaration, and removes those that hold no more';
CREATE TRIGGER changed BEFORE INSERT OR UPDATE OR DELETE ON maskquery_monotone_aggregates
    FOR EACH ROW EXECUTE FUNCTION maskquery_monotone_aggregates_changed();
ALTER TABLE maskquery_monotone_aggregates ENABLE ALWAYS TRIGGER changed;
COMMENT ON TRIGGER changed ON maskquery_monotone_aggregates IS 'checks a declaration, and removes those that hold no more';
SELECT maskquery_monotone_aggregate(function_oid) FROM maskquery_monotone_aggregates_0_1_0, pg_catalog.pg_proc p
    WHERE p.oid = function_oid AND p.xmin = function_version;
DROP TABLE maskquery_monotone_aggregates_0_1_0;
