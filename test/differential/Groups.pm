# Random queries with GROUP BY: HAVING and ORDER BY over aggregates of what Expressions.pm makes. Goes on where Queries.pm ends.
#
# Sums of floats depend on the order of the rows, so whatever is no whole number is added up as numeric.
package Queries;
use strict;
use warnings;
use Dice;
use Expressions;

our (%shapes, @join_settings);
my @comparisons = qw(< <= = >= > <>);

# What an aggregate adds up.
sub summand {
    my ($s) = @_;
    my ($n) = number($s, pick(0, 0, 0, 1, 2));
    return $n =~ /^cp\([^()]*('[^']*')?[^()]*\)$/i && chance(70) ? $n : "($n)::numeric";
}

sub filter {
    my ($s) = @_;
    return pick_weighted([ 7, sub { '' } ], [ 2, sub { ' FILTER (WHERE ' . clause($s, 0) . ')' } ], [ 1, sub { ' FILTER (WHERE ' . pick(@{ $s->{others} }) . ')' } ])->();
}

sub aggregate {
    my ($s) = @_;
    return pick_weighted(
        [ 5, sub { 'sum(' . summand($s) . ')' } ],
        [ 5, sub { 'avg(' . summand($s) . ')' } ],
        [ 4, sub { pick('min', 'max') . '(' . (number($s, pick(0, 0, 1)))[0] . ')' } ],
        [ 2, sub { 'count(' . (number($s, 0))[0] . ')' } ],
        [ 1, sub { 'count(*)' } ],
        [ 1, sub { 'sum(' . int_column($s) . ')' } ],
        [ 1, sub { 'avg((' . summand($s) . ')::int)' } ],
        [ 1, sub { pick('sum', 'max', 'count') . '(DISTINCT ' . summand($s) . ')' } ],
        [ 0.5, sub { 'sum(' . summand($s) . ' ORDER BY ' . pick(@{ $s->{ints} }) . ')' } ],
        [ 0.5, sub { 'round(stddev((' . summand($s) . ')::numeric), 3)' } ])->();
}

sub filtered {
    my ($s) = @_;
    return mask_number($s) if $s->{mask_aggregates} && chance(70);
    my $a = aggregate($s);
    return $a =~ /^round/ ? $a : $a . filter($s);
}

# A number of a group.
sub group_number {
    my ($s, $depth) = @_;
    return filtered($s) if $depth <= 0;
    my ($a, $b) = (group_number($s, $depth - 1), filtered($s));
    return pick_weighted(
        [ 4, sub { $a } ],
        [ 3, sub { "($a " . pick('+', '-') . " $b)" } ],
        [ 3, sub { "$a / nullif($b, 0)" } ],
        [ 1, sub { "$a * " . pick(2, -1, 0.5) } ],
        [ 1, sub { "coalesce($a, " . pick(0, -1, 'NULL') . ')' } ],
        [ 1, sub { pick('greatest', 'least') . "($a, $b)" } ],
        [ 1, sub { "abs($a - 40)" } ],
        [ 1, sub { "round(($a)::numeric, 1)" } ],
        [ 1, sub { "CASE WHEN $b > 30 THEN $a ELSE 0 END" } ],
        [ $s->{risky} ? 2 : 0, sub { $s->{used_risk} = 1; "$a / $b" } ])->();
}

sub group_condition {
    my ($s, $depth) = @_;
    my $n = group_number($s, pick(0, 0, 1, 2));
    my $part = sub { group_condition($s, $depth - 1) };
    my $simple = sub { "$n " . pick(@comparisons, '<', '>') . ' ' . Expressions::count($s) };
    return pick_weighted([ 6, $simple ], [ 1, sub { "$n BETWEEN 20 AND 150" } ], [ 1, sub { "($n) IS " . pick('', 'NOT ') . 'NULL' } ], [ 1, sub { "$n > " . filtered($s) } ])->() if $depth <= 0;
    return pick_weighted(
        [ 4, $simple ],
        [ 2, sub { $part->() . ' AND ' . $part->() } ],
        [ 2, sub { '(' . $part->() . ' OR ' . $part->() . ')' } ],
        [ 1, sub { 'NOT (' . $part->() . ')' } ],
        [ 1, sub { '(' . $part->() . ') IS NOT TRUE' } ],
        [ 1, sub { $part->() . ' AND count(*) > ' . below(6) } ])->();
}

# Groups of one, of a few, of many rows.
sub grouping {
    my ($table) = @_;
    return pick('x.image_id', 'x.image_id', 'x.image_id / 10', 'x.model_id', 'x.model_id, x.image_id % 7') if $table eq 'wild';
    return pick('x.id', 'x.id / 5', 'x.id / 5', 'x.id / 50', 'x.grp', 'x.t % 7', 'x.t % 30', 'x.grp, x.id % 10', 'x.id % 40', "x.note, x.id / 6", "'k' || x.id % 20");
}

# from: with WHERE and all; keys: what is grouped by
sub group_query {
    my ($s, $from, $keys) = @_;
    my $having = chance(60) ? ' HAVING ' . group_condition($s, pick(0, 1, 2)) : '';
    my $key = group_number($s, pick(0, 0, 1, 2));
    my ($sort, $limit) = (sort_clause("($key)"), limit_clause());
    my $other = pick('', '', 'count(*) DESC', filtered($s));
    my $tail = " FROM $from GROUP BY $keys$having";
    my $all = join(', ', $sort, $other || (), $keys);
    return pick_weighted(
        [ $having ? 4 : 0, sub { "SELECT $keys$tail" } ],
        [ $having ? 3 : 0, sub { "SELECT $keys, count(*), " . filtered($s) . $tail } ],
        [ 3, sub { "SELECT $keys, $key$tail $all $limit" } ],
        [ 4, sub { "SELECT $keys$tail $all $limit" } ],
        [ 2, sub { "SELECT $keys, max(x.id)$tail $all $limit" } ],
        [ 1, sub { "SELECT ($key)::float8 + 0$tail $sort $limit" } ],
        [ 1, sub { "SELECT DISTINCT ($key)::float8 + 0 AS n$tail ORDER BY n" } ],
        [ 1, sub { "SELECT $keys, rank() OVER (ORDER BY $key)$tail" } ])->();
}

# What makes CHI Group the plan. Where it does not sort, a Sort below it is as dear as a Sort below an Agg.
sub group_settings {
    my ($sql, @more) = @_;
    my $sorts = $sql =~ / GROUP BY .* ORDER BY / && $sql !~ /DISTINCT \(|rank\(\)/;
    return [ (chance(85) ? ('SET enable_hashagg = off', $sorts ? 'SET enable_sort = off' : ()) : ()), (chance(25) ? ("SET work_mem = '64kB'") : ()), @more ];
}
sub maybe_where { my ($s, $percent) = @_; return chance($percent) ? ' WHERE ' . (where($s, pick(0, 1)))[0] : ''; }

my @group_tables = qw(a a a b p p q n wild);
$shapes{group} = [ 16, sub {
    my $table = pick(@group_tables);
    my $s = scope($table, 'x');
    my $where = maybe_where($s, 35);
    local $s->{risky} = chance(12);
    my $sql = group_query($s, "$table x$where", grouping($table));
    return { category => 'group', before => group_settings($sql), statements => [$sql] };
} ];
$shapes{group_order} = [ 8, sub {
    my $table = pick(@group_tables);
    my $s = scope($table, 'x');
    my ($key, $keys) = (group_number($s, pick(0, 0, 1)), grouping($table));
    my $where = maybe_where($s, 20);
    # Half of these the bounds know nothing of: groups that may fall out must not make others superfluous.
    my $unknown = @{ $s->{floats} } ? "bool_or($s->{floats}[0] > 0.8)" : 'stddev(x.image_id) > 2';
    my $having = chance(50) ? ' HAVING ' . (chance(50) ? $unknown : group_condition($s, 0)) : '';
    return { category => 'group_order', ordered => 1, before => group_settings(' GROUP BY  ORDER BY '),
        statements => [ "SELECT $keys" . pick('', ", ($key)::numeric", ', count(*)') . " FROM $table x$where GROUP BY $keys$having " . join(', ', sort_clause("($key)"), pick('', 'count(*)', 'max(x.id) DESC') || (), $keys) . ' ' . limit_clause() ] };
} ];
$shapes{group_join} = [ 6, sub {
    my $table = pick(qw(a b p q));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $how = pick('JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
    my $keys = pick('x.id', 'x.grp', 'r.rid / 10', 'x.id / 7', 'x.grp, r.rid % 5', 'r.id');
    my $sql = group_query($s, "$table x $how r ON r.id = x.id" . maybe_where($s, 25), $keys);
    return { category => 'group_join', before => group_settings($sql, @{ pick(@join_settings) }), statements => [$sql] };
} ];
$shapes{group_self_join} = [ 2, sub {
    my $table = pick(qw(a b));
    my $s = merged(scope($table, 'x'), scope($table, 'y'));
    my $sql = group_query($s, "$table x " . pick('JOIN', 'LEFT JOIN') . " $table y ON y.id = x.id + 1", pick('x.id / 6', 'y.grp', 'x.id'));
    return { category => 'group_self_join', before => group_settings($sql), statements => [$sql] };
} ];
$shapes{group_parallel} = [ 3, sub {
    my $table = pick(@group_tables);
    my $s = scope($table, 'x');
    my $sql = group_query($s, "$table x" . maybe_where($s, 30), grouping($table));
    return { category => 'group_parallel', statements => [$sql], before => group_settings($sql,
        'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0', 'SET max_parallel_workers_per_gather = 2') };
} ];
$shapes{group_partition} = [ 3, sub {
    my $s = merged(scope('p', 'x'), box_scope('r'));
    my $join = chance(50) ? ' JOIN rp r ON r.grp = x.grp AND r.id = x.id' : '';
    $s = scope('p', 'x') if !$join;
    my $sql = group_query($s, "p x$join" . maybe_where($s, 25), pick('x.grp', 'x.grp, x.id / 5', 'x.id / 9'));
    return { category => 'group_partition', before => group_settings($sql, map { "SET enable_partitionwise_$_ = on" } qw(join aggregate)), statements => [$sql] };
} ];
$shapes{group_cursor} = [ 3, sub {
    my $table = pick(@group_tables);
    my $scroll = pick('', '', 'SCROLL ');
    my @more = $scroll ? ('FETCH BACKWARD 4 FROM c', 'FETCH FIRST FROM c') : ();
    my $s = scope($table, 'x');
    my ($key, $keys) = (group_number($s, pick(0, 1)), grouping($table));
    return { category => 'group_cursor', before => [ 'BEGIN', @{ group_settings(' GROUP BY  ORDER BY ') } ], ordered => 1, after => ['ROLLBACK'],
        statements => [ "DECLARE c ${scroll}CURSOR FOR SELECT $keys FROM $table x GROUP BY $keys " . sort_clause("($key)") . ", $keys", 'FETCH 3 FROM c', 'MOVE 2 IN c', 'FETCH 5 FROM c', @more, 'FETCH ALL FROM c' ] };
} ];
$shapes{group_prepared} = [ 3, sub {
    my $table = pick(qw(a b p q));
    my $s = scope($table, 'x');
    $s->{params} = { roi => '$1', float => '$4', lo => '$2', hi => '$3' };
    my $keys = grouping($table);
    my $sql = group_query($s, "$table x WHERE \$1 IS NOT NULL OR \$2 + \$3 + \$4 > -1e9", $keys);
    return { category => 'group_prepared', after => ['DEALLOCATE p'],
        before => [ @{ group_settings($sql) }, 'SET plan_cache_mode = ' . pick(qw(force_generic_plan force_custom_plan auto)), "PREPARE p(roi, float8, float8, float8) AS $sql" ],
        statements => [ map { 'EXECUTE p(' . join(', ', pick("'full'", "'((3,3),(20,24))'"), pick(0, 0.25, 0.3), pick(0.5, 1), pick(10, 50)) . ')' } 1 .. 3 ] };
} ];
$shapes{group_lateral} = [ 3, sub {
    my $table = pick(qw(a b p));
    my $s = scope($table, 'x');
    push @{ $s->{rois} }, 'r.roi';    # no numbers of r: an aggregate of nothing else would be the outer query's
    my $inner = group_query($s, "$table x WHERE x.grp = r.rid % 4", 'x.id / 5');
    my $outer = group_query(scope($table, 'x'), "$table x", 'x.id / 5');
    return { category => 'group_lateral', before => group_settings(pick($inner, '')), statements => [ pick(
        "SELECT r.rid, l FROM r, LATERAL ($inner) l WHERE r.rid < 8",
        "SELECT s::text FROM ($outer) s UNION ALL SELECT t::text FROM ($outer) t",
        "SELECT count(*) FROM ($outer) s",
        "SELECT x.id FROM $table x WHERE x.id / 5 IN (SELECT x.id / 5 FROM $table x GROUP BY 1 HAVING " . group_condition(scope($table, 'x'), 0) . ')') ] };
} ];

require MaskGroups;

1;
