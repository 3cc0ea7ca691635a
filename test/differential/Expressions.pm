# Random clauses over cp. A scope says what may be named:
#
#   masks   mask columns              rois    roi columns            ints    integer columns, may be NULL
#   floats  float8 columns in [0, 1]  others  conditions without cp  params  expressions standing for roi and float8 parameters
#   domain  what masks of the column reach up to
#
# `risky` in a scope allows what may raise an error; whether a clause did use it is left in `used_risk`.
package Expressions;
use strict;
use warnings;
use Dice;
use Masks;
use Exporter 'import';
our @EXPORT = qw(clause cp_call overlap_comparison comparison number int_column);

my @comparisons = qw(< <= = >= > <>);

# Bin edges of usual indexes, values that pixels have, the ends of domains and beyond them.
sub threshold {
    my ($s) = @_;
    my $scale = chance(60) ? 1 : pick(@{ $s->{domains} || [1] });
    return pick_weighted(
        [ 8, sub { $scale * below(17) / 16 } ],
        [ 6, sub { $scale * below(21) / 20 } ],
        [ 4, sub { sprintf('%.3f', rand() * $scale) } ],
        [ 3, sub { $scale } ],
        [ 1, sub { pick(0, -1, -0.5, 1.5, 300) } ],
        [ 1, sub { '-infinity' } ],
        [ 2, sub { 'infinity' } ])->();
}

sub value_of { my ($t) = @_; return $t eq 'infinity' ? 9**9**9 : $t eq '-infinity' ? -9**9**9 : $t; }
sub float_sql { my ($t) = @_; return $t =~ /inf/ ? "'$t'::float8" : $t; }

sub thresholds {
    my ($s) = @_;
    if ($s->{params}{float} && chance(50)) {
        return ($s->{params}{lo}, $s->{params}{hi});
    }
    if (@{ $s->{floats} } && chance(12)) {
        my $f = pick(@{ $s->{floats} });
        return chance(50) ? ($f, pick('1', "'infinity'")) : ("$f * 0.5", $f);
    }
    my ($lv, $uv) = map { threshold($s) } 1 .. 2;
    $uv = pick(1, 'infinity', $uv) if chance(40);
    $uv = $lv if chance(4);
    ($lv, $uv) = ($uv, $lv) if value_of($lv) > value_of($uv);
    if ($s->{risky} && chance(3)) {
        $s->{used_risk} = 1;
        ($lv, $uv) = pick([ 0.9, 0.1 ], [ "'NaN'::float8", 1 ])->@*;
        return ($lv, $uv);
    }
    return pick([ 'NULL', 1 ], [ 0.5, 'NULL' ])->@* if chance(1);
    return (float_sql($lv), float_sql($uv));
}

sub roi {
    my ($s) = @_;
    return pick_weighted(
        [ 5, sub { "'" . random_roi(36, 36) . "'" } ],
        [ 2, sub { "'full'" } ],
        [ 5, sub { @{ $s->{rois} } ? pick(@{ $s->{rois} }) : "'full'" } ],
        [ $s->{params}{roi} ? 6 : 0, sub { $s->{params}{roi} } ],
        [ 0.3, sub { 'NULL::roi' } ])->();
}

sub cp_call {
    my ($s) = @_;
    my $mask = pick(@{ $s->{masks} });
    my ($lv, $uv) = thresholds($s);
    return pick_weighted(
        [ 7, sub { "cp($mask, " . roi($s) . ", $lv, $uv)" } ],
        [ 2, sub { "cp($mask, $lv, $uv)" } ],
        [ 1, sub { "CP($mask, " . roi($s) . ", ($lv, $uv))" } ],
        [ 0.5, sub { "CP($mask, ($lv, $uv))" } ],
        [ 1.5, sub { "pixel_sum($mask, " . roi($s) . ", $lv, $uv)" } ],
        [ 0.5, sub { "pixel_sum($mask, $lv, $uv)" } ],
        [ 0.5, sub { "pixel_sum($mask, " . roi($s) . ')' } ],
        [ 0.5, sub { "pixel_sum($mask)" } ],
        [ 0.3, sub { "pixel_sum($mask, " . roi($s) . ", ($lv, $uv))" } ])->();
}

