# Random UPDATE, DELETE and SELECT FOR UPDATE (READ COMMITTED) that meet rows which another transaction has changed and not yet committed:
# they wait, and judge the new versions once more (EvalPlanQual). The same schedule runs on a twin of the table without an index; the
# tables, and the rows that were locked, must be the same in the end. PostgreSQL's isolationtester knows when a session waits.
use strict;
use warnings;

use File::Basename;
use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/../differential";
use Dice;
use Expressions;
use IPC::Run;
use MaskQuery;
use Masks;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $schedules = $ENV{MASKQUERY_SCHEDULES} // 60;    # about 20 s
my $node = new_node('conflicts');
my $tester = dirname($ENV{PG_REGRESS}) . '/../isolation/isolationtester';

# A clause that a spec can hold (its SQL has no braces), about x and maybe r.
sub condition
{
	my ($joined) = @_;
	my %scope = (
		masks => ['x.mask'], rois => [ 'x.box', $joined ? 'r.roi' : () ], ints => ['x.t'], floats => ['x.f'], risky => 0, used_risk => 0, params => {},
		others => [ 'x.grp = 1', 'x.id % 3 = 0', 'x.t > 200', 'x.f < 0.5' ]);
	while (1)
	{
		my $clause = clause(\%scope, pick(0, 0, 1));
		return $clause if $clause !~ /[{}]/;
	}
}

# What the first transaction does, without waiting for anybody.
sub change
{
	my ($d, $r) = (between(2, 5), below(2));
	return pick_weighted(
		[ 4, "UPDATE TABLE SET mask = ~mask WHERE id % $d = $r" ],
		[ 2, "UPDATE TABLE SET mask = (SELECT mask FROM source s WHERE s.id = 1 + (TABLE.id + 7) % 60) WHERE id % $d = $r" ],
		[ 1, "UPDATE TABLE SET mask = NULL WHERE id % $d = $r" ],
		[ 2, "UPDATE TABLE SET t = t + 50, note = note || '.' WHERE id % $d = $r" ],
		[ 2, "UPDATE TABLE SET box = '((4,4),(20,20))' WHERE id % $d = $r" ],
		[ 1, "UPDATE TABLE SET f = 1 - f WHERE id % $d = $r" ],
		[ 1, "DELETE FROM TABLE WHERE id % $d = $r" ]);
}

# What the second one does meanwhile. A row of r meets one row of the table at most, so that it does not depend on the plan which of
# several partners is the one that counts.
sub conflicting
{
	my ($alone, $joined) = (condition(0), condition(1));
	return pick_weighted(
		[ 3, "UPDATE TABLE x SET note = note || '!' WHERE $alone" ],
		[ 2, "UPDATE TABLE x SET mask = ~mask WHERE $alone" ],
		[ 3, "DELETE FROM TABLE x WHERE $alone" ],
		[ 2, "UPDATE TABLE x SET note = note || r.id FROM r WHERE r.id = x.id AND $joined" ],
		[ 2, "DELETE FROM TABLE x USING r WHERE r.id = x.id AND $joined" ],
		[ 2, "WITH s AS (SELECT x.id FROM TABLE x WHERE $alone FOR UPDATE) INSERT INTO locked SELECT 'TABLE', id FROM s" ],
		[ 1, "WITH s AS (SELECT x.id FROM TABLE x JOIN r ON r.id = x.id WHERE $joined FOR UPDATE OF x) INSERT INTO locked SELECT 'TABLE', id FROM s" ]);
}

# step(SESSION, NAME, SQL with TABLE): the step of the same name in both sessions of this kind.
my %steps;
sub step
{
	my ($session, $name, $sql) = @_;
	foreach my $table (qw(indexed plain))
	{
		my $own = $sql =~ s/\bTABLE\b/$table/gr;
		push @{ $steps{"${session}_$table"} }, "step ${name}_$table { $own; }\n";
	}
}

