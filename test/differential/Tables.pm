# The tables of the differential tests, and what happens to them between rounds.
package Tables;
use strict;
use warnings;
use Dice;
use Masks;
use Exporter 'import';
our @EXPORT = qw(create_tables mutate_tables);

# Every table with a mask has these columns: id, grp (0 to 3), t (a count, may be NULL), f (a threshold), box (may be NULL),
# mask (may be NULL), note (not indexed: its updates are HOT).
my $columns = 'id int, grp int, t int, f float8, box roi, mask mask, note text';
my $next_id = 1;

sub null_or { my ($percent, $value) = @_; return chance($percent) ? '\N' : $value; }

# One line of COPY for a table whose masks are of some kind.
sub row {
    my ($kind) = @_;
    my ($w, $h) = $kind eq 'mixed' ? (between(8, 64), between(8, 64)) : (32, 32);
    my ($format, @domain) = ('f32');
    return format_row() if $kind eq 'formats';
    if ($kind eq 'mixed') {
        $format = pick(qw(f32 f32 f16 u8 u16 bit));
        @domain = @{ pick([ 0, 255 ], [ -1, 1 ], [ 0, 80 ]) } if chance(35) && $format ne 'bit';
    }
    return join("\t", $next_id++, below(4), null_or(8, below($w * $h)), sprintf('%.2f', rand()), null_or(6, random_roi($w, $h)),
        null_or(5, random_mask($w, $h, $format, @domain)), 'new');
}

# Of one size, and of one domain for each grp.
sub format_row {
    my $grp = below(4);
    my @domain = @{ ([ 0, 1 ], [ 0, 1 ], [ -1, 1 ], [ 0, 255 ])[$grp] };
    my $format = $grp == 1 ? pick(qw(f32 f16 bit)) : pick(qw(f32 f16 u8 u16));
    return join("\t", $next_id++, $grp, null_or(8, below(500)), sprintf('%.2f', rand()), null_or(6, random_roi(24, 20)),
        null_or(5, random_mask(24, 20, $format, $grp > 1 ? @domain : ())), 'new');
}

sub copy_rows {
    my ($table, $kind, $rows) = @_;
    return "COPY $table (id, grp, t, f, box, mask, note) FROM STDIN;\n" . join('', map { row($kind) . "\n" } 1 .. $rows) . "\\.\n";
}

sub random_options {
    my @with = pick(
        [], [], ['grid_x = 4', 'grid_y = 4'], ['grid_x = 7', 'grid_y = 3'], [ 'cell_width = ' . between(4, 20), 'cell_height = ' . between(4, 20) ],
        ['cell_width = 64', 'cell_height = 64']);
    my @more = map { [@$_] } @with;
    push @{ $more[0] }, 'bins = ' . pick(2, 4, 8, 10, 32) if chance(60);
    push @{ $more[0] }, 'binning = ' . pick('equi_width', 'equi_depth') if chance(40);
    push @{ $more[0] }, @{ pick([ 'value_lo = 0', 'value_hi = 1' ], [ 'value_lo = 0.25', 'value_hi = 0.6' ], [ 'value_lo = -1', 'value_hi = 255' ]) } if chance(30);
    push @{ $more[0] }, 'build = incremental' if chance(35) && !grep { /equi_depth/ } @{ $more[0] };
    return @{ $more[0] } ? ' WITH (' . join(', ', @{ $more[0] }) . ')' : '';
}

sub create_index { my ($name, $table) = @_; return "CREATE INDEX $name ON $table USING chi (mask)" . random_options() . ";\n"; }

