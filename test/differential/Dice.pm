# The one source of chance of the differential tests: everything generated follows from the seed.
package Dice;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(below chance pick between pick_weighted);

sub below { my ($n) = @_; return int(rand($n)); }                          # 0 .. n - 1
sub chance { my ($percent) = @_; return rand(100) < $percent; }
sub pick { return $_[ below(scalar @_) ]; }
sub between { my ($lo, $hi) = @_; return $lo + below($hi - $lo + 1); }      # integers, both ends

# pick_weighted(weight => value, ...) as a list of pairs [weight, value]
sub pick_weighted {
    my @pairs = @_;
    my $sum = 0;
    $sum += $_->[0] for @pairs;
    my $at = rand($sum);
    for my $pair (@pairs) {
        return $pair->[1] if ($at -= $pair->[0]) < 0;
    }
    return $pairs[-1][1];
}

1;