my $rows = join ",\n", map {
	my $mask = chance(5) ? 'NULL' : "'" . random_mask(32, 32, 'f32') . "'";
	"($_, " . below(4) . ', ' . below(1024) . ', ' . sprintf('%.2f', rand()) . ", '" . random_roi(32, 32) . "', $mask, '')"
} 1 .. 60;
my $boxes = join ",\n", map { "($_, '" . random_roi(32, 32) . "')" } 1 .. 60;
$node->safe_psql('postgres', "
	CREATE TABLE source (id int, grp int, t int, f float8, box roi, mask mask, note text);
	INSERT INTO source VALUES $rows;
	CREATE TABLE r (id int PRIMARY KEY, roi roi);
	INSERT INTO r VALUES $boxes;
	ANALYZE;");

my @permutations;
for my $k (1 .. $schedules)
{
	step('first', "begin$k", 'BEGIN');
	my @changes = map { step('first', "change${k}_$_", change()); "change${k}_$_" } 1 .. between(1, 3);
	step('first', "end$k", pick('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'));
	# The plans that the indexed table may get; the other one has no choice.
	step('second', "conflict$k", pick('', 'SET enable_seqscan = off; ', 'SET maskquery.enable_chi_scan = off; ', 'SET enable_hashjoin = off; SET enable_mergejoin = off; ')
		  . conflicting() . '; RESET ALL');
	push @permutations, join ' ', 'permutation', map({ ("${_}_indexed", "${_}_plain") } "begin$k", @changes, "conflict$k", "end$k"), 'check';
}

my $spec = q{
setup
{
	CREATE TABLE plain AS TABLE source;
	CREATE TABLE indexed AS TABLE source;
	CREATE INDEX ON indexed USING chi (mask) WITH (grid_x = 4, grid_y = 4, bins = 8);
	CREATE TABLE locked (what text, id int);
}
setup { ANALYZE plain, indexed; }
teardown { DROP TABLE plain, indexed, locked; }
} . join('', map { "session $_\n" . join('', @{ $steps{$_} }) } sort keys %steps) . q{
session checker
step check
{
	SELECT 'conflict left ' || count(*) || ' rows, ' || count(*) FILTER (WHERE note <> '') || ' of them changed, ' || (SELECT count(*) FROM locked) || ' locked' AS told FROM plain;
	SELECT 'differ: ' || d.* AS told FROM (
		(SELECT id, grp, t, f, box::text, mask::text, note FROM indexed EXCEPT ALL SELECT id, grp, t, f, box::text, mask::text, note FROM plain) UNION ALL
		(SELECT id, grp, t, f, box::text, mask::text, note FROM plain EXCEPT ALL SELECT id, grp, t, f, box::text, mask::text, note FROM indexed)) d;
	SELECT 'differ: locked ' || id AS told FROM locked GROUP BY id HAVING count(*) FILTER (WHERE what = 'plain') <> count(*) FILTER (WHERE what = 'indexed');
}
} . join("\n", @permutations) . "\n";

my ($out, $err) = ('', '');
my $ended = IPC::Run::run([ $tester, $node->connstr('postgres') ], '<', \$spec, '>', \$out, '2>', \$err);
append_to_file(PostgreSQL::Test::Utils::tempdir() . '/spec', $spec);
ok($ended, "isolationtester ran $schedules schedules") or diag($err);
my @told = $out =~ /^(conflict left .*)$/mg;
is(scalar(@told), $schedules, 'every schedule came to its end');
my @waits = $out =~ /^step conflict\d+_indexed: .*<waiting \.\.\.>$/mg;
cmp_ok(scalar(@waits), '>', $schedules / 4, scalar(@waits) . ' statements waited for rows of the other transaction');
my ($schedule, @wrong) = ('');
foreach my $line (split /\n/, $out)
{
	$schedule = $line if $line =~ /^starting permutation/;
	push @wrong, "$schedule\n$line" if $line =~ /^ *differ: |^ERROR|ERROR:/;
}
is(join("\n", @wrong), '', 'the indexed table and its twin are the same afterwards');
note(join "\n", @told);

$node->stop;
done_testing();
