# The server dies in the middle of concurrent inserts, updates and deletes, several times. After recovery the index agrees with its heap.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

seed();
my $node = new_node('crash', conf => "max_wal_size = 64MB\ncheckpoint_timeout = 30s\n");
make_table($node, rows => 100, index => 'WITH (cell_width = 16, cell_height = 16)');

my $insert = 'INSERT INTO t (box, m) SELECT random_box(64), random_mask(64) FROM generate_series(1, 5);';
my $change = "\\set k random(1, 2000)\nUPDATE t SET m = random_mask(64) WHERE id = :k;\nDELETE FROM t WHERE id = :k + 1;";

foreach my $round (1 .. 4)
{
	my $before = $node->safe_psql('postgres', 'SELECT coalesce(max(id), 0) FROM t');
	my $run = start_pgbench($node, 4, 60, $insert, $insert, $change);
	my $wanted = $before + 30 + int(rand(200));
	$node->poll_query_until('postgres', "SELECT max(id) > $wanted FROM t") or die 'no rows arrive';
	# A vacuum in flight, too, in every second round.
	my $vacuum =
	  $round % 2
	  ? undef
	  : IPC::Run::start([ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', 'VACUUM t' ], '<', \undef, '>', \my $out, '2>', \my $err);
	usleep(rand(150_000));

	# An immediate stop quits every process at once; kill -9 gives the postmaster no say at all.
	if ($round <= 2) { $node->stop('immediate'); }
	else { $node->kill9; }
	$run->{handle}->finish;
	$vacuum->finish if $vacuum;
	# Orphaned backends of a killed postmaster hold its shared memory until they notice; its stale pid file has the failed start
	# taken for a running server, which stop() clears.
	my $tries = 0;
	until ($node->start(fail_ok => 1))
	{
		die 'does not start' if ++$tries > 100;
		usleep(100_000);
		$node->stop('fast', fail_ok => 1);
	}

	index_holds($node, "round $round");
	agree($node, "round $round");
}

# Life goes on in the recovered index.
add_rows($node, 50);
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 3 = 0');
$node->safe_psql('postgres', 'VACUUM t');
add_rows($node, 50);
index_holds($node, 'after more work');
agree($node, 'after more work');

$node->stop;
done_testing();
