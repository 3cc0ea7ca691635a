-- COPY into a table with a chi index: entries are computed while the masks are read, and taken when the rows are indexed.
SET client_min_messages = warning;
CREATE TABLE source (id int, m mask);
INSERT INTO source
SELECT i, CASE WHEN i % 13 > 0 THEN mask_resize(format('[[0.%s,0.13],[0.27,0.%s]]', 11 + 7 * (i % 80), 1 + i % 7)::mask, 40 + i % 3, 40) END
FROM generate_series(1, 1500) i;
\copy source to 'results/chi_copy.bin' with (format binary)
\copy source to 'results/chi_copy.text'
\copy (SELECT m, id, m > 0.3 FROM source WHERE id <= 200) to 'results/chi_copy2.bin' with (format binary)

CREATE TABLE coarse (id int, m mask);
CREATE TABLE fine (id int, m mask);
CREATE INDEX coarse_m ON coarse USING chi (m) WITH (grid_x = 2, grid_y = 2, bins = 4);
CREATE INDEX fine_m ON fine USING chi (m) WITH (cell_width = 10, cell_height = 10, bins = 16);
CREATE FUNCTION state(regclass) RETURNS TABLE (entries bigint, built bigint, dead bigint) LANGUAGE sql AS
'SELECT entries, built, dead FROM chi_index_info($1) WHERE chi_check($1, heapallindexed => true) IS NOT NULL';

\copy fine from 'results/chi_copy.bin' with (format binary)
SELECT * FROM state('fine_m');
\copy coarse from 'results/chi_copy.text'
SELECT * FROM state('coarse_m');
SELECT (SELECT count(*) FROM fine JOIN source USING (id) WHERE mask_to_npy(fine.m) = mask_to_npy(source.m)) = count(m) AS same FROM source;

-- rows that never come to the index leave entries behind: for the other index they are of no use, nor for the same one anew
TRUNCATE fine, coarse;
BEGIN;
\copy fine from 'results/chi_copy.bin' with (format binary) where id % 3 = 0
\copy coarse from 'results/chi_copy.bin' with (format binary)
\copy fine from 'results/chi_copy.text' where id % 3 = 1
DROP INDEX fine_m;
CREATE INDEX fine_m ON fine USING chi (m) WITH (cell_width = 7, cell_height = 9, bins = 5);
\copy fine from 'results/chi_copy.bin' with (format binary) where id % 3 = 2
COMMIT;
SELECT * FROM state('fine_m');
SELECT * FROM state('coarse_m');
BEGIN;
TRUNCATE fine;
\copy fine from 'results/chi_copy.bin' with (format binary)
ROLLBACK;
SELECT * FROM state('fine_m');

-- a COPY that fails, and the next one
\copy coarse from 'results/chi_copy2.bin' with (format binary)
\copy coarse from 'results/chi_copy.bin' with (format binary)
SELECT * FROM state('coarse_m');

-- a trigger that changes the mask, a partial index, a second column of masks, two indexes on one, a partitioned table
CREATE FUNCTION invert() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN NEW.m := CASE WHEN NEW.id % 2 = 0 THEN ~NEW.m ELSE mask_out(NEW.m)::text::mask END; RETURN NEW; END';
CREATE TRIGGER invert BEFORE INSERT ON fine FOR EACH ROW EXECUTE FUNCTION invert();
TRUNCATE fine;
\copy fine from 'results/chi_copy.bin' with (format binary)
SELECT * FROM state('fine_m');
DROP TRIGGER invert ON fine;
TRUNCATE fine;
CREATE INDEX fine_part ON fine USING chi (m) WITH (bins = 3) WHERE id % 5 = 0;
\copy fine from 'results/chi_copy.bin' with (format binary)
SELECT * FROM state('fine_part');
SELECT * FROM state('fine_m');
CREATE TABLE two (a mask, id int, b mask);
CREATE INDEX two_b ON two USING chi (b);
CREATE INDEX two_a ON two USING chi (a) WITH (bins = 6);
\copy two from 'results/chi_copy2.bin' with (format binary)
SELECT * FROM state('two_a');
SELECT * FROM state('two_b');
CREATE TABLE parts (id int, m mask) PARTITION BY LIST ((id % 2));
CREATE TABLE part0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
CREATE INDEX ON parts USING chi (m) WITH (bins = 7);
\copy parts from 'results/chi_copy.bin' with (format binary)
SELECT * FROM state('part0_m_idx');
SELECT * FROM state('part1_m_idx');
DROP TABLE source, coarse, fine, two, parts;
DROP FUNCTION state(regclass);
DROP FUNCTION invert();