# The part of a mask's count or sum that lies in a roi, mostly one inside the other's.
sub share {
    my ($s) = @_;
    my $mask = pick(@{ $s->{masks} });
    my ($lv, $uv) = thresholds($s);
    my ($inner, $outer) = (roi($s), chance(70) ? "'full'" : roi($s));
    return "cp($mask, $inner, $lv, $uv) / NULLIF(cp($mask, $outer, $lv, $uv), 0)" if chance(50);
    return "pixel_sum($mask, $inner) / NULLIF(pixel_sum($mask), 0)" if chance(50);
    return "pixel_sum($mask, $inner, $lv, $uv) / NULLIF(pixel_sum($mask, $outer, $lv, $uv), 0)";
}

# The overlap of the masks of two scopes, which are of one size, with a number.
sub overlap_comparison {
    my ($x, $y) = @_;
    my ($a, $b) = map { pick(@{ $_->{masks} }) } $x, $y;
    my $t = chance(10) ? pick(@{ $x->{floats} }) : float_sql(threshold($x));
    my $n = pick(qw(mask_iou mask_iou mask_iomin)) . "($a, $b, $t)";
    return pick_weighted(
        [ 6, sub { "$n " . pick(@comparisons, '<', '>') . ' ' . pick(0, 1, 0.5, sprintf('%.2f', rand()), sprintf('%.2f', rand())) } ],
        [ 1, sub { "$n BETWEEN 0.2 AND 0.7" } ],
        [ 1, sub { "$n " . pick('<', '>') . ' ' . pick(@{ $y->{floats} }) } ],
        [ 1, sub { "1 - $n > " . sprintf('%.2f', rand()) } ],
        [ 1, sub { "$n IS " . pick('', 'NOT ') . 'NULL' } ])->();
}

# A count to compare with.
sub count { my ($s) = @_; return pick(0, 1, below(20), below(100), below(400), below(1500), 1024, 0.5 + below(50)); }
sub int_column { my ($s) = @_; return @{ $s->{ints} } ? pick(@{ $s->{ints} }) : below(100); }

# A ratio of two counts, with or without a guard against division by zero.
sub ratio {
    my ($s) = @_;
    my ($n, $d) = (cp_call($s), cp_call($s));
    my @rois = (@{ $s->{rois} }, "'" . random_roi(36, 36) . "'::roi");
    return pick_weighted(
        [ 4, sub { "$n / NULLIF($d, 0)" } ],
        [ 6, sub { share($s) } ],
        [ 3, sub { "$n / greatest($d, 1)" } ],
        [ 3, sub { "$n / (1 + $d)" } ],
        [ 3, sub { "$n / area(" . pick(@rois) . ')' } ],
        [ 1, sub { "coalesce($n / nullif($d, 0), 0)" } ],
        [ $s->{risky} ? 3 : 0, sub { $s->{used_risk} = 1; "$n / $d" } ])->();
}

# A number of about the size of a count (or of a ratio, then 1 is returned beside it).
sub number {
    my ($s, $depth) = @_;
    return (cp_call($s), 0) if $depth <= 0;
    my ($n) = number($s, $depth - 1);
    my $other = chance(50) ? cp_call($s) : int_column($s);
    return pick_weighted(
        [ 3, sub { ("($n " . pick('+', '-') . " $other)", 0) } ],
        [ 2, sub { ("($n * " . pick('2', '0.5', '-1', '1e-3', int_column($s)) . ')', 0) } ],
        [ 2, sub { ("$n / " . pick(2, 3, 7.5, 1e3), 0) } ],
        [ 4, sub { (ratio($s), 1) } ],
        [ 2, sub { ("($n)::int", 0) } ],
        [ 1, sub { ("($n)::bigint / " . pick(3, 10), 0) } ],
        [ 1, sub { ("($n)::int % 7", 0) } ],
        [ 2, sub { ("($n)::numeric", 0) } ],
        [ 1, sub { ("($n)::numeric * 0.1", 0) } ],
        [ 2, sub { ("($n)::numeric(" . pick('8,2', '9,0', '12,4') . ')', 0) } ],
        [ 1, sub { ('round((' . ratio($s) . ')::numeric, 2)', 1) } ],
        [ 1, sub { ("($n)::real", 0) } ],
        [ 1, sub { ('(' . ratio($s) . ')::real', 1) } ],
        [ 3, sub { (pick(qw(abs round floor ceil trunc)) . "($n)", 0) } ],
        [ 1, sub { ("sqrt(abs($n))", 0) } ],
        [ 1, sub { ("-($n)", 0) } ],
        [ 1, sub { ("power($n, 2)", 0) } ],
        [ 2, sub { ("greatest($n, $other)", 0) } ],
        [ 2, sub { ("least($n, $other)", 0) } ],
        [ 2, sub { ("coalesce($n, " . pick('0', 'NULL', int_column($s)) . ')', 0) } ],
        [ 2, sub { ("nullif($n, " . pick(0, count($s)) . ')', 0) } ],
        [ 2, sub { ('CASE WHEN ' . simple_condition($s) . " THEN $n ELSE " . pick('0', 'NULL', $other) . ' END', 0) } ],
        [ $s->{risky} ? 1 : 0, sub { $s->{used_risk} = 1; ("($n)::smallint * 100::smallint", 0) } ],
        [ $s->{risky} ? 1 : 0, sub { $s->{used_risk} = 1; ("($n)::numeric(4,2)", 0) } ],
        [ $s->{risky} ? 1 : 0, sub { $s->{used_risk} = 1; ("sqrt($n)", 0) } ])->();
}

