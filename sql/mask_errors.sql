-- Bad input: every error has a SQLSTATE that says what it is, and nothing crashes.

-- What a statement fails with
CREATE FUNCTION pg_temp.failure(statement text, OUT state text, OUT message text, OUT detail text, OUT hinted boolean) LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    EXECUTE statement;
    message := 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    hinted := hint <> '';
END $$;

-- Text
SELECT input, f.* FROM unnest(ARRAY['', ' ', '[', '[[', '[[]]', '[]', '[[1]', '[[1]]]', '[[1]] x', '[1]', '1', '[[1,]]', '[[,1]]', '[[1,2],[3]]', '[[1],[2,3]]', '[[1],]', '[[1]{1}]', '{{1]]',
        '[[a]]', '[[0.1.2]]', '[[1e]]', '[[NaN]]', '[[0,0.5],[0.25,nan]]', '[[inf]]', '[[-Infinity]]', '[[2]]', '[[-0.1]]', '[[1e400]]', '[[1e-400]]', '[[0x1]]', '[[null]]',
        'f64:[[1]]', 'F32:[[1]]', 'u8[[1]]', 'u8:', 'u8():[[1]]', 'u8(1):[[1]]', 'u8(1,2,3):[[1]]', 'u8(a,b):[[1]]', 'u8(2,1):[[1]]', 'f32(NaN,1):[[1]]', 'f32(0,1e400):[[1]]', 'f16(0,1e6):[[1]]', 'f32(1,1.00000000001):[[1]]',
        'u8:[[256]]', 'u8:[[-1]]', 'u8:[[1.5]]', 'u16:[[65536]]', 'u16:[[99999999999999999999]]', 'bit:[[2]]', 'bit:[[0.5]]', 'u8(0,255):[[0,1],[2,300]]']) input,
    pg_temp.failure(format('SELECT %L::mask', input)) f;
SELECT n, f.* FROM unnest(ARRAY[16385, 20000]) n, pg_temp.failure(format('SELECT (''[['' || repeat(''0,'', %s) || ''0]]'')::mask', n - 1)) f;
SELECT f.* FROM pg_temp.failure($$SELECT ('[' || repeat('[0],', 16384) || '[0]]')::mask$$) f;

-- Raw bytes
SELECT what, f.* FROM (VALUES ('empty', '\x'::bytea), ('short', '\x000000000000'), ('long', '\x00000000000000000000'), ('NaN', '\x000000000000c07f'), ('infinity', '\x000000000000807f'),
        ('outside', '\x0000000000000040')) v(what, value), pg_temp.failure(format('SELECT mask_from_raw(%L, 2, 1, ''f32'')', value)) f;
SELECT statement, f.* FROM unnest(ARRAY[
    $$SELECT mask_from_raw('\x00', 0, 1, 'u8')$$, $$SELECT mask_from_raw('\x00', 1, -1, 'u8')$$, $$SELECT mask_from_raw('\x00', 16385, 1, 'u8')$$, $$SELECT mask_from_raw('\x00', 16384, 16384, 'f32')$$,
    $$SELECT mask_from_raw('\x00', 1, 1, 'f64')$$, $$SELECT mask_from_raw('\x01', 3, 1, 'bit')$$, $$SELECT mask_from_raw('\x00', 1, 1, 'u8', 1, 0)$$, $$SELECT mask_from_raw('\x00', 1, 1, 'u8', 'NaN', 0)$$,
    $$SELECT mask_from_raw('\x0000c07f', 1, 1, 'f32', nan => 7)$$, $$SELECT mask_from_raw('\x0000c07f', 1, 1, 'f32', nan => 'NaN')$$]) statement, pg_temp.failure(statement) f;

-- Arrays
SELECT statement, f.* FROM unnest(ARRAY[
    $$SELECT '{}'::real[]::mask$$, $$SELECT '{0.5}'::real[]::mask$$, $$SELECT '{{{0.5}}}'::real[]::mask$$, $$SELECT '{{0.5,NULL}}'::real[]::mask$$, $$SELECT '{{0.5,NaN}}'::real[]::mask$$, $$SELECT '{{0.5},{2}}'::float8[]::mask$$,
    $$SELECT array_fill(0::real, ARRAY[1, 16385])::mask$$, $$SELECT mask_from_array('{{0.5}}'::real[], 1, 0)$$, $$SELECT mask_from_array('{{0.5}}'::real[], nan => 2)$$, $$SELECT mask_normalize('{{0.5}}'::real[], 1, 1)$$,
    $$SELECT mask_normalize('{{0.5}}'::real[], 0, 'infinity')$$, $$SELECT mask_normalize('{{5}}'::real[], 0, 1)$$, $$SELECT mask_normalize('{{NaN}}'::real[], 0, 1, true)$$, $$SELECT mask_normalize('{{0}}'::real[], 0, 1, nan => 3)$$]) statement,
    pg_temp.failure(statement) f;

