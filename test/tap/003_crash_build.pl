# The server dies in the middle of CREATE INDEX; and unlogged tables come back empty, with a usable index.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

seed();
my $node = new_node('build');
make_table($node, rows => 4000);

# How long a build takes here, to die at a random moment of it.
my $started = Time::HiRes::time();
$node->safe_psql('postgres', 'CREATE INDEX t_m ON t USING chi (m); DROP INDEX t_m');
my $duration = Time::HiRes::time() - $started;

foreach my $round (1 .. 3)
{
	my $build = IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', 'CREATE INDEX t_m ON t USING chi (m)' ],
		'<', \undef, '>', \my $out, '2>', \my $err);
	$node->poll_query_until('postgres',
		"SELECT EXISTS (SELECT FROM pg_stat_progress_create_index) OR EXISTS (SELECT FROM pg_class WHERE relname = 't_m')")
	  or die 'the build does not start';
	usleep(rand($duration) * 1e6);
	$node->stop('immediate');
	$build->finish;
	$node->start;
	if ($node->safe_psql('postgres', "SELECT count(*) FROM pg_class WHERE relname = 't_m'") eq '1')
	{
		note("round $round: the build had ended");
		index_holds($node, "round $round");
		$node->safe_psql('postgres', 'DROP INDEX t_m');
	}
	agree($node, "round $round, without an index");
}

$node->safe_psql('postgres', 'CREATE INDEX t_m ON t USING chi (m)');
index_holds($node, 'built after crashes');
agree($node, 'built after crashes');

# A session that is told to stop or to end in the middle of a build waits for the threads that work for it.
foreach my $round (1 .. 6)
{
	my $stop = $round % 2 ? 'pg_cancel_backend' : 'pg_terminate_backend';
	my $build = IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', 'SET maskquery.threads = 2', '-c', 'CREATE INDEX t_n ON t USING chi (m)' ],
		'<', \undef, '>', \my $out, '2>', \my $err);
	$node->poll_query_until('postgres',
		"SELECT EXISTS (SELECT FROM pg_stat_progress_create_index) OR EXISTS (SELECT FROM pg_class WHERE relname = 't_n')")
	  or die 'the build does not start';
	usleep(rand($duration) * 8e5);
	$node->safe_psql('postgres', "SELECT $stop(pid) FROM pg_stat_progress_create_index");
	$build->finish;
	$node->safe_psql('postgres', 'DROP INDEX IF EXISTS t_n');
}
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC:/, 'no process died of being stopped while it built');
index_holds($node, 'after builds that were stopped');

# A build that ended just before the crash is whole: nothing of it was left in memory only.
$node->safe_psql('postgres', 'DROP INDEX t_m');
$node->safe_psql('postgres', 'CREATE INDEX t_m ON t USING chi (m)');
$node->stop('immediate');
$node->start;
index_holds($node, 'crash right after the build');
agree($node, 'crash right after the build');

$node->safe_psql('postgres', 'DROP TABLE t');
make_table($node, rows => 100, unlogged => 1, index => '');
index_holds($node, 'unlogged');
$node->stop('immediate');
$node->start;
is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), 0, 'an unlogged table is empty after a crash');
index_holds($node, 'unlogged, after a crash');
agree($node, 'unlogged, after a crash');
add_rows($node, 100);
index_holds($node, 'unlogged, filled again');
agree($node, 'unlogged, filled again');
cmp_ok((work_of($node))[1], '>', 0, 'unlogged, filled again: masks are pruned');

$node->stop;
done_testing();
