# Shapes of queries around the clauses of Expressions.pm. A query is
#
#   category, before (settings), statements (whose rows and SQLSTATEs are compared), after (what undoes it),
#   strict: both runs must agree on errors. Else a run that raises none, or another one, is let pass: PostgreSQL
#   does not promise in which order it applies several clauses, or whether before or after a join.
package Queries;
use strict;
use warnings;
use Dice;
use Masks;
use Expressions;
use Exporter 'import';
our @EXPORT = qw(random_query categories);

my @tables = qw(a a b p q wild);

# What a clause may name of a table known by an alias.
sub scope {
    my ($table, $alias) = @_;
    my %s = (masks => ["$alias.mask"], rois => ["$alias.box"], ints => [], floats => [], risky => 0, used_risk => 0, params => {});
    $s{domains} = [ 1, 1, 255, 80 ] if $table eq 'b' || $table eq 'q';
    if ($table eq 'wild') {
        $s{ints} = ["$alias.image_id"];
        $s{others} = [ "$alias.model_id = 1", "$alias.image_id % 3 = 0", "$alias.id > 50" ];
    } else {
        $s{ints} = [ "$alias.t", "$alias.id" ];
        $s{floats} = ["$alias.f"];
        $s{others} = [ "$alias.grp = 1", "$alias.grp <> 2", "$alias.id % 3 = 0", "$alias.note LIKE 'n%'", "$alias.t > 200", "$alias.box IS NULL", "$alias.f < 0.5", 'true', 'NULL::boolean' ];
    }
    return \%s;
}

sub merged {
    my @scopes = @_;
    my %s = %{ $scopes[0] };
    for my $key (qw(masks rois ints floats others)) {
        $s{$key} = [ map { @{ $_->{$key} || [] } } @scopes ];
    }
    return \%s;
}

# r: boxes to join with; it has no mask.
sub box_scope { my ($alias) = @_; return { masks => [], rois => ["$alias.roi", "$alias.roi"], ints => ["$alias.rid"], floats => ["$alias.w"], others => [ "$alias.w > 0.4", "$alias.rid % 2 = 0" ] }; }

# One clause as a WHERE takes it. A risky one is kept in one piece, so that its errors do not depend on what is split off.
sub where {
    my ($s, $depth, $risky) = @_;
    local $s->{risky} = $risky ? chance(40) : 0;
    $s->{used_risk} = 0;
    my $c = clause($s, $depth);
    return $s->{used_risk} || chance(10) ? ("($c) IS TRUE", 1) : ($c, 0);
}

sub single {
    my ($category, @extra) = @_;
    my $table = pick(@tables);
    my ($c, $strict) = where(scope($table, 'x'), pick(0, 0, 1, 2), 1);
    return { category => $category, statements => ["SELECT x.id FROM $table x WHERE $c"], strict => $strict, @extra };
}

our @join_settings = map { [ map { "SET enable_$_ = off" } @$_ ] } [], [], [qw(hashjoin mergejoin)], [qw(nestloop mergejoin)], [qw(nestloop hashjoin)], [qw(seqscan)];
sub join_query { my ($category, $sql) = @_; return { category => $category, before => pick(@join_settings), statements => [$sql] }; }

our %shapes;
my $reader;

