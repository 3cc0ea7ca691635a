-- chi indexes: options, what the build chooses, which masks and tables it takes.
SET jit = off; -- takes longer than the queries

-- A mask of the given size with a gradient that depends on n.
CREATE FUNCTION gradient(n integer, width integer, height integer) RETURNS mask LANGUAGE sql IMMUTABLE AS
$$ SELECT mask_resize(format('[[%s,0.5],[0.25,%s]]', n % 10 / 10.0, n % 7 / 7.0)::mask, width, height) $$;

CREATE FUNCTION summary(index regclass, OUT built bigint, OUT pending bigint, OUT cells text, OUT grid text,
    OUT bins integer, OUT binning text, OUT lo float8, OUT hi float8) LANGUAGE sql AS
$$ SELECT i.built, i.pending, i.cell_width || 'x' || i.cell_height, i.grid_x || 'x' || i.grid_y, i.bins, i.binning,
          i.value_lo, i.value_hi FROM chi_index_info(index) i $$;

-- Whether every mask's bounds hold its count, and how many rows have bounds, for a range of rois and values.
CREATE FUNCTION bounds_hold(tab regclass, index regclass, OUT known bigint, OUT wrong bigint) LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format(
        'SELECT count(b.lo), count(*) FILTER (WHERE NOT cp(m, r, v, v + 0.3) BETWEEN b.lo AND b.hi)
         FROM %s t, unnest(ARRAY[''full'', ''((3,5),(20,9))'', ''((1,1),(8,8))'', ''((-5,7),(900,11))'']::roi[]) r,
              generate_series(-0.1, 1.0, 0.22) v, cp_bounds(%L, t.ctid, r, v, v + 0.3) b', tab, index)
    INTO known, wrong;
END
$$;

SELECT amname, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcname = 'mask_chi_ops';

-- The phases that pg_stat_progress_create_index shows.
SELECT n, pg_indexam_progress_phasename(oid, n) FROM pg_am, generate_series(1, 6) n WHERE amname = 'chi' ORDER BY n;

-- Defaults: 8 x 8 cells, 16 bins over the domain of the masks.
CREATE TABLE build (id integer, m mask);
INSERT INTO build SELECT i, gradient(i, 30, 20) FROM generate_series(1, 300) i;
INSERT INTO build VALUES (301, NULL), (302, NULL);
CREATE INDEX build_m ON build USING chi (m);
-- reltuples counts entries.
SELECT reltuples FROM pg_class WHERE relname = 'build_m';
SELECT * FROM summary('build_m');
SELECT edges FROM chi_index_info('build_m');
SELECT chi_check('build_m', heapallindexed => true);
SELECT * FROM bounds_hold('build', 'build_m');
-- A row without a mask has no bounds, nor has a row that does not exist.
SELECT b.* FROM build, cp_bounds('build_m', ctid, 'full', 0, 1) b WHERE id = 301;
SELECT * FROM cp_bounds('build_m', '(9999,1)', 'full', 0, 1);
SELECT * FROM cp_bounds('build_m', '(0,9999)', 'full', 0, 1);
SELECT * FROM cp_bounds('build_m', '(0,0)', 'full', 0, 1);
SELECT * FROM cp_bounds('build_m', '(4294967295,1)', 'full', 0, 1);
SELECT * FROM cp_bounds('build_m', '(0,1)', 'full', 1, 0);
SELECT * FROM cp_bounds('build_m', '(0,1)', 'full', 'NaN', 1);
SELECT * FROM cp_bounds('build_m', '(0,1)', 'full', '-infinity', 'infinity');
DROP INDEX build_m;

-- Options, one set after the other.
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 4, cell_height = 5, bins = 2);
SELECT * FROM summary('build_m');
SELECT chi_check('build_m', true);
SELECT * FROM bounds_hold('build', 'build_m');
DROP INDEX build_m;
-- Extremes of tiles of 4 x 4 pixels narrow what the counts alone know.
CREATE TABLE narrowed AS
    SELECT extremes, 0::float8 AS width FROM unnest(ARRAY[0, 4, 16384]) extremes;
