# Runs batches of queries through psql, every query in every mode, and tells what came out.
package Runner;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(run_sql run_queries modes failure account);

# Settings of each mode: no pruning; guards in PostgreSQL's own plans; whatever the planner chooses; CHI Scan wherever it is possible;
# verify, which raises an error when bounds took a wrong decision.
my @modes = (
    [ off    => 'SET maskquery.enable_pruning = off;' ],
    [ guards => 'SET maskquery.enable_chi_scan = off;' ],
    [ on     => '' ],
    [ scan   => 'SET enable_seqscan = off; SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_tidscan = off;' ],
    [ verify => 'SET maskquery.verify = on;' ]);

sub modes { return map { $_->[0] } @modes; }

# psql(database, text, options...): returns its output and whether it succeeded. -X: no personal settings.
sub psql {
    my ($database, $text, @options) = @_;
    my $file = ($ENV{TMPDIR} || '/tmp') . "/maskquery-differential-$$.sql";
    open(my $out, '>', $file) or die "cannot write $file: $!";
    print $out $text;
    close($out) or die "cannot write $file: $!";
    open(my $in, '-|', "psql -X -q -A -t @options -d $database -f '$file' 2>&1") or die "cannot run psql: $!";
    local $/;
    my $result = <$in>;
    my $ok = close($in);
    unlink($file);
    return ($result, $ok);
}

# Runs SQL that has to succeed.
sub run_sql {
    my ($database, $text) = @_;
    my ($result, $ok) = psql($database, "SET client_min_messages = warning;\n$text", '-v', 'ON_ERROR_STOP=1');
    die "failed:\n" . substr($result, -2000) . "\n" if !$ok;
    return $result;
}

# One batch in one session; %options: one_snapshot => 1 runs each query in all modes in one transaction, REPEATABLE READ, so that they see
# the same whatever other sessions do. Returns for each query { mode => { rows => text (of each statement, or of all if the query wants them `together`; sorted unless it is `ordered`), states => [SQLSTATE...], messages => text,
# masks, decided, loaded } }; a mode that is missing means that the session died.
sub run_queries {
    my ($database, $queries, %options) = @_;
    my @queries = @$queries;
    my $text = "SET client_min_messages = error;\nSET jit = off;\n\\set VERBOSITY sqlstate\n";
    $text .= "\\set ON_ERROR_ROLLBACK on\n" if $options{one_snapshot};
    for my $i (0 .. $#queries) {
        $text .= "BEGIN ISOLATION LEVEL REPEATABLE READ;\n" if $options{one_snapshot};
        for my $mode (@modes) {
            my $q = $queries[$i];
            $text .= "RESET ALL;\nSET client_min_messages = error;\nSET jit = off;\n$mode->[1]\n\\echo =query $i $mode->[0]\n";
            $text .= "$_;\n" for @{ $q->{before} };
            $text .= "$_;\n\\echo =state :SQLSTATE :LAST_ERROR_MESSAGE\n" for @{ $q->{statements} };
            $text .= "\\echo =skip\n";
            $text .= "$_;\n" for @{ $q->{after} };
            $text .= "SELECT '=masks', s.statements, q.masks, q.pruned + q.accepted, q.loaded FROM maskquery_stats s, maskquery_last_query() q;\n";
        }
        $text .= "COMMIT;\n" if $options{one_snapshot};
    }
    my ($output) = psql($database, $text);
    my (@results, $current, @rows);
    my ($skip, $statements, $number) = (1, 0, 0);
    for my $line (split(/\n/, $output)) {
        if ($line =~ /^=query (\d+) (\w+)$/) {
            $number = $1;
            $current = $results[$1]{$2} = { rows => '', states => [], messages => '', masks => 0, decided => 0, loaded => 0 };
            $skip = 0;
        } elsif ($line =~ /^=state (\S+) ?(.*)$/) {
            push @{ $current->{states} }, $1;
            $current->{messages} .= "$1: $2\n" if $1 ne '00000';
            next if $queries[$number]{together} && @{ $current->{states} } < @{ $queries[$number]{statements} };
            @rows = sort(@rows) if !$queries[$number]{ordered};
            $current->{rows} .= join("\n", @rows) . "\n--\n";
            @rows = ();
        } elsif ($line eq '=skip') {
            $skip = 1;
        } elsif ($line =~ /^=masks\|(\d+)\|(\d+)\|(\d+)\|(\d+)$/) {
            # A query that came to no cp leaves the figures of the one before.
            next if $1 == $statements;
            $statements = $1;
            @$current{qw(masks decided loaded)} = ($2, $3, $4);
        } elsif (!$skip && $line !~ /^psql:/) {
            push @rows, $line;
        }
    }
    return \@results;
}

# Why two runs of a query differ, or nothing. A run without error may be let pass beside one with (see Queries.pm): then $$tolerated is counted up.
sub difference {
    my ($q, $off, $other, $tolerated) = @_;
    return 'the session ended' if !$off || !$other || @{ $other->{states} } != @{ $q->{statements} };
    my ($x, $y) = ("@{$off->{states}}", "@{$other->{states}}");
    if ($x ne $y) {
        if (!$q->{strict} && ($x =~ /^(00000 )*22/ || $y =~ /^(00000 )*22/) && "$x $y" !~ /XX|42|57/) {
            $$tolerated++;
            return;
        }
        return 'errors differ';
    }
    return 'rows differ' if $off->{rows} ne $other->{rows};
    return 'an internal error' if $x =~ /XX|58|57/;
    return;
}

# Why the runs of a query fail the test, or nothing.
sub failure {
    my ($q, $result, $tolerated) = @_;
    for my $mode (grep { $_ ne 'off' } modes()) {
        my $why = difference($q, $result->{off}, $result->{$mode}, $tolerated);
        return "$mode: $why" if $why;
    }
    # 0A000: what PostgreSQL does not support is no fault of the query's; all else of class 42 is the generator's.
    return 'the query is wrong' if "@{$result->{off}{states}}" =~ /\b42/;
    return;
}

# A query that fails, and what it gave in every mode.
sub account {
    my ($q, $result) = @_;
    my $text = join('', map { "  $_;\n" } @{ $q->{before} }, @{ $q->{statements} });
    for my $mode (modes()) {
        my $r = $result->{$mode};
        if (!$r) { $text .= "  $mode: no answer\n"; next; }
        my $rows = length($r->{rows}) > 1500 ? substr($r->{rows}, 0, 1500) . ' ...' : $r->{rows};
        $text .= "  $mode: states @{$r->{states}}\n" . join('', map({ "    $_\n" } split(/\n/, $r->{messages})), map({ "    | $_\n" } split(/\n/, $rows)));
    }
    return $text;
}

1;