# create_tables(rows, reader): SQL that makes everything. a: one size; b: mixed sizes, formats and domains; both with several indexes in turn.
# p: partitioned, q: a tree of inheritance; r: boxes to join with, rp: the same, partitioned as p is; f: one size, all formats, a domain for each grp; wild: real
# maps (made by data/load.sql).
sub create_tables {
    my ($rows, $reader) = @_;
    $next_id = 1;
    my $sql = "CREATE TABLE a ($columns) WITH (fillfactor = 70);\nCREATE TABLE b ($columns);\n";
    $sql .= copy_rows('a', 'same', $rows) . create_index('a_mask', 'a');
    $sql .= create_index('b_mask', 'b') . copy_rows('b', 'mixed', int($rows / 2));   # inserts into an index
    $sql .= <<"EOF";
CREATE TABLE p ($columns) PARTITION BY LIST (grp);
CREATE TABLE p0 PARTITION OF p FOR VALUES IN (0);
CREATE TABLE p1 (gone text, mask mask, note text, id int, gone_too int, box roi, f float8, t int, grp int);
ALTER TABLE p1 DROP COLUMN gone;
ALTER TABLE p1 DROP COLUMN gone_too;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN (1);
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2, 3) PARTITION BY LIST (grp);
CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (2);
CREATE TABLE p2b PARTITION OF p2 FOR VALUES IN (3);
INSERT INTO p SELECT id, grp, t, f, box, mask, note FROM a;
CREATE TABLE q ($columns);
CREATE TABLE q1 (more int) INHERITS (q);
CREATE TABLE q2 (mask mask, id int) INHERITS (q);
INSERT INTO q SELECT id, grp, t, f, box, mask, note FROM b WHERE id % 3 = 0;
INSERT INTO q1 SELECT id, grp, t, f, box, mask, note, 1 FROM b WHERE id % 3 = 1;
INSERT INTO q2 SELECT id, grp, t, f, box, mask, note FROM b WHERE id % 3 = 2;
EOF
    $sql .= "CREATE TABLE f ($columns);\n" . copy_rows('f', 'formats', $rows) . create_index('f_mask', 'f');
    $sql .= create_index("p0_mask", 'p0') . create_index('p1_mask', 'p1') . create_index('p2a_mask', 'p2a');
    $sql .= create_index('q_mask', 'q') . create_index('q2_mask', 'q2');
    $sql .= "CREATE TABLE r (rid int, id int, roi roi, w float8);\nCOPY r FROM STDIN;\n";
    $sql .= join('', map { join("\t", $_, null_or(5, between(1, 2 * $rows)), null_or(5, random_roi(40, 40)), sprintf('%.2f', rand())) . "\n" } 1 .. 2 * $rows) . "\\.\n";
    $sql .= <<"EOF";
CREATE TABLE rp (rid int, id int, grp int, roi roi, w float8) PARTITION BY LIST (grp);
CREATE TABLE rp0 PARTITION OF rp FOR VALUES IN (0);
CREATE TABLE rp1 PARTITION OF rp FOR VALUES IN (1);
CREATE TABLE rp2 PARTITION OF rp FOR VALUES IN (2, 3) PARTITION BY LIST (grp);
CREATE TABLE rp2a PARTITION OF rp2 FOR VALUES IN (2);
CREATE TABLE rp2b PARTITION OF rp2 FOR VALUES IN (3);
INSERT INTO rp SELECT r.rid, r.id, coalesce(a.grp, r.rid % 4), r.roi, r.w FROM r LEFT JOIN a ON a.id = r.id;
CREATE VIEW wild AS SELECT m.mask_id AS id, m.image_id, m.model_id, m.mask, b.box FROM masks m JOIN boxes b USING (image_id);
CREATE INDEX masks_mask ON masks USING chi (mask);
CREATE VIEW plain_view AS SELECT id, grp, t, f, box, mask, note, cp(mask, box, 0.5, 1.0) AS bright FROM a;
CREATE VIEW barrier WITH (security_barrier) AS SELECT id, grp, t, f, box, mask, note FROM a WHERE cp(mask, 0.5, 1.0) > 40;
CREATE TABLE n AS SELECT id, grp, t, f, box, mask, note FROM a WHERE mask IS NOT NULL;
ALTER TABLE n ALTER mask SET NOT NULL;
CREATE INDEX n_mask ON n USING chi (mask);
CREATE TABLE s AS SELECT id, grp, t, f, box, mask, note FROM a;
CREATE INDEX s_mask ON s USING chi (mask);
ALTER TABLE s ENABLE ROW LEVEL SECURITY;
CREATE POLICY bright ON s USING (cp(mask, 0.3, 1.0) > 100 OR grp = 1);
CREATE AGGREGATE test_min(mask) (SFUNC = mask_and, STYPE = mask);
CREATE AGGREGATE test_max(mask) (SFUNC = mask_or, STYPE = mask);
CREATE FUNCTION test_second(mask[]) RETURNS mask LANGUAGE sql IMMUTABLE AS 'SELECT coalesce((SELECT mask_union(a & b)
    FROM unnest(\$1) WITH ORDINALITY x(a, i), unnest(\$1) WITH ORDINALITY y(b, j) WHERE i < j), (SELECT mask_union(m) FROM unnest(\$1) m))';