-- .npy
CREATE FUNCTION pg_temp.npy(header text, data text) RETURNS bytea IMMUTABLE LANGUAGE sql AS
    $$ SELECT '\x934e554d50590100'::bytea || '\x7600'::bytea || convert_to(rpad(header, 117) || E'\n', 'SQL_ASCII') || decode(data, 'hex') $$;
SELECT what, f.* FROM (VALUES ('empty', '\x'::bytea), ('magic', '\x00'), ('magic only', '\x934e554d5059'), ('version', '\x934e554d50590900760000'), ('header cut', '\x934e554d505901007600'),
    ('no dictionary', pg_temp.npy('', '')), ('missing key', pg_temp.npy('{''descr'': ''<f4'', ''shape'': (1, 1), }', '00000000')),
    ('complex', pg_temp.npy('{''descr'': ''<c8'', ''fortran_order'': False, ''shape'': (1, 1), }', '0000000000000000')), ('int64', pg_temp.npy('{''descr'': ''<i8'', ''fortran_order'': False, ''shape'': (1, 1), }', '0000000000000000')),
    ('structured', pg_temp.npy('{''descr'': [(''a'', ''<f4'')], ''fortran_order'': False, ''shape'': (1, 1), }', '00000000')),
    ('one-dimensional', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (1,), }', '00000000')), ('three-dimensional', pg_temp.npy('{''descr'': ''|u1'', ''fortran_order'': False, ''shape'': (2, 2, 2), }', '0000000000000000')),
    ('no pixels', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (0, 1), }', '')), ('negative', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (-1, 1), }', '')),
    ('huge', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (16384, 16384), }', '00')), ('overflow', pg_temp.npy('{''descr'': ''<f8'', ''fortran_order'': False, ''shape'': (4294967296, 4294967296), }', '00')),
    ('short', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (1, 2), }', '00000000')), ('long', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (1, 1), }', '0000000000')),
    ('NaN', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (1, 1), }', '0000c07f')), ('outside', pg_temp.npy('{''descr'': ''<f4'', ''fortran_order'': False, ''shape'': (1, 1), }', '00000040')),
    ('boolean', pg_temp.npy('{''descr'': ''|b1'', ''fortran_order'': False, ''shape'': (1, 1), }', '02'))) v(what, file), pg_temp.failure(format('SELECT mask_from_npy(%L)', file)) f;

-- PNG. Messages of libpng differ between its versions.
SELECT what, f.state, f.hinted FROM (VALUES ('empty', '\x'::bytea), ('magic', '\x00112233445566778899'), ('signature only', '\x89504e470d0a1a0a'), ('cut', substr(mask_to_png('u8:[[1,2],[3,4]]'), 1, 40)),
    ('cut in the pixels', substr(mask_to_png('u8:[[1,2],[3,4]]'), 1, 50)), ('checksum', set_byte(mask_to_png('u8:[[1,2],[3,4]]'), 30, 1)), ('damaged', set_byte(mask_to_png('u8:[[1,2],[3,4]]'), 45, 1)),
    ('colour', mask_to_png('u8:[[1,2],[3,4]]', 'jet')), ('too wide', '\x89504e470d0a1a0a0000000d494844520000ffff00000001080000000055e6bf10'::bytea)) v(what, file), pg_temp.failure(format('SELECT mask_from_png(%L)', file)) f;
SELECT f.* FROM pg_temp.failure($$SELECT mask_to_png('[[1]]', 'rainbow')$$) f;
SELECT f.* FROM pg_temp.failure($$SELECT mask_from_png(mask_to_png('u8:[[1]]'), 1, 0)$$) f;

-- Run lengths and polygons
SELECT statement, f.* FROM unnest(ARRAY[
    $$SELECT mask_from_coco_rle('', 1, 1)$$, $$SELECT mask_from_coco_rle('~~~', 2, 2)$$, $$SELECT mask_from_coco_rle('12', 2, 2)$$, $$SELECT mask_from_coco_rle('999999', 2, 2)$$, $$SELECT mask_from_coco_rle('ooooooooooooooooooooooooo', 2, 2)$$, $$SELECT mask_from_coco_rle('o', 2, 2)$$,
    $$SELECT mask_from_coco_rle('4', 0, 2)$$, $$SELECT mask_from_coco_rle('4', 99999, 2)$$, $$SELECT mask_from_coco_rle(ARRAY[1,2], 2, 2)$$, $$SELECT mask_from_coco_rle(ARRAY[-1,5], 2, 2)$$, $$SELECT mask_from_coco_rle(ARRAY[2147483647,2147483647], 2, 2)$$,
    $$SELECT mask_from_coco_rle(ARRAY[4,NULL], 2, 2)$$, $$SELECT mask_from_coco_rle('{}'::int[], 2, 2)$$, $$SELECT mask_to_coco_rle('[[1]]')$$,
    $$SELECT mask_from_polygon('{0,0,1,1}', 2, 2)$$, $$SELECT mask_from_polygon('{0,0,1,1,2}', 2, 2)$$, $$SELECT mask_from_polygon('{}', 2, 2)$$, $$SELECT mask_from_polygon('{0,0,1,1,NaN,2}', 2, 2)$$, $$SELECT mask_from_polygon('{0,0,1,1,1e300,2}', 2, 2)$$,
    $$SELECT mask_from_polygon('{0,0,1,1,NULL,2}', 2, 2)$$, $$SELECT mask_from_polygon('{0,0,1,1,0,2}', 0, 2)$$]) statement, pg_temp.failure(statement) f;

