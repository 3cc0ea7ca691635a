# Random queries with GROUP BY over aggregates of masks: HAVING and ORDER BY cp(mask_intersect(mask > 0.7), ...), shares of them, and so on.
# Goes on where Groups.pm ends: with `mask_aggregates` in a scope its aggregates are mostly these.
package Queries;
use strict;
use warnings;
use Dice;
use Masks;

our %shapes;

sub level { my ($s) = @_; return pick(@{ $s->{levels} || [ 0, 0.1, 0.25, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.75, 0.8, 1, 1.5, -1 ] }, sprintf('%.3f', rand())); }

sub member {
    my ($s) = @_;
    my $mask = pick(@{ $s->{masks} });
    return pick_weighted(
        [ 4, sub { $mask } ],
        [ 6, sub { "$mask " . pick('>', '>', '>=', '<', '<=') . ' ' . level($s) } ],
        [ 1, sub { level($s) . ' ' . pick('<', '>=') . " $mask" } ],
        [ 1, sub { "$mask > CASE WHEN " . pick(@{ $s->{ints} }) . ' % 4 > 0 THEN 0.4 END' } ],
        [ @{ $s->{floats} } ? 1 : 0, sub { "$mask > " . pick(@{ $s->{floats} }) } ])->();
}

# test_min and test_mid have been declared to be monotone, test_max has not.
sub mask_aggregate {
    my ($s, $name, $member) = @_;
    my $filter = chance(12) ? ' FILTER (WHERE ' . pick(@{ $s->{others} }) . ')' : '';
    my $sometimes = 'CASE WHEN ' . pick(@{ $s->{ints} }) . ' % 3 > 0 THEN 0.4 END';
    my $weight = pick($sometimes, '1', '0.5', '0.25', '0.3', '0', @{ $s->{floats} }, chance(10) ? '-0.5' : '2');
    return ($name eq 'mask_sum' ? "mask_sum($member, $weight)" : "$name($member)") . $filter;
}

sub range {
    my ($s) = @_;
    my ($lv, $uv) = sort { $a <=> $b } map { level($s) } 1 .. 2;
    return chance(50) ? "$lv, 'infinity'" : chance(3) ? 'NULL, 1' : "$lv, $uv";
}

sub mask_number {
    my ($s) = @_;
    my $name = pick(qw(mask_intersect mask_intersect mask_union mask_union mask_avg mask_avg mask_sum test_min test_mid test_max));
    my $roi = pick("'full', ", '', map { "'" . random_roi(36, 36) . "', " } 1 .. 2);
    my ($member, $range) = (member($s), range($s));
    my $cp = sub { my $agg = mask_aggregate($s, $_[0], $member); return 'cp(' . (chance(15) ? "($agg " . pick('>', '<=', '>=', '<') . ' ' . level($s) . ')' : $agg) . ", $roi$range)"; };
    my $call = sub { return "cp($_[0]($member), $roi$range)" };
    return pick_weighted(
        [ 6, sub { $cp->($name) } ],
        [ 4, sub { $call->('mask_intersect') . ' / nullif(' . $call->('mask_union') . ', 0)' } ],
        [ 1, sub { $cp->('mask_intersect') . ' / nullif(' . $cp->('mask_union') . ', 0)' } ],
        [ 1, sub { '1 - ' . $call->('mask_intersect') . ' / greatest(' . $call->('mask_union') . ', 1)' } ],
        [ $s->{risky} ? 2 : 0, sub { $s->{used_risk} = 1; $call->('mask_intersect') . ' / ' . $call->('mask_union') } ])->();
}

# Tables of masks of one size and domain for every group, as grouped here; now and then not.
sub mask_group_scope {
    my $table = pick(qw(a a a n p f f f wild b));
    my $s = scope($table, 'x');
    $s->{mask_aggregates} = 1;
    $s->{levels} = [ 0, 0.2, 0.25, 0.5, 0.5, 0.7, 1, -0.5, 51, 127.5, 128, 200 ] if $table eq 'f';
    my $keys = $table eq 'f' ? pick('x.grp, x.id / 6', 'x.grp', 'x.grp, x.id', 'x.grp, x.id / 6', 'x.grp, x.id / 50') : grouping($table);
    return ($table, $s, $keys);
}

$shapes{mask_group} = [ 14, sub {
    my ($table, $s, $keys) = mask_group_scope();
    my $where = maybe_where($s, 25);
    local $s->{risky} = chance(12);
    my $sql = group_query($s, "$table x$where", $keys);
    return { category => 'mask_group', before => group_settings($sql), statements => [$sql] };
} ];
$shapes{mask_group_order} = [ 8, sub {
    my ($table, $s, $keys) = mask_group_scope();
    my $key = mask_number($s);
    my $having = chance(30) ? ' HAVING ' . group_condition($s, 0) : '';
    return { category => 'mask_group_order', ordered => 1, before => group_settings(' GROUP BY  ORDER BY '),
        statements => [ "SELECT $keys" . pick('', ", $key", ', count(*)') . " FROM $table x GROUP BY $keys$having " . join(', ', sort_clause("($key)"), $keys) . ' ' . limit_clause() ] };
} ];
$shapes{mask_group_join} = [ 4, sub {
    my $table = pick(qw(a p f));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    $s->{mask_aggregates} = 1;
    my $keys = ($table eq 'f' ? 'x.grp, ' : '') . pick('x.id', 'r.rid / 10', 'x.id / 7', 'r.rid % 5', 'r.id');
    my $sql = group_query($s, "$table x " . pick('JOIN', 'LEFT JOIN', 'RIGHT JOIN') . ' r ON r.id = x.id' . maybe_where($s, 25), $keys);
    return { category => 'mask_group_join', before => group_settings($sql), statements => [$sql] };
} ];

1;
