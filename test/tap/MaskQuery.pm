# What the TAP tests share: a node with the extension, a table of random masks, and the comparison of answers with pruning on
# and off that every test ends in.
package MaskQuery;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node make_table add_rows agree index_holds work_of sqlstate_of seed start_pgbench finish_pgbench);

# Filters over t(id, note, box, m) of make_table, chosen so that bounds decide part of the rows and leave part undecided.
my @filters = (
	'cp(m, roi(5, 5, 40, 40), 0.5, 1.0) > 300',
	'cp(m, 0.4, 1.0) < 40',
	'cp(m, box, 0.3, 1.0) / area(box) > 0.25',
	'cp(m, box, 0.2, 0.6) BETWEEN 20 AND 400',
	'NOT cp(m, box, 0.5, 1.0) < cp(m, 0.7, 1.0)',
	'cp(m, 0.8, 1.0) > 20 OR cp(m, roi(1, 1, 32, 32), 0.1, 0.3) > 300');

# seed(): one random seed a test, printed, or MASKQUERY_SEED to run a failed test again.
sub seed
{
	my $seed = $ENV{MASKQUERY_SEED} // int(rand(2**31));
	srand($seed);
	note("seed $seed: MASKQUERY_SEED=$seed repeats the random choices");
	return $seed;
}

# new_node(NAME, key => conf text, extra => initdb arguments, started unless start => 0)
sub new_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(%{ $options{init} // {} });
	# Vacuum runs where a test says so.
	$node->append_conf('postgresql.conf', "autovacuum = off\n" . ($options{conf} // ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION maskquery');
	return $node;
}

# make_table(NODE, TABLE => rows, side => pixels, unlogged => 0|1, index => WITH clause or undef for none)
sub make_table
{
	my ($node, %o) = @_;
	my $side = $o{side} // 64;
	my $persistence = $o{unlogged} ? 'UNLOGGED' : '';
	$node->safe_psql(
		'postgres', qq{
		-- Smooth maps of very different brightness, like saliency maps.
		CREATE OR REPLACE FUNCTION random_mask(side int) RETURNS mask LANGUAGE sql VOLATILE AS \$\$
			SELECT mask_resize(array_agg(line)::mask, side, side) FROM (
				SELECT array_agg((level * random())::real) AS line
				FROM generate_series(1, 8) y, generate_series(1, 8) x, (SELECT random() AS level) l
				GROUP BY y) g \$\$;
		CREATE OR REPLACE FUNCTION random_box(side int) RETURNS roi LANGUAGE sql VOLATILE AS \$\$
			SELECT roi(x, y, x + w, y + h) FROM (
				SELECT 1 + floor(random() * side / 2)::int AS x, 1 + floor(random() * side / 2)::int AS y,
					floor(random() * side / 2)::int AS w, floor(random() * side / 2)::int AS h) b \$\$;
		CREATE $persistence TABLE t (id bigserial PRIMARY KEY, note int NOT NULL DEFAULT 0, box roi NOT NULL, m mask($side, $side) NOT NULL);
	});
	add_rows($node, $o{rows} // 300, $side);
	$node->safe_psql('postgres', "CREATE INDEX t_m ON t USING chi (m) $o{index}") if defined $o{index};
	return;
}

sub add_rows
{
	my ($node, $rows, $side) = @_;
	$side //= 64;
	my $seed = rand() * 2 - 1;
	$node->safe_psql('postgres',
		"SELECT setseed($seed); INSERT INTO t (box, m) SELECT random_box($side), random_mask($side) FROM generate_series(1, $rows)");
	return;
}

# answers(NODE, 'on'|'off', DB): what all filters give. With pruning, maskquery.verify also has every decision of the bounds evaluated.
sub answers
{
	my ($node, $pruning, $db) = @_;
	my $sql = "SET maskquery.enable_pruning = $pruning; SET maskquery.verify = $pruning;\n";
	$sql .= "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM t WHERE $_;\n" foreach @filters;
	return $node->safe_psql($db, $sql);
}

# agree(NODE, WHAT [, DB]): one test: pruned answers are the full answers.
sub agree
{
	my ($node, $what, $db) = @_;
	$db //= 'postgres';
	is(answers($node, 'on', $db), answers($node, 'off', $db), "$what: pruning on and off agree");
	return;
}

# index_holds(NODE, WHAT [, INDEX, DB]): one test: the index agrees with its heap.
sub index_holds
{
	my ($node, $what, $index, $db) = @_;
	$index //= 't_m';
	my ($rc, $out, $err) = $node->psql($db // 'postgres', "SELECT chi_check('$index', true)");
	is($err, '', "$what: chi_check finds nothing wrong");
	return;
}

# work_of(NODE [, DB]): (masks, pruned, accepted, loaded) summed over the filters, with pruning on.
sub work_of
{
	my ($node, $db) = @_;
	my @sum = (0, 0, 0, 0);
	foreach my $filter (@filters)
	{
		my $line = $node->safe_psql(
			$db // 'postgres', qq{
			SET maskquery.enable_pruning = on;
			\\o /dev/null
			SELECT count(*) FROM t WHERE $filter;
			\\o
			SELECT masks, pruned, accepted, loaded FROM maskquery_last_query()});
		my @work = split /\|/, $line;
		$sum[$_] += $work[$_] foreach 0 .. 3;
	}
	return @sum;
}

# sqlstate_of(NODE, SQL [, DB]): (SQLSTATE, whole error text); ('00000', '') when it succeeds.
sub sqlstate_of
{
	my ($node, $sql, $db) = @_;
	my ($rc, $out, $err) = $node->psql($db // 'postgres', $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return ('00000', '') if $rc == 0;
	my ($state) = $err =~ /(?:ERROR|FATAL|PANIC):  ([0-9A-Z]{5}):/;
	return ($state // 'lost', $err);
}

# start_pgbench(NODE, CLIENTS, SECONDS, script, ...): pgbench in the background, each script equally often.
sub start_pgbench
{
	my ($node, $clients, $seconds, @scripts) = @_;
	my @command = (
		'pgbench', '-n', '-h', $node->host, '-p', $node->port, '-c', $clients, '-j', 2, '-T', $seconds,
		'--random-seed', int(rand(2**31)));
	foreach my $script (@scripts)
	{
		my $file = PostgreSQL::Test::Utils::tempdir() . '/script.sql';
		append_to_file($file, $script);
		push @command, '-f', $file;
	}
	my $run = { out => '', err => '' };
	$run->{handle} = IPC::Run::start([ @command, 'postgres' ], '<', \undef, '>', \$run->{out}, '2>', \$run->{err});
	return $run;
}

# finish_pgbench(RUN, WHAT): waits; one test: no client met an error.
sub finish_pgbench
{
	my ($run, $what) = @_;
	my $clean = $run->{handle}->finish;
	note($run->{out});
	my $errors = join "\n", grep { /error|fatal|detail|context/i } split /\n/, $run->{err};
	$errors ||= "pgbench failed: $run->{err}" unless $clean;
	is($errors, '', "$what met no error");
	return;
}

1;