-- Accessors and operators
SELECT statement, f.* FROM unnest(ARRAY[
    $$SELECT pixel('[[1]]', 0, 1)$$, $$SELECT pixel('[[1]]', 2, 1)$$, $$SELECT pixel('[[1]]', 1, 2147483647)$$, $$SELECT pixel('[[1]]', -2147483648, 1)$$,
    $$SELECT mask_histogram('[[1]]', 0)$$, $$SELECT mask_histogram('[[1]]', 65537)$$, $$SELECT mask_thumbnail('[[1]]', 0, 1)$$, $$SELECT mask_thumbnail('[[1]]', 1, 16385)$$,
    $$SELECT '[[1]]'::mask > 'NaN'$$, $$SELECT 'NaN'::float8 >= '[[1]]'::mask$$, $$SELECT '[[1]]'::mask & '[[1,1]]'$$, $$SELECT '[[1]]'::mask | 'f32(0,2):[[1]]'$$,
    $$SELECT mask_crop('[[1]]', roi(2,1,2,1))$$, $$SELECT mask_resize('[[1]]', 0, 1)$$, $$SELECT mask_resize('[[1]]', 1, 16385)$$, $$SELECT 'f32(0,100000):[[1]]'::mask::mask(1,1,f16)$$]) statement, pg_temp.failure(statement) f;

-- roi
SELECT input, f.* FROM unnest(ARRAY['', 'fully', 'ful', '((1,1),(2,2)', '(1,1),(2,2))', '((1,1),(2,2)) x', '((1,1)(2,2))', '((1,1,2,2))', '1,1,2,2', '((1.0,1),(2,2))', '((a,1),(2,2))', '((,1),(2,2))', '((3,1),(2,2))', '((1,3),(2,2))',
        '((1,1),(2147483648,1))', '((-99999999999999999999999,1),(1,1))', '((1,1),(2,NaN))']) input, pg_temp.failure(format('SELECT %L::roi', input)) f;
SELECT statement, f.* FROM unnest(ARRAY[
    $$SELECT roi(3,1,2,2)$$, $$SELECT roi(1,3,2,2)$$, $$SELECT roi_xywh(0,0,0,1)$$, $$SELECT roi_xywh(0,0,1,-1)$$, $$SELECT roi_xywh('NaN',0,1,1)$$, $$SELECT roi_xyxy(0,0,'infinity',1)$$, $$SELECT roi_xyxy(0,0,1e10,1)$$, $$SELECT roi_xyxy(5,0,1,1)$$,
    $$SELECT roi_scale(roi(1,1,2,2), 0, 1, 1, 1)$$, $$SELECT roi_scale(roi(1,1,2,2), 1, 1, 1, -1)$$, $$SELECT roi_scale(roi(1,1,2000000000,2), 1, 1, 2000000000, 1)$$, $$SELECT '((1e10,1),(2,2))'::box::roi$$, $$SELECT '((NaN,1),(2,2))'::box::roi$$]) statement, pg_temp.failure(statement) f;

-- The words of the most common ones
SELECT '[[0.1,0.2],[0.3]]'::mask;
SELECT '[[0.1,NaN]]'::mask;
SELECT '[[0.1,1.5]]'::mask;
SELECT roi(3,1,2,2);
SELECT mask_from_npy('\x00');

-- An OID or a type modifier that is none
CREATE FUNCTION pg_temp.state(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM || '.', hint);
END $$;
CREATE TABLE no_index (id int PRIMARY KEY, m mask);
SELECT statement, pg_temp.state(statement) FROM unnest(ARRAY[
    $$SELECT chi_check(0)$$, $$SELECT chi_check(4294967295)$$, $$SELECT chi_check('no_index')$$, $$SELECT chi_check('no_index_pkey')$$,
    $$SELECT chi_summarize(0)$$, $$SELECT * FROM chi_index_info(0)$$, $$SELECT * FROM cp_bounds(0, '(0,1)', 'full', 0, 1)$$,
    $$SELECT mask_typmod_out(7)$$, $$SELECT mask_in('[[1]]', 0, 7)$$, $$SELECT mask('[[1]]'::mask, 6, true)$$]) statement;
DROP TABLE no_index;