# cp in one comparison: the six operators, BETWEEN, IN, IS NULL, ..., arithmetic, casts
$shapes{comparison} = [ 14, sub {
    my $table = pick(@tables);
    my $s = scope($table, 'x');
    local $s->{risky} = chance(15);
    my $c = comparison($s, pick(0, 0, 1, 2));
    return { category => 'comparison', statements => ["SELECT x.id FROM $table x WHERE ($c) IS TRUE"], strict => 1 } if $s->{used_risk};
    return { category => 'comparison', statements => ["SELECT x.id FROM $table x WHERE $c"] };
} ];
$shapes{tree} = [ 12, sub { return single('tree') } ];
$shapes{several} = [ 5, sub {
    my $table = pick(@tables);
    my $s = scope($table, 'x');
    return { category => 'several', statements => ["SELECT x.id FROM $table x WHERE " . join(' AND ', pick(@{ $s->{others} }), map { (where($s, 1))[0] } 1 .. 2)] };
} ];
$shapes{parallel} = [ 5, sub {
    return single('parallel', before => [
        'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0', 'SET max_parallel_workers_per_gather = 2',
        pick('SET parallel_leader_participation = off', 'SET enable_seqscan = on') ]);
} ];
$shapes{inner_join} = [ 8, sub {
    my $table = pick(qw(a a b p q));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    return join_query('inner_join', "SELECT x.id, r.rid FROM $table x JOIN r ON r.id = x.id AND " . (where($s, pick(0, 1)))[0] . (chance(50) ? ' WHERE ' . (where($s, 1))[0] : ''));
} ];
$shapes{outer_join} = [ 8, sub {
    my $table = pick(qw(a b p));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $side = pick(qw(LEFT RIGHT LEFT RIGHT FULL));
    my ($on, $where) = pick([ 1, 0 ], [ 0, 1 ], [ 1, 1 ])->@*;
    $on = 0 if $side eq 'FULL';
    return join_query('outer_join', "SELECT x.id, r.rid FROM $table x $side JOIN r ON r.id = x.id" . ($on ? ' AND ' . (where($s, 1))[0] : '') . ($where || !$on ? ' WHERE ' . (where($s, 1))[0] : ''));
} ];
$shapes{nested_outer_join} = [ 3, sub {
    my $s = merged(scope('a', 'x'), scope('b', 'y'), box_scope('r'));
    my $inner = merged(scope('b', 'y'), box_scope('r'));
    return join_query('nested_outer_join', "SELECT x.id, y.id, r.rid FROM a x LEFT JOIN (r LEFT JOIN b y ON y.id = r.rid AND " . (where($inner, 0))[0] . ') ON r.id = x.id WHERE ' . (where($s, 1))[0]);
} ];
$shapes{self_join} = [ 4, sub {
    my $table = pick(qw(a b));
    my ($s, $join) = (merged(scope($table, 'x'), scope($table, 'y')), pick('JOIN', 'LEFT JOIN'));
    my $mixed = (merged(scope($table, 'x'), scope($table, 'y')));
    return join_query('self_join', "SELECT x.id, y.id FROM $table x $join $table y ON y.id = x.id + " . between(1, 3) . ' WHERE ' . cp_call(scope($table, 'x')) . ' ' . pick('<', '>', '<=') . ' ' . pick('', '2 * ', '10 + ') . cp_call(scope($table, 'y')) . (chance(40) ? ' OR ' . (where($mixed, 0))[0] : ''));
} ];
$shapes{overlap} = [ 5, sub {
    # All of these hold masks of one size, under indexes of their own.
    my ($left, $right) = (pick(qw(a a p s)), pick(qw(a a p s)));
    my ($x, $y) = (scope($left, 'x'), scope($right, 'y'));
    my $c = overlap_comparison($x, $y);
    $c = "($c OR " . overlap_comparison($x, $y) . ')' if chance(15);
    $c .= ' AND ' . (where(merged($x, $y), 0))[0] if chance(30);
    return join_query('overlap', "SELECT x.id, y.id FROM $left x " . pick('JOIN', 'JOIN', 'LEFT JOIN') . " $right y ON y.id = x.id + " . between(0, 3) . " WHERE $c");
} ];
$shapes{exists} = [ 6, sub {
    my $table = pick(qw(a b p));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $not = pick('', 'NOT ');
    my $c = (where($s, 1))[0];
    my $sql = pick_weighted(
        [ 3, "SELECT r.rid FROM r WHERE ${not}EXISTS (SELECT 1 FROM $table x WHERE x.id = r.id AND $c)" ],
        [ 2, "SELECT x.id FROM $table x WHERE ${not}EXISTS (SELECT 1 FROM r WHERE x.id = r.id AND $c)" ],
        [ 2, "SELECT r.rid FROM r WHERE r.id ${not}IN (SELECT x.id FROM $table x WHERE $c)" ],
        [ 2, "SELECT r.rid FROM r WHERE r.w > 0.8 OR EXISTS (SELECT 1 FROM $table x WHERE x.id = r.id AND $c)" ]);
    return join_query('exists', $sql);
} ];
$shapes{lateral} = [ 4, sub {
    my $table = pick(qw(a b p));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $c = (where($s, 1))[0];
    return join_query('lateral', pick(
        "SELECT x.id, l.rid FROM $table x, LATERAL (SELECT r.rid FROM r WHERE r.id = x.id AND $c) l",
        "SELECT r.rid, l.id FROM r, LATERAL (SELECT x.id FROM $table x WHERE x.id = r.id AND $c ORDER BY x.id LIMIT 1) l",
        "SELECT r.rid, l.n FROM r LEFT JOIN LATERAL (SELECT count(*) AS n FROM $table x WHERE x.grp = r.rid % 4 AND x.id < 40 AND $c) l ON true WHERE r.rid < 20"));
} ];
$shapes{subquery} = [ 4, sub {
    my $table = pick(qw(a b));
    my ($c) = where(scope($table, 'x'), 1);
    my ($o) = where(scope($table, 'x'), 0);
    return { category => 'subquery', statements => [ pick(
        "SELECT r.rid, (SELECT count(*) FROM $table x WHERE x.id <= r.rid AND $c) FROM r WHERE r.rid < 15",
        "SELECT x.id FROM $table x WHERE x.id IN (SELECT r.id FROM r WHERE r.w < 0.5) AND $c",
        "SELECT x.id FROM (SELECT * FROM $table x WHERE $o OFFSET 0) x WHERE $c",
        "SELECT x.id FROM (SELECT DISTINCT ON (x.id) x.* FROM $table x WHERE $o ORDER BY x.id) x WHERE $c",
        "SELECT x.id FROM $table x WHERE " . cp_call(scope($table, 'x')) . " > (SELECT avg(" . cp_call(scope($table, 'x')) . ") FROM $table x)") ] };
} ];
$shapes{cte} = [ 4, sub {
    my $table = pick(@tables);
    my ($inner) = where(scope($table, 'x'), 0);
    my ($outer) = where(scope($table, 'x'), 1);
    my $how = pick('', 'MATERIALIZED ', 'NOT MATERIALIZED ');
    return { category => 'cte', statements => ["WITH x AS $how(SELECT * FROM $table x WHERE $inner) SELECT x.id FROM x WHERE $outer"] };
} ];
$shapes{view} = [ 4, sub {
    my $view = pick(qw(plain_view barrier wild));
    my ($c) = where(scope($view, 'x'), 1);
    my $more = $view eq 'plain_view' && chance(60) ? ' AND x.bright ' . pick('<', '>', '=') . ' ' . below(200) : '';
    return { category => 'view', statements => ["SELECT x.id FROM $view x WHERE $c$more"] };
} ];
$shapes{row_security} = [ 3, sub {
    my ($c) = where(scope('s', 'x'), 1);
    return { category => 'row_security', before => ["SET ROLE $reader"], statements => ["SELECT x.id FROM s x WHERE $c"], after => ['RESET ROLE'] };
} ];
$shapes{union_all} = [ 4, sub {
    my ($c) = where(scope('b', 'x'), 1);
    my ($d) = where(scope('b', 'x'), 0);
    return { category => 'union_all', statements => [ pick(
        "SELECT x.id FROM (SELECT id, grp, t, f, box, mask, note FROM a UNION ALL SELECT id, grp, t, f, box, mask, note FROM b) x WHERE $c",
        "SELECT x.id FROM (SELECT id, grp, t, f, box, mask, note FROM a WHERE grp < 3 UNION ALL SELECT id, grp, t, f, box, mask, note FROM b x WHERE $d) x WHERE $c",
        "SELECT x.id FROM a x WHERE $c UNION ALL SELECT x.id FROM b x WHERE $d") ] };
} ];
$shapes{prepared} = [ 6, sub {
    my $table = pick(qw(a b p q));
    my $s = scope($table, 'x');
    $s->{params} = { roi => '$1', float => '$4', lo => '$2', hi => '$3' };
    my ($c, $strict) = where($s, pick(0, 1), 1);
    my $execute = sub {
        my ($lo, $hi) = sort { $a <=> $b } map { sprintf('%.2f', rand(1.2)) } 1 .. 2;
        $hi = "'infinity'" if chance(15);
        my $roi = chance(6) ? 'NULL' : "'" . random_roi(32, 32) . "'";
        return "EXECUTE p($roi, " . (chance(5) ? 'NULL' : $lo) . ", $hi, " . (chance(5) ? 'NULL' : below(200)) . ')';
    };
    return { category => 'prepared', before => [ 'SET plan_cache_mode = ' . pick(qw(force_generic_plan force_generic_plan force_custom_plan auto)),
            "PREPARE p(roi, float8, float8, float8) AS SELECT x.id FROM $table x WHERE $c AND (\$1::roi IS NULL OR true) AND coalesce(\$2, \$3, \$4, 0) IS NOT NULL" ],
        statements => [ map { $execute->() } 1 .. 3 ], after => ['DEALLOCATE p'], strict => $strict };
} ];
# What a clause would not have come to must not be evaluated on its behalf.
$shapes{shielded_error} = [ 3, sub {
    my $s = scope('a', 'x');
    my $n = cp_call($s);
    my $safe = pick('x.id > 0', "($n IS NULL OR $n >= 0)", "(x.mask IS NULL OR x.mask IS NOT NULL)");    # true for every row
    my $bad = pick('1 / $1', '1 / $1', '(SELECT 1 / (r.rid - r.rid) FROM r LIMIT 1)', '1 / (x.grp - x.grp)', 'x.note::int', 'sqrt(-x.id)', '1 / (x.t - x.t)');
    my $c = pick("$safe OR $n > $bad", "CASE WHEN $safe THEN $n > 10 ELSE $n > $bad END", "coalesce(coalesce($n, 0), $bad) > 20", "coalesce($n IS NOT NULL, $n > $bad)",
        "NOT (NOT $safe AND $n > $bad)");
    return { category => 'shielded_error', before => [ 'SET plan_cache_mode = ' . pick(qw(force_generic_plan auto)), "PREPARE p(int) AS SELECT x.id FROM a x WHERE ($c) AND \$1 IS NOT NULL" ],
        statements => [ 'EXECUTE p(0)', 'EXECUTE p(1)' ], after => ['DEALLOCATE p'], strict => 1, no_prune => 1 };
} ];
$shapes{cursor} = [ 3, sub {
    my $q = single('cursor');
    return { %$q, before => ['BEGIN'], statements => [ "DECLARE c CURSOR FOR $q->{statements}[0] ORDER BY 1", 'FETCH 3 FROM c', 'MOVE 2 IN c', 'FETCH 5 FROM c', 'FETCH ALL FROM c' ], after => ['ROLLBACK'] };
} ];
$shapes{grouped} = [ 5, sub {
    my $table = pick(@tables);
    my $s = scope($table, 'x');
    my ($c) = where($s, 0);
    my ($n, $group) = (cp_call($s), $table eq 'wild' ? 'x.model_id' : 'x.grp');
    return { category => 'grouped', no_prune => 1, statements => [ pick(
        "SELECT $group, count(*), sum(($n)::numeric) FROM $table x WHERE $c GROUP BY 1",
        "SELECT $group, count(*) FROM $table x GROUP BY 1 HAVING avg($n) > " . below(60) . " AND max($n) > 5",
        "SELECT x.id, $n FROM $table x WHERE $c ORDER BY $n " . pick('ASC', 'DESC') . ', x.id LIMIT ' . between(1, 12),
        "SELECT x.id FROM $table x ORDER BY $n " . pick('ASC', 'DESC') . ' NULLS LAST, x.id LIMIT 5 OFFSET 2',
        "SELECT count(*) FILTER (WHERE $c), count(*) FROM $table x") ] };
} ];
# ORDER BY an expression over cp. Ties may come in any order, so either a unique key ends the list, or only what is equal in ties is shown.
sub sort_clause { my ($key) = @_; return "ORDER BY $key " . pick('', 'ASC', 'DESC', 'DESC') . pick('', '', ' NULLS FIRST', ' NULLS LAST'); }
sub limit_clause {
    return pick_weighted([ 6, sub { 'LIMIT ' . between(1, 12) } ], [ 3, sub { 'LIMIT ' . between(1, 40) . ' OFFSET ' . between(0, 20) } ], [ 1, sub { 'LIMIT 0' } ],
        [ 1, sub { 'LIMIT 5000' } ], [ 1, sub { 'OFFSET ' . between(0, 300) } ], [ 2, sub { '' } ], [ 2, sub { 'FETCH FIRST ' . between(1, 12) . ' ROWS WITH TIES' } ],
        [ 0.5, sub { 'LIMIT NULL' } ], [ 1, sub { 'LIMIT (SELECT 3) OFFSET 1' } ])->();
}
# unique: columns that no two rows share, but for copies of rows in n.
sub topk {
    my ($s, $from, @unique) = @_;
    my ($key) = number($s, pick(0, 0, 0, 1, 2));
    $key = "floor(($key)::float8 / 100)" if chance(30);    # many ties
    my ($sort, $limit) = (sort_clause($key), limit_clause());
    my $other = pick('', '', 'x.grp DESC', cp_call($s) . ' DESC', 'x.t NULLS FIRST, x.note', 'x.id % 3 DESC', 'md5(x.id::text)', 'x.grp, ' . cp_call($s), 'x.t + 1 DESC, x.box');
    $other = '' if $from =~ /wild/;
    my $all = join(', ', $sort, $other || (), @unique);
    return pick_weighted(
        [ 3, sub { join(', ', 'SELECT ' . join(', ', @unique), $key) . " FROM $from $all $limit" } ],
        [ 3, sub { 'SELECT ' . join(', ', @unique) . " FROM $from $all $limit" } ],
        [ 3, sub { "SELECT ($key)::float8 + 0 FROM $from $sort $limit" } ],
        [ @unique > 1 || $from =~ /^n / ? 0 : 3, sub { my $alone = $from =~ s/ WHERE .*//sr; "SELECT (SELECT ($key)::float8 + 0 FROM $alone WHERE x.id = s.id) FROM (SELECT x.id FROM $from $sort $limit) s" } ])->();
}
sub topk_settings { return [ (chance(85) ? ('SET enable_sort = off') : ()), (chance(30) ? ("SET work_mem = '64kB'") : ()), @_ ]; }
$shapes{topk} = [ 14, sub {
    my $table = pick(@tables);
    my $s = scope($table, 'x');
    my $where = chance(50) ? ' WHERE ' . (where($s, pick(0, 1)))[0] : '';
    local $s->{risky} = chance(15);
    my $sql = topk($s, "$table x$where", 'x.id');
    return { category => 'topk', before => topk_settings(), statements => [$sql], ordered => 1, strict => $where eq '' && $table ne 'wild' && $sql !~ /\(SELECT/ };
} ];
# Rows that come from the index: of one table, whose masks are there.
$shapes{topk_index} = [ 6, sub {
    my $table = pick(qw(a b n n));
    my $s = scope($table, 'x');
    my $key = { %$s, rois => [], ints => [], floats => [], risky => chance(15) };
    my $sql = topk($key, "$table x WHERE x.mask IS NOT NULL", 'x.id');
    my @change = chance(40) ? ( 'BEGIN', pick("UPDATE $table SET mask = ~mask WHERE id % 5 = 1 AND mask IS NOT NULL", "DELETE FROM $table WHERE id % 3 = 1", "UPDATE $table SET note = 'hot' WHERE id % 2 = 1") ) : ();
    return { category => 'topk_index', before => [ @{ topk_settings() }, @change ], statements => [$sql], ordered => 1, after => [ @change ? 'ROLLBACK' : () ] };
} ];
$shapes{topk_join} = [ 6, sub {
    my $table = pick(qw(a b p q));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $how = pick('JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
    my $where = chance(40) ? ' WHERE ' . (where($s, pick(0, 1)))[0] : '';
    return { category => 'topk_join', before => topk_settings(@{ pick(@join_settings) }), statements => [ topk($s, "$table x $how r ON r.id = x.id$where", 'x.id', 'r.rid') ], ordered => 1 };
} ];
$shapes{topk_self_join} = [ 3, sub {
    my $table = pick(qw(a b));
    my $s = merged(scope($table, 'x'), scope($table, 'y'));
    return { category => 'topk_self_join', before => topk_settings(), statements => [ topk($s, "$table x " . pick('JOIN', 'LEFT JOIN') . " $table y ON y.id = x.id + 1", 'x.id', 'y.id') ], ordered => 1 };
} ];
$shapes{topk_parallel} = [ 3, sub {
    my $table = pick(@tables);
    my $s = scope($table, 'x');
    my $where = chance(50) ? ' WHERE ' . (where($s, 0))[0] : '';
    return { category => 'topk_parallel', statements => [ topk($s, "$table x$where", 'x.id') ], ordered => 1, before => topk_settings(
        'SET parallel_setup_cost = 0', 'SET parallel_tuple_cost = 0', 'SET min_parallel_table_scan_size = 0', 'SET max_parallel_workers_per_gather = 2') };
} ];
$shapes{topk_cursor} = [ 3, sub {
    my $table = pick(@tables);
    my $scroll = pick('', '', 'SCROLL ', 'NO SCROLL ');
    my @more = $scroll eq 'SCROLL ' ? ('FETCH BACKWARD 4 FROM c', 'FETCH FIRST FROM c') : ();
    return { category => 'topk_cursor', before => [ 'BEGIN', @{ topk_settings() } ], ordered => 1, after => ['ROLLBACK'],
        statements => [ "DECLARE c ${scroll}CURSOR FOR " . topk(scope($table, 'x'), "$table x", 'x.id'), 'FETCH 3 FROM c', 'MOVE 2 IN c', 'FETCH 5 FROM c', @more, 'FETCH ALL FROM c' ] };
} ];
$shapes{topk_prepared} = [ 3, sub {
    my $table = pick(qw(a b p q));
    my $s = scope($table, 'x');
    $s->{params} = { roi => '$1', float => '$4', lo => '$2', hi => '$3' };
    my $sql = topk($s, "$table x WHERE \$1 IS NOT NULL OR \$2 + \$3 + \$4 > -1e9", 'x.id');
    $sql =~ s/(LIMIT|FIRST) [0-9]+/$1 \$5/;
    $sql =~ s/FIRST \$5/FIRST (\$5)/;
    my $n = between(1, 9);
    return { category => 'topk_prepared', ordered => 1, after => ['DEALLOCATE p'],
        before => [ @{ topk_settings() }, 'SET plan_cache_mode = ' . pick(qw(force_generic_plan force_custom_plan auto)), "PREPARE p(roi, float8, float8, float8, bigint) AS $sql" ],
        statements => [ map { 'EXECUTE p(' . join(', ', pick("'full'", "'((3,3),(20,24))'"), pick(0, 0.25, 0.3), pick(0.5, 1), pick(10, 50), pick($n, $n + 5, 'NULL', 0)) . ')' } 1 .. 3 ] };
} ];
$shapes{topk_lateral} = [ 3, sub {
    my $table = pick(qw(a b p));
    my $s = merged(scope($table, 'x'), box_scope('r'));
    my $inner = topk($s, "$table x WHERE x.grp = r.rid % 4", 'x.id');
    my $outer = topk(scope($table, 'x'), "$table x", 'x.id');
    return { category => 'topk_lateral', ordered => 1, before => topk_settings(), statements => [ pick(
        "SELECT r.rid, l.* FROM r, LATERAL ($inner) l WHERE r.rid < 8",
        "SELECT * FROM ($outer) s UNION ALL SELECT * FROM ($outer) t",
        "SELECT count(*) FROM ($outer) s",
        "SELECT * FROM (SELECT id, box, mask FROM a UNION ALL SELECT id, box, mask FROM b) x ORDER BY cp(mask, box, 0.25, 0.75) DESC, id LIMIT 9") ] };
} ];
$shapes{topk_lock} = [ 2, sub {
    my $table = pick(qw(a b p q));
    my $sql = topk(scope($table, 'x'), "$table x", 'x.id');
    $sql =~ s/FETCH FIRST.*//;
    return { category => 'topk_lock', ordered => 1, before => topk_settings(), statements => [ $sql =~ /\(SELECT/ ? $sql : "$sql FOR " . pick('UPDATE', 'SHARE SKIP LOCKED') ] };
} ];
# Joins and aggregates that PostgreSQL does partition by partition.
sub partition_settings { return [ 'SET enable_partitionwise_join = on', 'SET enable_partitionwise_aggregate = on', @{ pick(@join_settings) }, @_ ]; }
my $same_partition = 'r.grp = x.grp AND r.id = x.id';
$shapes{partition_join} = [ 6, sub {
    my $s = merged(scope('p', 'x'), box_scope('r'));
    my $how = pick(qw(JOIN JOIN LEFT RIGHT FULL));
    my $on = $how ne 'FULL' && chance(40) ? ' AND ' . (where($s, pick(0, 1)))[0] : '';
    $how .= ' JOIN' if $how ne 'JOIN';
    return { category => 'partition_join', before => partition_settings(), statements => ["SELECT x.id, r.rid FROM p x $how rp r ON $same_partition$on WHERE " . (where($s, pick(0, 1)))[0]] };
} ];
$shapes{partition_self_join} = [ 3, sub {
    my ($x, $y) = (scope('p', 'x'), scope('p', 'y'));
    my $c = chance(40) ? overlap_comparison($x, $y) : cp_call($x) . ' ' . pick('<', '>=') . ' ' . cp_call($y);
    $c .= ' AND ' . (where(merged($x, $y), 0))[0] if chance(30);
    return { category => 'partition_self_join', before => partition_settings(),
        statements => [ 'SELECT x.id, y.id FROM p x ' . pick('JOIN', 'LEFT JOIN') . ' p y ON y.grp = x.grp AND y.id = x.id + ' . between(0, 4) . " WHERE $c" ] };
} ];
$shapes{partition_aggregate} = [ 3, sub {
    my $s = merged(scope('p', 'x'), box_scope('r'));
    my ($join, $c) = chance(50) ? (" JOIN rp r ON $same_partition", (where($s, 0))[0]) : ('', (where(scope('p', 'x'), 0))[0]);
    my $n = cp_call(scope('p', 'x'));
    return { category => 'partition_aggregate', before => partition_settings(), statements => [
        "SELECT x.grp, count(*), sum(($n)::numeric), max($n) FROM p x$join WHERE $c GROUP BY x.grp" . pick('', " HAVING max($n) > " . below(200), " HAVING count($n) > 3") ] };
} ];
$shapes{partition_topk} = [ 3, sub {
    my $s = merged(scope('p', 'x'), box_scope('r'));
    return { category => 'partition_topk', ordered => 1, before => partition_settings(@{ topk_settings() }),
        statements => [ topk($s, 'p x ' . pick('JOIN', 'JOIN', 'LEFT JOIN', 'FULL JOIN') . " rp r ON $same_partition", 'x.id', 'r.rid') ] };
} ];
$shapes{modify} = [ 7, sub {
    my $table = pick(qw(a b p q s));
    my $s = scope($table, 'x');
    my ($c, $strict) = where($s, pick(0, 1), 1);
    my ($j) = where(merged(scope($table, 'x'), box_scope('r')), 0);
    my $sql = pick_weighted(
        [ 3, "UPDATE $table x SET note = 'hit' WHERE $c RETURNING x.id" ],
        [ 2, "UPDATE $table x SET mask = ~mask WHERE $c RETURNING x.id" ],
        [ 3, "DELETE FROM $table x WHERE $c RETURNING x.id" ],
        [ 2, "UPDATE $table x SET t = 7 FROM r WHERE r.id = x.id AND $j RETURNING x.id" ],
        [ 2, "DELETE FROM $table x USING r WHERE r.id = x.id AND $j RETURNING x.id" ],
        [ 2, $table eq 'q' ? "DELETE FROM $table x WHERE $c RETURNING x.id"     # MERGE takes no inheritance parent before PostgreSQL 17
            : "MERGE INTO $table x USING (SELECT DISTINCT ON (id) * FROM r ORDER BY id, rid) r ON r.id = x.id AND $j WHEN MATCHED AND x.grp = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET note = 'merged'" ]);
    return { category => 'modify', before => ['BEGIN'], statements => [ $sql, "SELECT x.id, x.note, x.t FROM $table x", "SELECT x.id FROM $table x WHERE $c" ], after => ['ROLLBACK'], strict => $strict && $sql !~ / r / };
} ];
$shapes{lock} = [ 3, sub {
    my $q = single('lock');
    return { %$q, statements => [ map { /FROM wild/ ? $_ : "$_ FOR " . pick('UPDATE', 'SHARE') } @{ $q->{statements} } ] };
} ];
$shapes{snapshot} = [ 3, sub {
    my $table = pick(qw(a b));
    my ($c) = where(scope($table, 'x'), 1);
    return { category => 'snapshot', before => [ 'BEGIN ISOLATION LEVEL REPEATABLE READ', 'SAVEPOINT before' ], statements => [
        "SELECT x.id FROM $table x WHERE $c", "UPDATE $table SET mask = ~mask WHERE id % 2 = 0", "SELECT x.id FROM $table x WHERE $c", "UPDATE $table SET note = 'more' WHERE id % 4 < 3",
        "SELECT x.id FROM $table x WHERE $c", 'ROLLBACK TO before', "SELECT x.id FROM $table x WHERE $c" ], after => ['ROLLBACK'] };
} ];

sub categories { return sort keys %shapes; }

# random_query(reader): the role that row security applies to
sub random_query {
    ($reader) = @_;
    my $wanted = $ENV{MQ_CATEGORIES} || '.';
    my $q = pick_weighted(map { [ $shapes{$_}[0], $shapes{$_}[1] ] } grep { /$wanted/ } sort keys %shapes)->();
    $q->{before} ||= [];
    $q->{after} ||= [];
    return $q;
}

require Groups;

1;
