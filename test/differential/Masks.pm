# Small masks in text form: smooth blobs, noise, constants, sparse points, gradients; in every format and some domains.
package Masks;
use strict;
use warnings;
use Dice;
use Exporter 'import';
our @EXPORT = qw(random_mask random_roi);

# Formats with their number of codes; 0 for floats, written as decimals.
my %codes = (f32 => 0, f16 => 0, u8 => 256, u16 => 65536, bit => 2);

# A function of x and y with values in [0, 1].
sub random_surface {
    my ($w, $h) = @_;
    my ($cx, $cy, $r) = (rand($w), rand($h), 1 + rand(0.6 * ($w + $h) / 2));
    my $level = pick(0, 1, 0.5, rand());
    my $grain = pick(1, 2, 4, 16);
    return pick_weighted(
        [ 8, sub { my $d = sqrt(($_[0] - $cx)**2 + ($_[1] - $cy)**2); return $d < $r ? 1 - $d / $r : 0 } ],
        [ 4, sub { my $d = (($_[0] - $cx)**2 + ($_[1] - $cy)**2) / ($r * $r); return exp(-$d) } ],
        [ 3, sub { return rand() } ],
        [ 2, sub { return int(rand() * ($grain + 1)) / $grain } ],                 # on and next to bin edges
        [ 2, sub { return $level } ],
        [ 2, sub { return rand() < 0.03 ? 1 - rand(0.3) : 0 } ],
        [ 2, sub { return $_[0] / $w } ],
        [ 1, sub { return ($_[0] + $_[1]) % 2 } ]);
}

# random_mask(width, height, format, domain): lo and hi of the domain, or nothing for [0, 1]
sub random_mask {
    my ($w, $h, $format, @domain) = @_;
    my $surface = random_surface($w, $h);
    my $top = $codes{$format} - 1;
    my ($lo, $hi) = @domain ? @domain : (0, 1);
    my $write = $top > 0
        ? sub { return int($_[0] * $top + 0.5) }
        : $hi - $lo == 1 && chance(50) ? sub { return sprintf('%.2f', $lo + $_[0]) }    # thresholds meet such values exactly
        :                                sub { return sprintf('%.6g', $lo + ($hi - $lo) * $_[0]) };
    my $rows = join(',', map { my $y = $_; '[' . join(',', map { $write->($surface->($_, $y)) } 0 .. $w - 1) . ']' } 0 .. $h - 1);
    my $prefix = $format . (@domain ? "($lo,$hi)" : '') . ':';
    return $prefix . "[$rows]";
}

# Mostly inside a mask of the given size, sometimes across its edge, outside or full.
sub random_roi {
    my ($w, $h) = @_;
    return 'full' if chance(8);
    my ($x, $y) = (between(1, $w), between(1, $h));
    return "(($x,$y),($x,$y))" if chance(4);
    my ($x1, $y1, $x2, $y2) = ($x, $y, between($x, $w), between($y, $h));
    ($x1, $y1) = ($x1 - between(0, $w), $y1 - between(0, $h)) if chance(10);
    ($x2, $y2) = ($x2 + between(0, $w), $y2 + between(0, $h)) if chance(10);
    ($x1, $x2) = ($x1 + 2 * $w, $x2 + 2 * $w) if chance(3);
    return "(($x1,$y1),($x2,$y2))";
}

1;
