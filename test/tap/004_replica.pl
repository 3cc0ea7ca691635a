# A streaming replica answers from the index, after every kind of change on the primary.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

seed();
# wal_consistency_checking has the standby compare every page it replays with the primary's.
my $primary = new_node('primary', init => { allows_streaming => 1 }, conf => "wal_consistency_checking = 'all'\n");
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# compare(WHAT): the standby is caught up, agrees with itself and with the primary, and prunes.
sub compare
{
	my ($what) = @_;
	$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
	index_holds($standby, "standby $what");
	agree($standby, "standby $what");
	is(MaskQuery::answers($standby, 'on', 'postgres'), MaskQuery::answers($primary, 'on', 'postgres'), "$what: the primary's answers");
	my ($masks, $pruned, $accepted, $loaded) = work_of($standby);
	cmp_ok($pruned, '>', 0, "standby $what: $pruned of $masks pruned, $accepted accepted, $loaded loaded");
	return;
}

make_table($primary, rows => 400, index => '');
compare('after the build');

add_rows($primary, 300);
compare('after inserts');

$primary->safe_psql('postgres', 'UPDATE t SET note = note + 1 WHERE id % 2 = 0');    # HOT where the page has room
$primary->safe_psql('postgres', 'UPDATE t SET m = random_mask(64) WHERE id % 5 = 0');
compare('after updates');

$primary->safe_psql('postgres', 'DELETE FROM t WHERE id % 3 = 0');
compare('after deletes');

$primary->safe_psql('postgres', 'VACUUM t');
compare('after vacuum');

add_rows($primary, 300);
compare('after inserts into the space that vacuum freed');

# Segments become thin, are written anew and freed; sessions seal what they insert.
$primary->safe_psql('postgres', 'DELETE FROM t WHERE id % 4 > 0');
$primary->safe_psql('postgres', 'VACUUM t');
compare('after a vacuum that writes segments anew');
add_rows($primary, 600);
compare('after inserts that seal');

$primary->safe_psql('postgres', 'REINDEX INDEX t_m');
compare('after reindex');

$primary->safe_psql('postgres', 'VACUUM FULL t');
compare('after a rewrite of the table');

$primary->safe_psql('postgres', 'TRUNCATE t');
add_rows($primary, 200);
compare('after truncate');

$primary->stop;
$standby->promote;
index_holds($standby, 'promoted');
add_rows($standby, 100);
index_holds($standby, 'promoted, after inserts');
agree($standby, 'promoted, after inserts');

$standby->stop;
done_testing();
