# Damaged map pages: pointers to blocks that lead elsewhere or do not exist, pages of zeros, a file that has lost its end, line pointers
# that no row can have. Every statement ends, with an answer or with an error that names the index; none waits for a lock that it holds.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use MaskQuery;
use PostgreSQL::Test::Utils;
use Test::More;

# A statement that takes longer hangs: each works on a few pages.
my $patience = 60;

seed();
my ($major) = `pg_config --version` =~ /(\d+)/;
my $node = new_node('map', init => { $major >= 18 ? (extra => ['--no-data-checksums']) : () });
make_table($node, rows => 60, side => 32, index => 'WITH (cell_width = 8, cell_height = 8)');
add_rows($node, 12, 32);
# The files of the table and of this index are put back in each round, those of another index would be ahead of them.
$node->safe_psql('postgres', 'ALTER TABLE t DROP CONSTRAINT t_pkey');
# So that VACUUM has something to remove.
$node->safe_psql('postgres', 'DELETE FROM t WHERE id % 7 = 0');
my $query = 'SET enable_seqscan = off; SELECT count(*) FROM t WHERE cp(m, roi(5, 5, 20, 20), 0.5, 1.0) > 60';
my $plan = $node->safe_psql('postgres', $query =~ s/SELECT/EXPLAIN SELECT/r);
$node->safe_psql('postgres', 'CHECKPOINT');
my ($path, $heap) = map { $node->data_dir . "/$_" }
  split /\n/, $node->safe_psql('postgres', "SELECT pg_relation_filepath(r) FROM (VALUES (1, 't_m'), (2, 't')) v(n, r) ORDER BY n");
my $size = 8192;
$node->stop;
my $good = slurp_file($path);
my $good_heap = slurp_file($heap);
my $blocks = length($good) / $size;

# Kinds of pages, and where the first of each lies.
my ($META, $ROOT, $DIRECTORY, $TIDS, $ENTRIES, $SEGMENT) = (1 .. 6);
my @kind = map { ord substr($good, $_ * $size + $size - 8, 1) } 0 .. $blocks - 1;
my %first;
$first{ $kind[$_] } //= $_ foreach 0 .. $blocks - 1;
my ($first_part) = grep { $kind[$_ / $size] == $SEGMENT && unpack('V', substr($good, $_ + 24 + 8, 4)) == 0 } map { $_ * $size } 0 .. $blocks - 1;
note("kinds of the pages: @kind");
is_deeply([ sort keys %first ], [ $META .. $SEGMENT ], 'the index has pages of all kinds');

like($plan, qr/CHI Scan/, 'the query reads all of the map');