DO $$
DECLARE side integer;
BEGIN
    FOR side IN SELECT extremes FROM narrowed LOOP
        EXECUTE format('CREATE INDEX build_m ON build USING chi (m) WITH (extremes = %s)', side);
        IF side <> (SELECT extremes FROM chi_index_info('build_m')) THEN
            RAISE 'the index has other extremes';
        END IF;
        IF (SELECT wrong FROM bounds_hold('build', 'build_m')) > 0 THEN
            RAISE 'bounds with extremes of % pixels are wrong', side;
        END IF;
        UPDATE narrowed SET width = (SELECT sum(hi - lo) FROM build, cp_bounds('build_m', ctid, '((3,5),(20,9))', 0.3, 0.45))
        WHERE extremes = side;
        DROP INDEX build_m;
    END LOOP;
END
$$;
SELECT a.width > b.width AS narrower, a.width >= c.width AS never_wider
FROM narrowed a, narrowed b, narrowed c WHERE a.extremes = 0 AND b.extremes = 4 AND c.extremes = 16384;
DROP TABLE narrowed;
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 16384, cell_height = 16384, bins = 256);
SELECT * FROM summary('build_m');
SELECT chi_check('build_m', true);
SELECT * FROM bounds_hold('build', 'build_m');
DROP INDEX build_m;
CREATE INDEX build_m ON build USING chi (m) WITH (grid_x = 1, grid_y = 256, value_lo = 0.2, value_hi = 0.4, bins = 7);
SELECT * FROM summary('build_m');
SELECT chi_check('build_m', true);
SELECT * FROM bounds_hold('build', 'build_m');
DROP INDEX build_m;
CREATE INDEX build_m ON build USING chi (m) WITH (binning = equi_depth, bins = 8);
SELECT built, bins, binning, lo, hi FROM summary('build_m');
SELECT chi_check('build_m', true);
SELECT * FROM bounds_hold('build', 'build_m');
-- Equal depth: each bin holds about an eighth of the pixels.
SELECT bool_and(abs(share - 1.0 / 8) < 0.03) AS even FROM (
    SELECT sum(cp(m, lo, hi)) / (SELECT sum(cp(m, 'full', '-infinity', 'infinity')) FROM build) AS share
    FROM build, (SELECT lag(e, 1, '-infinity') OVER (ORDER BY e) AS lo, e AS hi
                 FROM chi_index_info('build_m'), unnest(edges) e) bin
    GROUP BY lo, hi) s;
DROP INDEX build_m;
-- A heap of equal values is one bin; the others share the rest.
CREATE TABLE spiked (m mask);
INSERT INTO spiked SELECT format('[[0,0,0,0,0,0,0,%s]]', i / 40.0)::mask FROM generate_series(1, 40) i;
INSERT INTO spiked SELECT '[[1,1]]' FROM generate_series(1, 5);
CREATE INDEX spiked_m ON spiked USING chi (m) WITH (binning = equi_depth, bins = 4);
SELECT array_length(edges, 1), edges[1] > 0 AS above_the_spike FROM chi_index_info('spiked_m');
SELECT chi_check('spiked_m', true);
-- All pixels equal: no depth to divide by.
CREATE TABLE flat (m mask);
INSERT INTO flat SELECT '[[0.5,0.5]]' FROM generate_series(1, 5);
CREATE INDEX flat_m ON flat USING chi (m) WITH (binning = equi_depth, bins = 4);
SELECT bins, edges FROM chi_index_info('flat_m');
SELECT chi_check('flat_m', true);

