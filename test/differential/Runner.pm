# Runs batches of queries through psql, every query in every mode, and tells what came out.
package Runner;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(run_sql run_queries modes);

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

# One batch in one session. Returns for each query { mode => { rows => text (sorted unless the query is `ordered`), states => [SQLSTATE...], messages => text,
# masks, decided, loaded } }; a mode that is missing means that the session died.
sub run_queries {
    my ($database, @queries) = @_;
    my $text = "SET client_min_messages = error;\nSET jit = off;\n\\set VERBOSITY sqlstate\n";
    for my $i (0 .. $#queries) {
        for my $mode (@modes) {
            my $q = $queries[$i];
            $text .= "RESET ALL;\nSET client_min_messages = error;\nSET jit = off;\n$mode->[1]\n\\echo =query $i $mode->[0]\n";
            $text .= "$_;\n" for @{ $q->{before} };
            $text .= "$_;\n\\echo =state :SQLSTATE :LAST_ERROR_MESSAGE\n" for @{ $q->{statements} };
            $text .= "\\echo =skip\n";
            $text .= "$_;\n" for @{ $q->{after} };
            $text .= "SELECT '=masks', s.statements, q.masks, q.pruned + q.accepted, q.loaded FROM maskquery_stats s, maskquery_last_query() q;\n";
        }
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

1;
