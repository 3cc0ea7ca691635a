CREATE FUNCTION maskquery_last_query(
    OUT masks bigint, OUT pruned bigint, OUT accepted bigint, OUT loaded bigint, OUT pixel_bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'mq_last_query'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION maskquery_last_query() IS
'what the session''s last statement that used cp did: masks considered, pruned and accepted by bounds, loaded, bytes of mask values fetched';

CREATE FUNCTION maskquery_session_stats(
    OUT statements bigint, OUT masks bigint, OUT pruned bigint, OUT accepted bigint, OUT loaded bigint,
    OUT pixel_bytes bigint)
RETURNS record
AS 'MODULE_PATHNAME', 'mq_session_stats'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION maskquery_session_stats() IS
'the figures of maskquery_last_query() summed over all statements of this session';

CREATE VIEW maskquery_stats AS SELECT * FROM maskquery_session_stats();
COMMENT ON VIEW maskquery_stats IS 'cumulative figures of this session: statements that used cp, and what they did';
COMMENT ON COLUMN maskquery_stats.statements IS 'number of statements that used cp, pixel_sum, mask_iou or mask_iomin';
COMMENT ON COLUMN maskquery_stats.masks IS 'number of masks considered';
COMMENT ON COLUMN maskquery_stats.pruned IS 'number of masks refuted by bounds';
COMMENT ON COLUMN maskquery_stats.accepted IS 'number of masks accepted by bounds';
COMMENT ON COLUMN maskquery_stats.loaded IS 'number of masks of which pixels were read';
COMMENT ON COLUMN maskquery_stats.pixel_bytes IS 'bytes of mask values fetched';
GRANT SELECT ON maskquery_stats TO PUBLIC;