-- Options that are wrong.
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 3, cell_height = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 8, cell_height = 16385);
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (grid_y = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (grid_x = 0, grid_y = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (grid_x = 257, grid_y = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (cell_width = 8, cell_height = 8, grid_x = 8, grid_y = 8);
CREATE INDEX build_m ON build USING chi (m) WITH (bins = 1);
CREATE INDEX build_m ON build USING chi (m) WITH (bins = 257);
CREATE INDEX build_m ON build USING chi (m) WITH (bins = many);
CREATE INDEX build_m ON build USING chi (m) WITH (binning = equal);
CREATE INDEX build_m ON build USING chi (m) WITH (extremes = -2);
CREATE INDEX build_m ON build USING chi (m) WITH (extremes = 16385);
CREATE INDEX build_m ON build USING chi (m) WITH (value_lo = 0);
CREATE INDEX build_m ON build USING chi (m) WITH (value_hi = 1);
CREATE INDEX build_m ON build USING chi (m) WITH (value_lo = 1, value_hi = 1);
CREATE INDEX build_m ON build USING chi (m) WITH (value_lo = 'nan', value_hi = 1);
CREATE INDEX build_m ON build USING chi (m) WITH (value_lo = 0, value_hi = 'infinity');
CREATE INDEX build_m ON build USING chi (m) WITH (value_lo = '-1e308', value_hi = '1e308');
CREATE INDEX build_m ON build USING chi (m) WITH (fillfactor = 70);
CREATE INDEX build_m ON build USING chi (m) WITH (cells = 8);

-- Not a thing to index.
CREATE INDEX build_id ON build USING chi (id);
CREATE INDEX build_id ON build USING chi (m, id);
CREATE UNIQUE INDEX build_m ON build USING chi (m);
CREATE INDEX build_m ON build USING chi (m DESC);
CREATE INDEX build_m ON build USING chi (m) INCLUDE (id);
CREATE OPERATOR CLASS not_masks FOR TYPE bytea USING chi AS STORAGE bytea;
CREATE TABLE bytes (b bytea);
CREATE INDEX bytes_b ON bytes USING chi (b not_masks);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'not_masks';
DROP OPERATOR FAMILY not_masks USING chi;

-- Options can be changed; they take effect when the index is built again.
CREATE INDEX build_m ON build USING chi (m) WITH (grid_x = 4, grid_y = 4);
ALTER INDEX build_m SET (bins = 5);
ALTER INDEX build_m SET (cell_width = 8, cell_height = 8);
SELECT grid, bins FROM summary('build_m');
REINDEX INDEX build_m;
SELECT grid, bins FROM summary('build_m');
ALTER INDEX build_m RESET (grid_x, grid_y);
ALTER INDEX build_m SET (cell_width = 8, cell_height = 8);
REINDEX INDEX build_m;
SELECT cells, grid, bins FROM summary('build_m');
SELECT chi_check('build_m', true);
DROP INDEX build_m;

-- An empty table: bins over [0, 1], and rows that come later.
CREATE TABLE empty (id integer, m mask);
CREATE INDEX empty_m ON empty USING chi (m);
CREATE INDEX empty_depth ON empty USING chi (m) WITH (binning = equi_depth);
SELECT * FROM summary('empty_m');
SELECT * FROM summary('empty_depth');
SELECT chi_check('empty_m', true);
INSERT INTO empty SELECT i, gradient(i, 25, 10) FROM generate_series(1, 100) i;
INSERT INTO empty VALUES (101, NULL);
SELECT * FROM summary('empty_m');
SELECT chi_check('empty_m', true), chi_check('empty_depth', true);
SELECT * FROM bounds_hold('empty', 'empty_m');

-- Mixed sizes, formats and domains in one column.
CREATE TABLE mixed (id serial, m mask);
INSERT INTO mixed (m) VALUES ('[[0.5]]'), ('[[0,1]]'), ('bit:[[0,1],[1,1]]'), ('u8:[[0,128],[255,3]]'),
    ('u16(0,65.535):[[0,65535]]'), ('f16:[[0.1,0.9]]'), ('u8(-1,1):[[0,128,255]]');
INSERT INTO mixed (m) SELECT gradient(i, 1 + i * 37 % 301, 1 + i * 53 % 199) FROM generate_series(1, 60) i;
INSERT INTO mixed (m) SELECT gradient(i, 40, 40)::mask(40, 40, u8) FROM generate_series(1, 10) i;
INSERT INTO mixed (m) SELECT gradient(i, 40, 40)::mask(40, 40, f16) FROM generate_series(1, 10) i;
INSERT INTO mixed (m) SELECT gradient(i, 300, 200) > 0.5 FROM generate_series(1, 5) i;
CREATE INDEX mixed_m ON mixed USING chi (m);
SELECT * FROM summary('mixed_m');
SELECT chi_check('mixed_m', true);
SELECT * FROM bounds_hold('mixed', 'mixed_m');
CREATE INDEX mixed_cells ON mixed USING chi (m) WITH (cell_width = 4, cell_height = 4, bins = 256);
SELECT chi_check('mixed_cells', true);
SELECT * FROM bounds_hold('mixed', 'mixed_cells');

-- Entries of many pages, and one so large that it is not kept, by build and by insert.
CREATE TABLE large (id integer, m mask);
INSERT INTO large VALUES (1, gradient(1, 1500, 1000)), (2, mask_resize('bit:[[1]]', 4000, 4000)), (3, '[[0.5]]');
CREATE INDEX large_m ON large USING chi (m) WITH (cell_width = 4, cell_height = 4, bins = 256);
INSERT INTO large SELECT id + 10, m FROM large;
SELECT * FROM summary('large_m');
SELECT chi_check('large_m', true);
SELECT id, lo, hi, cp(m, '((17,5),(620,333))', 0.15, 0.2) BETWEEN lo AND hi AS holds
FROM large, cp_bounds('large_m', ctid, '((17,5),(620,333))', 0.15, 0.2) ORDER BY id;

-- Kinds of tables and indexes.
CREATE UNLOGGED TABLE unlogged AS SELECT id, m FROM build;
CREATE INDEX unlogged_m ON unlogged USING chi (m);
INSERT INTO unlogged SELECT id, m FROM build;
SELECT * FROM summary('unlogged_m');
SELECT chi_check('unlogged_m', true);

CREATE TEMP TABLE temporary ON COMMIT DELETE ROWS AS SELECT id, m FROM build;
CREATE INDEX temporary_m ON temporary USING chi (m);
BEGIN;
INSERT INTO temporary SELECT id, m FROM build;
SELECT * FROM summary('temporary_m');
SELECT chi_check('temporary_m', true);
COMMIT;
SELECT * FROM summary('temporary_m');

CREATE TABLE parts (id integer, m mask) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (150);
CREATE INDEX parts_m ON parts USING chi (m) WITH (bins = 4);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (150) TO (1000);
INSERT INTO parts SELECT id, m FROM build;
SELECT c.relid::text, chi_check(c.relid, true), s.* FROM pg_partition_tree('parts_m') c, summary(c.relid) s
WHERE isleaf ORDER BY 1;
SELECT chi_check('parts_m');
CREATE INDEX ON parts USING chi (m) WITH (grid_x = 3);

CREATE INDEX partial_m ON build USING chi (m) WHERE id % 3 = 0;
CREATE INDEX expression_m ON build USING chi ((m > 0.5));
SELECT * FROM summary('partial_m');
SELECT * FROM summary('expression_m');
SELECT chi_check('partial_m', true), chi_check('expression_m', true);

CREATE DOMAIN small_mask AS mask CHECK (width(VALUE) < 100);
CREATE TABLE domains (m small_mask, n mask(30, 20));
INSERT INTO domains SELECT m, m FROM build;
CREATE INDEX domains_m ON domains USING chi (m);
CREATE INDEX domains_n ON domains USING chi (n);
SELECT chi_check('domains_m', true), chi_check('domains_n', true);

-- Threads change nothing but the time.
SET maskquery.threads = 1;
CREATE INDEX one_thread ON mixed USING chi (m);
SET maskquery.threads = 8;
CREATE INDEX more_threads ON mixed USING chi (m);
SELECT chi_check('one_thread', true), chi_check('more_threads', true);
SET maskquery.threads = -1;
RESET maskquery.threads;

-- Functions on what is no chi index.
CREATE INDEX build_btree ON build (id);
SELECT chi_check('build');
SELECT chi_check('build_btree');
SELECT * FROM chi_index_info('build_btree');
SELECT * FROM cp_bounds('build_btree', '(0,1)', 'full', 0, 1);
SELECT chi_check(0);

-- Who may look.
CREATE ROLE chi_reader;
SET ROLE chi_reader;
SELECT chi_check('partial_m');
SELECT built FROM chi_index_info('partial_m');
SELECT * FROM cp_bounds('partial_m', '(0,1)', 'full', 0, 1);
RESET ROLE;
GRANT SELECT (m) ON build TO chi_reader;
SET ROLE chi_reader;
SELECT chi_check('partial_m');
SELECT built FROM chi_index_info('partial_m');
RESET ROLE;
ALTER TABLE build ENABLE ROW LEVEL SECURITY;
SET ROLE chi_reader;
SELECT built FROM chi_index_info('partial_m');
RESET ROLE;
REVOKE ALL ON build FROM chi_reader;
DROP ROLE chi_reader;

-- The planner never takes the index for a plain scan.
ALTER TABLE build DISABLE ROW LEVEL SECURITY;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM build WHERE id % 3 = 0;
RESET enable_seqscan;

DROP TABLE build, spiked, flat, bytes, empty, mixed, large, unlogged, temporary, parts, domains;
DROP DOMAIN small_mask;
DROP FUNCTION gradient, summary, bounds_hold;
