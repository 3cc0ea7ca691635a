# data/load.sql gives the maps that the published formula gives, computed here on its own in Perl; and counts over them are right.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $source = $ENV{MASKQUERY_SOURCE} // "$FindBin::RealBin/../..";
my $images = 60;

my $node = new_node('real');
chdir $source or die "cannot enter $source: $!";
command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-v', "images=$images", '-f', 'data/load.sql' ], 'load.sql runs');

is($node->safe_psql('postgres', 'SELECT count(*) FROM masks'), 2 * $images, 'two masks an image');
is($node->safe_psql('postgres', 'SELECT count(*) FROM images JOIN boxes USING (image_id) JOIN predictions USING (image_id)'),
	2 * $images, 'a box and two predictions an image');
is($node->safe_psql('postgres', "SELECT count(*) FROM boxes WHERE NOT roi(1, 1, 224, 224) @> box"), 0, 'boxes lie in the images');

# The grids as published.
my %grids;
open my $cams, '<', 'data/wildcam-mini/cams.csv' or die "cams.csv: $!";
readline $cams;
while (my $line = <$cams>)
{
	my ($image, $model, $text) = $line =~ /^(\d+),(\d+),"\[(.*)\]"$/ or die "cams.csv: $line";
	last if $image > $images;
	$grids{"$image/$model"} = [ map { [ split /,/, $_ ] } $text =~ /\[([^\]]*)\]/g ];
}
close $cams;

# Which two grid lines a pixel line lies between, and how far.
sub axis
{
	my ($pixel, $cells) = @_;
	my $s = ($pixel + 0.5) * $cells / 224 - 0.5;
	$s = 0 if $s < 0;
	$s = $cells - 1 if $s > $cells - 1;
	my $first = int($s);
	my $second = $first + 1 < $cells ? $first + 1 : $cells - 1;
	return ($first, $second, $s - $first);
}

sub expand
{
	my ($grid) = @_;
	my @values;
	my @columns = map { [ axis($_, scalar @{ $grid->[0] }) ] } 0 .. 223;
	foreach my $y (0 .. 223)
	{
		my ($top, $bottom, $down) = axis($y, scalar @$grid);
		foreach my $column (@columns)
		{
			my ($left, $right, $across) = @$column;
			my $above = (1 - $across) * $grid->[$top][$left] + $across * $grid->[$top][$right];
			my $below = (1 - $across) * $grid->[$bottom][$left] + $across * $grid->[$bottom][$right];
			push @values, (1 - $down) * $above + $down * $below;
		}
	}
	return \@values;
}

foreach my $try (1 .. 8)
{
	my ($image, $model) = (1 + int(rand($images)), 1 + $try % 2);
	my $where = "image_id = $image AND model_id = $model";
	my $expected = expand($grids{"$image/$model"});
	my @loaded = split /[{},]+/, $node->safe_psql('postgres', "SELECT mask::real[] FROM masks WHERE $where");
	shift @loaded;    # before the first brace
	my $worst = 0;
	foreach my $i (0 .. $#$expected)
	{
		my $difference = abs($expected->[$i] - $loaded[$i]);
		$worst = $difference if $difference > $worst;
	}
	ok(@loaded == 224 * 224 && $worst < 1e-6, "image $image, model $model: the published formula, within $worst");

	# Counts over what was loaded, pixel by pixel.
	my ($x1, $y1, $x2, $y2) =
	  split /,/, $node->safe_psql('postgres', "SELECT translate(box::text, '()', '') FROM boxes WHERE image_id = $image");
	my $count = 0;
	foreach my $y ($y1 .. $y2)
	{
		foreach my $x ($x1 .. $x2) { $count++ if $loaded[ ($y - 1) * 224 + $x - 1 ] >= 0.25; }
	}
	is($node->safe_psql('postgres', "SELECT cp(mask, box, 0.25, 1.0) FROM masks JOIN boxes USING (image_id) WHERE $where"),
		$count, "image $image, model $model: the count in the animal's box");
}

$node->stop;
done_testing();
