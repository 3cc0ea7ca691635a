# CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY while rows are inserted, updated and deleted.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
my $node = new_node('concurrent');
make_table($node, rows => 500);

my @scripts = (
	'INSERT INTO t (box, m) SELECT random_box(64), random_mask(64) FROM generate_series(1, 2);',
	"\\set k random(1, 1000)\nUPDATE t SET m = random_mask(64) WHERE id = :k;",
	"\\set k random(1, 1000)\nUPDATE t SET note = note + 1 WHERE id = :k;",
	"\\set k random(1, 1000)\nDELETE FROM t WHERE id = :k;");

# Runs SQL while pgbench writes; one test that neither met an error.
sub under_load
{
	my ($what, @sql) = @_;
	my $last = $node->safe_psql('postgres', 'SELECT max(id) FROM t');
	my $run = start_pgbench($node, 3, 5, @scripts);
	$node->poll_query_until('postgres', "SELECT max(id) > $last + 4 FROM t") or die 'no rows arrive';
	my $errors = '';
	foreach my $sql (@sql)
	{
		my ($rc, $out, $err) = $node->psql('postgres', $sql);
		$errors .= $err;
	}
	is($errors, '', "$what under load");
	finish_pgbench($run, "$what: the writers");
	index_holds($node, $what);
	agree($node, $what);
	return;
}

under_load('create index concurrently', 'CREATE INDEX CONCURRENTLY t_m ON t USING chi (m)');
under_load('reindex concurrently', ('REINDEX INDEX CONCURRENTLY t_m') x 3);
# Not REINDEX TABLE: it would rebuild the index of the TOAST table under its writers as well, which is not what is tested here.
under_load(
	'reindex of all indexes concurrently and vacuum',
	'REINDEX INDEX CONCURRENTLY t_pkey', 'REINDEX INDEX CONCURRENTLY t_m',
	'VACUUM t', 'REINDEX INDEX CONCURRENTLY t_m', 'VACUUM t');
cmp_ok((work_of($node))[1], '>', 0, 'masks are pruned');

my $invalid = $node->safe_psql('postgres', 'SELECT count(*) FROM pg_index WHERE NOT indisvalid');
is($invalid, 0, 'no invalid index is left');

$node->stop;
done_testing();
