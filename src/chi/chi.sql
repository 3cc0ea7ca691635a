-- The chi access method: a Cumulative Histogram Index entry for every mask of a column.

CREATE FUNCTION chi_handler(internal) RETURNS index_am_handler
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION chi_handler(internal) IS 'handler of the access method chi';

CREATE ACCESS METHOD chi TYPE INDEX HANDLER chi_handler;
COMMENT ON ACCESS METHOD chi IS 'Cumulative Histogram Index of mask columns';

CREATE OPERATOR CLASS mask_chi_ops DEFAULT FOR TYPE mask USING chi AS STORAGE mask;
COMMENT ON OPERATOR CLASS mask_chi_ops USING chi IS 'pixel counts, sums and extremes of masks';
COMMENT ON OPERATOR FAMILY mask_chi_ops USING chi IS 'pixel counts, sums and extremes of masks';

CREATE FUNCTION chi_check(index regclass, heapallindexed boolean DEFAULT false) RETURNS void
AS 'MODULE_PATHNAME', 'chi_check_index' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION chi_check(regclass, boolean) IS 'verify a chi index; with heapallindexed also against its table';

CREATE FUNCTION chi_summarize(index regclass, max_masks bigint DEFAULT NULL) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C CALLED ON NULL INPUT VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION chi_summarize(regclass, bigint)
IS 'build the pending entries of an incremental chi index, max_masks at most; returns how many it built';

CREATE FUNCTION chi_index_info(index regclass,
    OUT entries bigint, OUT built bigint, OUT pending bigint, OUT oversized bigint, OUT dead bigint,
    OUT segments bigint, OUT delta bigint,
    OUT meta_pages bigint, OUT map_pages bigint, OUT tid_pages bigint, OUT entry_pages bigint, OUT segment_pages bigint,
    OUT free_pages bigint,
    OUT bytes bigint,
    OUT cell_width integer, OUT cell_height integer, OUT grid_x integer, OUT grid_y integer,
    OUT bins integer, OUT binning text, OUT value_lo double precision, OUT value_hi double precision,
    OUT edges double precision[], OUT extremes integer)
AS 'MODULE_PATHNAME', 'chi_describe_index' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION chi_index_info(regclass) IS 'entries, pages and options of a chi index';

CREATE FUNCTION cp_bounds(index regclass, tid, roi, lv double precision, uv double precision,
    OUT lo double precision, OUT hi double precision)
AS 'MODULE_PATHNAME' LANGUAGE C STRICT VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION cp_bounds(regclass, tid, roi, double precision, double precision)
IS 'the interval that a chi index knows for cp of one row; NULLs when the row is not summarised';