# try_sql(WHAT, SQL): one test: it succeeds, or names the damage; returns the SQLSTATE.
sub try_sql
{
	my ($what, $sql) = @_;
	my ($out, $err, $late) = ('', '', 0);
	my $rc = $node->psql(
		'postgres', $sql,
		stdout => \$out,
		stderr => \$err,
		timeout => $patience,
		timed_out => \$late,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	if ($late)
	{
		fail("$what: ends");
		return 'hang';
	}
	my ($state) = $err =~ /(?:ERROR|FATAL|PANIC):  ([0-9A-Z]{5}):/;
	$state = $rc == 0 ? '00000' : $state // 'lost';
	ok($state eq '00000' || $state eq 'XX002' && $err =~ /HINT:.*REINDEX/s, "$what: $state") or diag($err);
	return $state;
}

my $insert = 'BEGIN; INSERT INTO t (box, m) SELECT random_box(32), random_mask(32) FROM generate_series(1, 3); ROLLBACK';
my $far = 'BEGIN; SET LOCAL maskquery.enable_pruning = off; UPDATE t SET m = random_mask(32); ROLLBACK';
my $top = 'SELECT id FROM t ORDER BY cp(m, box, 0.3, 1.0) DESC LIMIT 5';
my $vacuum = 'VACUUM (INDEX_CLEANUP ON) t';

sub write_file
{
	my ($name, $bytes) = @_;
	open my $file, '>:raw', $name or die "$name: $!";
	print $file $bytes;
	close $file;
	unlink "${name}_fsm", "${name}_vm";
	return;
}

# damage(WHAT, BYTES, SQL, ...): these statements with the index file replaced, and the table as it was at first.
sub damage
{
	my ($what, $bytes, @sql) = @_;
	write_file($path, $bytes);
	write_file($heap, $good_heap);
	$node->start;
	my %states;
	foreach my $sql (@sql)
	{
		my ($word) = $sql =~ /(INSERT|UPDATE|VACUUM|SELECT)/;
		$states{$word} = try_sql("$what: $word", $sql);
		next if $states{$word} ne 'hang';
		$node->stop('immediate');
		$node->start;
		last;
	}
	# With a checkpoint: recovery would mend the next round's pages.
	$node->stop;
	unlike(slurp_file($node->logfile), qr/terminated by signal (?!3)|TRAP:|PANIC:/, "$what: no process died");
	return %states;
}

# with_block(BYTES, BLOCK, OFFSET in its content, NUMBER): a block number put there.
sub with_block
{
	my ($bytes, $block, $offset, $number) = @_;
	substr($bytes, $block * $size + 24 + $offset, 4) = pack('V', $number);
	return $bytes;
}

foreach my $kept (1 .. $blocks - 1)
{
	damage("cut to $kept blocks", substr($good, 0, $kept * $size), $insert, $query, $far, $vacuum, $insert);
}

foreach my $block (1 .. $blocks - 1)
{
	my $bytes = $good;
	substr($bytes, $block * $size, $size) = "\0" x $size;
	damage("block $block, of kind $kind[$block], of zeros", $bytes, $insert, $query, $vacuum, $insert, $far);
	damage("block $block, of kind $kind[$block], of zeros, vacuumed first", $bytes, $vacuum, $far, $insert);
}

# Where a parent keeps the number of its first child.
my %pointer = ($META => 2088, $ROOT => 8, $DIRECTORY => 8);
foreach my $parent ($META, $ROOT, $DIRECTORY)
{
	foreach my $target (0 .. $blocks + 1, 0xFFFFFFFE, 0xFFFFFFFF)
	{
		my $bytes = with_block($good, $first{$parent}, $pointer{$parent}, $target);
		next if $bytes eq $good;
		my %states = damage("child of kind " . ($parent + 1) . " at block $target", $bytes, $insert, $query, $far, $vacuum);
		# 0 says that there is no page yet: the rows are lost, which chi_check finds.
		is($states{INSERT}, 'XX002', "and INSERT says so") if $target != 0 && $target < $blocks;
	}
}

# A chunk with a line pointer that no row has: VACUUM does not ask the table about it.
my $at = $first{$ENTRIES} * $size;
my ($upper) = unpack('v', substr($good, $at + 14, 2));
foreach my $number (0, 292, 0xFFFF)
{
	my $bytes = $good;
	substr($bytes, $at + $upper + 4, 2) = pack('v', $number);
	my %states = damage("chunk of line pointer $number", $bytes, $vacuum, $query, $insert);
	is($states{VACUUM}, 'XX002', 'and VACUUM says so');
}

# A slot of a heap block that the table does not have.
{
	my $bytes = $good;
	my $page = $first{$TIDS} * $size + 24;
	substr($bytes, $page + 8 + 2 * 15, 2) = pack('v', 2);
	substr($bytes, $page + 40 + 6 * (15 * 84), 12) = substr($good, $page + 40, 12);
	my %states = damage('slots of rows beyond the table', $bytes, $vacuum, $insert, $query);
	is($states{SELECT}, 'XX002', 'and a query says so');
}

# Blocks of a segment that do not exist, or are pages of the map; TIDs of its rows that no row can have.
my ($rows, $parts) = (unpack('v', substr($good, $first_part + 24 + 24, 2)), unpack('V', substr($good, $first_part + 24 + 20, 4)));
my $list = 24 + 32 + int((6 * $rows + 3) / 4) * 4;
foreach my $target (0, $first{$TIDS}, $blocks, 0x7FFFFFFF, 0xFFFFFFFF)
{
	my $bytes = $good;
	substr($bytes, $first_part + $list + 4 * $_, 4) = pack('V', $target) foreach 0 .. $parts - 2;
	damage("parts of a segment at block $target", $bytes, $query, $top, $vacuum, $insert);
}
foreach my $number (0, 292, 0xFFFF)
{
	my $bytes = $good;
	substr($bytes, $first_part + 24 + 32 + 6 * $_ + 4, 2) = pack('v', $number) foreach 0 .. $rows - 1;
	damage("segment's rows of line pointer $number", $bytes, $query, $top, $vacuum, $insert);
}

# The chunk of a chain that leads back to itself.
{
	my $bytes = $good;
	substr($bytes, $at + $upper + 6, 6) = pack('vvv', 0, $first{$ENTRIES}, 1);
	substr($bytes, $at + $upper + 12, 4) = pack('V', 1000000);
	damage('a chain that leads back to itself', $bytes, $query, $vacuum, $insert);
}

done_testing();
