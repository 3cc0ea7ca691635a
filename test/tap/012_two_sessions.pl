# Random queries while other sessions change the tables and their indexes. Each query runs in every mode of the differential tests within one
# snapshot (REPEATABLE READ), so its answers have to agree whatever happens around it. First beside two writers: inserts that seal
# segments, updates, deletes, VACUUM, DROP and CREATE INDEX, REINDEX, rollbacks. Then by cursors: what seals segments, writes them anew
# and gives their pages to others is done after the first rows of each were fetched. MASKQUERY_SECONDS (12) for each of the two.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/../differential";
use Dice;
use Expressions;
use MaskQuery;
use POSIX ();
use PostgreSQL::Test::Utils;
use Queries;
use Runner;
use Tables;
use Test::More;
use Time::HiRes qw(time);

my $seed = seed();
my $seconds = $ENV{MASKQUERY_SECONDS} // 12;
my $node = new_node('two_sessions');
@ENV{qw(PGHOST PGPORT TMPDIR)} = ($node->host, $node->port, PostgreSQL::Test::Utils::tempdir());
my ($database, $reader) = ('postgres', 'two_sessions_reader');
my $stop = PostgreSQL::Test::Utils::tempdir() . '/stop';

# data/load.sql reads its files from the top of the repository.
chdir("$FindBin::RealBin/../..") or die "cannot enter the repository: $!";
run_sql($database, "CREATE ROLE $reader;\nDROP EXTENSION maskquery;\n\\set images 40\n\\i data/load.sql\n");
run_sql($database, create_tables(300, $reader) . "CREATE SEQUENCE fresh START 1000000;\n"
	  # VACUUM would wait for the readers' locks, some seconds each time.
	  . join('', map { "ALTER TABLE $_ SET (vacuum_truncate = off);\n" } qw(a b n)));

# What makes a backend seal, and what VACUUM has to take out. Rows that others have locked are passed over: no deadlocks.
my $columns = 'grp, t, f, box, mask, note';
sub fill_and_thin
{
	my ($table) = @_;
	my $insert = "INSERT INTO $table (id, $columns) SELECT nextval('fresh'), x.grp, x.t, x.f, x.box, "
	  . pick('x.mask', '~x.mask') . ", 'filled' FROM $table x, generate_series(1, 2) LIMIT 400;\n";
	my $delete = "DELETE FROM $table WHERE id IN (SELECT id FROM $table WHERE "
	  . pick('id >= 1000000', 'id % 2 = 0 AND id >= 1000000', "note = 'filled' AND grp < 3")
	  . " ORDER BY id LIMIT 450 FOR UPDATE SKIP LOCKED);\n";
	return pick($insert, "BEGIN;\n${insert}ROLLBACK;\n", "BEGIN;\nSAVEPOINT s;\n${insert}ROLLBACK TO s;\n${delete}COMMIT;\n")
	  . $delete . pick('', "VACUUM (INDEX_CLEANUP ON) $table;\n", "SELECT chi_check(indexrelid) FROM pg_index WHERE indrelid = '$table'::regclass AND indisvalid AND indexrelid::regclass::text LIKE '%mask';\n");
}

# A child that changes tables until the parent says stop; its exit status tells whether all went well.
sub start_writer
{
	my ($number, $changes) = @_;
	my $pid = fork() // die "cannot fork: $!";
	return $pid if $pid;
	srand($seed + $number);
	my ($rounds, $failure) = (0, '');
	while (!-e $stop && !$failure)
	{
		my $sql = $changes->();
		eval { run_sql($database, $sql); 1 } or $failure = $@;
		# Two writers may meet in opposite order; or one drops the index that the other is about to check.
		$failure = '' if $failure =~ /deadlock detected|could not open relation with OID/;
		$rounds++;
	}
	append_to_file("$stop.$number", "$rounds rounds\n$failure");
	# No END blocks: they stop the parent's server.
	POSIX::_exit($failure || !$rounds ? 1 : 0);
}

my @writers = (start_writer(1, \&mutate_tables), start_writer(2, sub { fill_and_thin(pick(qw(a a b n))) }));

# Queries that change nothing, lock nothing and need no transaction of their own.
sub quiet_query
{
	while (1)
	{
		my $q = random_query($reader);
		return $q if $q->{category} !~ /modify|lock|snapshot/ && "@{ $q->{before} } @{ $q->{after} }" !~ /BEGIN|ROLLBACK/;
	}
}

# Asks queries for so many seconds; two tests.
sub ask
{
	my ($what, $make) = @_;
	my ($queries, $decided, $tolerated, @failures) = (0, 0, 0);
	my $end = time() + $seconds;
	while (time() < $end)
	{
		my @queries = map { $make->() } 1 .. 5;
		my $results = run_queries($database, \@queries, one_snapshot => 1);
		for my $i (0 .. $#queries)
		{
			my $why = failure($queries[$i], $results->[$i], \$tolerated);
			push @failures, "$queries[$i]{category}: $why\n" . account($queries[$i], $results->[$i]) if $why;
			$decided += $results->[$i]{on}{decided} // 0;
			$queries++;
		}
	}
	is("@failures", '', "$queries queries $what gave the same in every mode");
	cmp_ok($decided, '>', 0, "bounds decided $decided masks");
	return;
}

ask('beside two writers', \&quiet_query);
append_to_file($stop, '');
for my $number (1 .. @writers)
{
	waitpid($writers[ $number - 1 ], 0);
	my $status = $?;
	my $told = slurp_file("$stop.$number");
	is($status, 0, "writer $number went on without an error: " . (split /\n/, $told)[0]);
	diag($told) if $status;
}

# A cursor over a query of one table, and what happens to the table when a few rows were fetched.
my $changes_made = 0;
my $changes = PostgreSQL::Test::Utils::tempdir() . '/changes';
sub half_read_query
{
	my $table = pick(qw(a b n));
	my %scope = (
		masks => ['x.mask'], rois => ['x.box'], ints => ['x.t'], floats => ['x.f'], risky => 0, used_risk => 0, params => {},
		others => [ 'x.grp = 1', 'x.id % 3 = 0', 'x.f < 0.5' ]);
	my $where = clause(\%scope, pick(0, 0, 1));
	my $few = between(1, 40);
	my $file = "$changes." . ++$changes_made;
	append_to_file($file, join '', map { fill_and_thin($table) . "VACUUM (INDEX_CLEANUP ON) $table;\n" } 1 .. 2);
	return {
		category => 'half read', together => 1, before => [], after => ['CLOSE c'],
		statements => [
			"DECLARE c CURSOR FOR SELECT x.id FROM $table x WHERE $where", "FETCH $few FROM c",
			"\\! psql -X -q -A -t -v ON_ERROR_STOP=1 -d $database -f $file >$file.out 2>&1 || cat $file.out",
			'FETCH ALL FROM c' ] };
}
ask('whose rows were fetched in part', \&half_read_query);

my $indexes = $node->safe_psql($database, "SELECT indexrelid::regclass FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am am ON am.oid = relam WHERE amname = 'chi' AND relkind = 'i' AND indisvalid");
index_holds($node, "$_ afterwards", $_) foreach split /\n/, $indexes;

$node->stop;
done_testing();