sub comparison {
    my ($s, $depth) = @_;
    my ($n, $is_ratio) = number($s, $depth);
    my $to = sub {
        return pick(0, 1, 0.5, 0.25, sprintf('%.2f', rand()), sprintf('%.2f', rand(0.2)), @{ $s->{floats} }) if $is_ratio;
        return $s->{params}{float} if $s->{params}{float} && chance(40);
        return chance(30) ? int_column($s) : count($s);
    };
    return pick_weighted(
        [ 10, sub { my $c = pick(@comparisons, '<', '>'); "$n $c " . $to->() } ],
        [ 2, sub { $to->() . ' ' . pick(@comparisons) . " $n" } ],
        [ 3, sub { "$n " . pick(@comparisons) . ' ' . (number($s, $depth - 1))[0] } ],
        [ 2, sub { my @ends = sort { $a <=> $b } count($s), count($s); "$n " . pick('', 'NOT ') . "BETWEEN $ends[0] AND $ends[1]" } ],
        [ 2, sub { "$n " . pick('', 'NOT ') . 'IN (' . join(', ', map { count($s) } 1 .. between(2, 5)) . pick('', '', ', NULL') . ')' } ],
        [ 1, sub { "$n " . pick(@comparisons) . pick(' ANY', ' ALL') . " ('{" . join(',', map { below(300) } 1 .. 3) . "}'::float8[])" } ],
        [ 1, sub { "($n) IS " . pick('', 'NOT ') . 'NULL' } ],
        [ 1, sub { "$n IS " . pick('', 'NOT ') . 'DISTINCT FROM ' . $to->() } ],
        [ $s->{risky} ? 1 : 0, sub { $s->{used_risk} = 1; pick(1, 100) . " / $n " . pick('<', '>') . ' ' . sprintf('%.2f', rand()) } ])->();
}

sub simple_condition {
    my ($s) = @_;
    return chance(50) ? cp_call($s) . ' ' . pick('<', '>') . ' ' . count($s) : pick(@{ $s->{others} });
}

# A whole clause: a tree of AND, OR, NOT over comparisons and conditions without cp.
sub clause {
    my ($s, $depth) = @_;
    return comparison($s, pick(0, 0, 1, 1, 2)) if $depth <= 0;
    my $part = sub { return chance(25) ? pick(@{ $s->{others} }) : clause($s, $depth - 1) };
    return pick_weighted(
        [ 5, sub { comparison($s, pick(0, 1, 1, 2)) } ],
        [ 3, sub { '(' . join(' OR ', map { $part->() } 1 .. between(2, 3)) . ')' } ],
        [ 2, sub { '(' . join(' AND ', map { $part->() } 1 .. between(2, 3)) . ')' } ],
        [ 2, sub { 'NOT (' . clause($s, $depth - 1) . ')' } ],
        [ 2, sub { '(' . clause($s, $depth - 1) . ') IS ' . pick('TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN', 'NULL') } ],
        [ 1, sub { 'CASE WHEN ' . $part->() . ' THEN ' . $part->() . ' ELSE ' . $part->() . ' END' } ],
        [ 1, sub { '(' . clause($s, $depth - 1) . ') = (' . $part->() . ')' } ],
        [ 1, sub { 'coalesce(' . clause($s, $depth - 1) . ', ' . pick('true', 'false', $part->()) . ')' } ])->();
}

1;
