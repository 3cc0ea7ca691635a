# The background worker does work of any kind that is registered: here one of the server with assertions (src/session/debug_job.cpp),
# which may be done only while no client of the database is in a statement.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('main');
if ($node->safe_psql('postgres', 'SHOW debug_assertions') ne 'on')
{
	$node->stop;
	plan skip_all => 'the kind is there on servers with assertions only';
}

# Polls through the other database: a statement in this one would keep the worker waiting.
sub wait_for
{
	my ($what, $test) = @_;
	for (1 .. 1800)
	{
		return pass($what) if $test->();
		select undef, undef, undef, 0.1;
	}
	return fail($what);
}
my $done = sub { slurp_file($node->logfile) =~ /debug job: $_[0] units done/ };
my $at_work = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'maskquery learner'";

$node->safe_psql('postgres', "LOAD 'maskquery'; SET maskquery.debug_idle_job = 3000; SELECT 1");
wait_for('done while the database is idle', sub { $done->(3000) });
wait_for('the worker has gone', sub { $node->safe_psql('template1', $at_work) == 0 });

# A client is in a statement: it waits for a lock that this test holds through a file that psql is to read.
my ($in, $out, $err) = ("LOAD 'maskquery'; SELECT pg_advisory_lock(1);\n", '', '');
my $holder = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err);
wait_for('the lock is held', sub { $holder->pump_nb; $node->safe_psql('template1', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 1 });
my $busy = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT pg_advisory_lock(1)' ], '<', \undef, '>', \my $o, '2>', \my $e);
wait_for('a client is in a statement', sub { $node->safe_psql('template1', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 1 });
$node->safe_psql('postgres', "LOAD 'maskquery'; SET maskquery.debug_idle_job = 4000; SELECT 1");
wait_for('the worker waits', sub { $node->safe_psql('template1', "$at_work AND wait_event_type = 'Extension'") == 1 });
ok(!$done->(4000), 'and does nothing');
$in .= "SELECT pg_advisory_unlock(1);\n\\q\n";
$holder->finish;
$busy->finish;
wait_for('done when the statement has ended', sub { $done->(4000) });

unlike(slurp_file($node->logfile), qr/TRAP|PANIC|was terminated by signal/, 'no process crashed');
$node->stop;
done_testing();