CREATE AGGREGATE test_mid(mask) (SFUNC = array_append, STYPE = mask[], FINALFUNC = test_second);
SELECT maskquery_monotone_aggregate('test_min(mask)'), maskquery_monotone_aggregate('test_mid(mask)');
GRANT SELECT ON ALL TABLES IN SCHEMA public TO $reader;
ANALYZE;
EOF
    return $sql;
}

# What a round does to a table before its queries.
sub mutate_tables {
    my $sql = '';
    for my $table (qw(a b p q)) {
        my ($d, $r) = (between(5, 15), below(5));
        my $kind = $table eq 'b' || $table eq 'q' ? 'mixed' : 'same';
        my $target = $table eq 'p' ? pick('p', 'p1', 'p2') : $table eq 'q' ? pick('q', 'q1', 'q2') : $table;
        my $grown = $table =~ /[pq]/ ? ($table eq 'p' ? 'p' : $target) : $table;
        for my $n (1 .. between(2, 5)) {
            $sql .= pick_weighted(
                [ 3, "UPDATE $target SET note = note || '.' WHERE id % $d = $r;\n" ],                                    # HOT
                [ 2, "UPDATE $target SET t = t + 1, f = 1 - f WHERE id % $d = $r;\n" ],
                [ 2, "UPDATE $target SET mask = ~mask WHERE id % $d = $r;\n" ],                                          # not HOT
                [ 1, "UPDATE $target SET mask = NULL WHERE id % 41 = $r;\n" ],
                [ 2, "DELETE FROM $target WHERE id % 23 = $r;\n" ],
                [ 2, copy_rows($grown, $kind, between(4, 12)) ],
                [ 1, "BEGIN;\nUPDATE $target SET mask = ~mask, note = 'undone';\nROLLBACK;\n" ],
                [ 1, "BEGIN;\nSAVEPOINT s;\nUPDATE $target SET mask = ~mask WHERE grp = 1;\nROLLBACK TO s;\nUPDATE $target SET note = 'kept' WHERE grp = 2;\nCOMMIT;\n" ],
                [ 2, "VACUUM $target;\n" ],
                [ 1, $table eq 'p' ? "VACUUM ANALYZE p1;\n" : "VACUUM (FULL, ANALYZE) $target;\n" ]);
        }
    }
    $sql .= pick(
        '', '', "REINDEX INDEX a_mask;\n", "REINDEX INDEX CONCURRENTLY b_mask;\n",
        "DROP INDEX IF EXISTS a_mask;\n" . create_index('a_mask', 'a'),
        "DROP INDEX IF EXISTS b_mask;\n" . create_index('b_mask', 'b'),
        "DROP INDEX IF EXISTS a_more;\n" . create_index('a_more', 'a'),
        "DROP INDEX IF EXISTS b_more;\n" . create_index('b_more', 'b'),
        # What a failed CREATE INDEX CONCURRENTLY leaves.
        "DROP INDEX IF EXISTS a_bad;\n" . create_index('a_bad', 'a') . "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_bad'::regclass;\n",
        "DROP INDEX IF EXISTS p0_mask;\n", "DROP INDEX IF EXISTS p2b_mask;\n" . create_index('p2b_mask', 'p2b'),
        "DROP INDEX IF EXISTS q1_mask;\n" . create_index('q1_mask', 'q1'));
    $sql .= pick('', "UPDATE n SET mask = ~mask WHERE id % 7 = 2;\n", "DELETE FROM n WHERE id % 31 = 5;\n", "UPDATE n SET note = note || '.' WHERE id % 3 = 0;\n", "INSERT INTO n SELECT id + 100000, grp, t, f, box, ~mask, note FROM n WHERE id % 50 = 1 AND id < 100000;\n");
    $sql .= pick('', "VACUUM n;\n", "REINDEX INDEX n_mask;\n");
    # Who builds what queries read of incremental indexes; the sessions of a round take it from the database.
    $sql .= "SELECT current_database() AS db \\gset\nALTER DATABASE :\"db\" SET maskquery.learning = " . pick('inline', 'background') . ";\n";
    return $sql . "ANALYZE a, b, p, q, r, n;\n";
}

1;
