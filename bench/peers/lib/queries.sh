# The paper's Q1 to Q5 (its table 1) by every peer, cold and warm. Sourced by bench/peers/run.
#
# $table is the data set that is asked: wilds or imagenet, a table of that name and its scenes.

# query_of PEER qN: in SQL for maskquery (mask), for the paper's PostgreSQL baseline (real), and for the verification stage of the paper's
# algorithm (paper): the masks that its bounds leave undecided, read from the baseline's table.
query_of() {
    local from=$table where='model_id = 1' count=real_cp intersect=real_intersect centre='50, 50, 200, 200' box='x1, y1, x2, y2'
    case $2 in q[45]) where=true ;; esac
    case $1 in
    mask) count=cp intersect=mask_intersect centre='roi(50, 50, 200, 200)' box=box ;;
    paper) from="paper_loaded JOIN $table USING (mask_id)" where="kind = '$2'" ;;
    esac
    case $2 in q[245]) from+=" JOIN ${table}_scenes USING (image_id)" ;; esac
    case $2 in
    q1) echo "SELECT mask_id FROM $from WHERE $where AND $count(mask, $centre, 0.6, 1.0) > 5000" ;;
    q2) echo "SELECT mask_id FROM $from WHERE $where AND $count(mask, $box, 0.8, 1.0) > 15000" ;;
    q3) echo "SELECT mask_id, $count(mask, $centre, 0.8, 1.0) AS value FROM $from WHERE $where ORDER BY value DESC LIMIT 25" ;;
    q4) echo "SELECT image_id, avg($count(mask, $box, 0.8, 1.0)) AS value FROM $from WHERE $where GROUP BY image_id ORDER BY value DESC LIMIT 25" ;;
    q5) echo "SELECT image_id, $count($intersect(mask), $box, 0.8, 1.0) AS value FROM $from WHERE $where GROUP BY image_id, $box ORDER BY value DESC LIMIT 25" ;;
    esac
}

# answer_of KIND FILE: rows of a filter, the sum of the values of a top-k; of a mean over two maps, of their sums.
answer_of() {
    case $1 in
    q1 | q2) wc -l <"$2" ;;
    q4) awk '{ s += 2 * $2 } END { printf "%.0f\n", s }' "$2" ;;
    *) awk '{ s += $2 } END { printf "%.0f\n", s }' "$2" ;;
    esac
}

# in_arrays QUERY [SETTINGS], in_masks SETTINGS QUERY: "MILLISECONDS MEGABYTES" of a query in a new session.
in_arrays() { measured arrays "$(printf "%s\n%s" "$load_arrays_library" "${2:-}")" "$1"; }
in_masks() { measured masks "$(printf "%s\n%s" "$load_masks_library" "$1")" "$2"; }

# timed_runs PEER KIND RUNS cold|warm COMMAND...: appends "PEER KIND cold|warm MS MB" a run to $work/runs; a warm series starts
# with one run that does not count. Checks the answer against the paper's algorithm.
timed_runs() {
    local peer=$1 kind=$2 n=$3 state=$4 i
    shift 4
    [ "$state" = cold ] || "$@" >/dev/null
    for ((i = 0; i < n; i++)); do
        [ "$state" = warm ] || cold
        echo "$peer $kind $state $("$@")" >>"$work/runs"
    done
    # The paper's filters accept most rows by bounds, without reading them.
    case $peer-$kind in paper-q[12]) return ;; esac
    [ "$n" = 0 ] || [ "$(answer_of "$kind" "$work/answer")" = "$(expected "$kind")" ] ||
        die "$peer, $kind: $(answer_of "$kind" "$work/answer") instead of $(expected "$kind")"
}

expected() { awk -F'\t' -v k="$1" '$2 == k { print $14; exit }' "$work/paper/queries"; }
paper_loads() { awk -F'\t' -v k="$1" '$2 == k { print $13; exit }' "$work/paper/queries"; }

# of PEER KIND STATE FIELD: the median of milliseconds (4) or megabytes (5).
of() { awk -v p="$1" -v k="$2" -v s="$3" -v f="$4" '$1 == p && $2 == k && $3 == s { print $f }' "$work/runs" | median; }

# make_index TABLE OPTIONS: a new index, and only one; prints the milliseconds it took.
make_index() {
    db masks -c "DROP INDEX IF EXISTS $1_chi"
    timed_script "CREATE INDEX $1_chi ON $1 USING chi (mask)${2:+ WITH ($2)}" | db masks
    db masks -c "VACUUM ANALYZE $1"
}

# bytes_per_mask TABLE: of its index.
bytes_per_mask() { db masks -c "SELECT round(pg_relation_size('$1_chi')::numeric / count(*)) FROM $1"; }

load_paper_loaded() {
    db arrays <<END
DROP TABLE IF EXISTS paper_loaded;
CREATE TABLE paper_loaded (kind text, mask_id int);
\copy paper_loaded FROM PROGRAM 'cut -f 2,3 $work/paper/loaded'
VACUUM (ANALYZE) paper_loaded;
END
}

# counters_of QUERY: "masks loaded pixel_bytes" of a query with pruning.
counters_of() {
    { printf '%s\n' "$load_masks_library" '\o /dev/null' "$1;" '\o' 'SELECT masks, loaded, pixel_bytes FROM maskquery_last_query();'; } | db masks
}

bench_queries() {
    printf '\n## The paper'"'"'s queries\n\n`bench/run peers queries`. Q1 to Q3 ask the maps of model 1, Q4 and Q5 those of both. Every peer gave the same answers.\n'
    local part
    for part in $tables; do
        case $part in
        wilds)
            table=wilds side=448 pictures=$wilds paper_index=64:16 same_grid='cell_width = 64, cell_height = 64, bins = 16' \
                same_bytes='cell_width = 64, cell_height = 64, bins = 30'
            query_peers
            ;;
        others)
            [ "${table:-}" = wilds ] || die "others are compared with maskquery on the same maps: BENCH_TABLES=\"wilds others\""
            other_peers
            ;;
        imagenet)
            table=imagenet side=224 pictures=$imagenet paper_index=28:16 same_grid='cell_width = 28, cell_height = 28, bins = 16' \
                same_bytes='cell_width = 28, cell_height = 28, bins = 30'
            query_peers
            ;;
        *) die "no table $part: wilds, others, imagenet" ;;
        esac
    done
}

# often VARIANT QUERY RUNS: sets n, the runs to make: one where maskquery reads every mask, which takes as long every time.
often() { n=$(awk -v n="$3" '{ print ($2 >= $1 ? 1 : n) }' "$work/counters-$1-$2"); }

# query_peers: the queries on one data set.
query_peers() {
    local q variant bytes build papers n
    as_paper $side "$pictures" 0 $paper_index
    papers=$(awk '{ print $2 }' "$work/paper/entries")
    load_paper_loaded
    : >"$work/runs"
    cat <<END

### $table

$pictures pictures, two maps of $side x $side f32 each: real[] takes $(db arrays -c "SELECT pg_size_pretty(pg_table_size('$table'))"), mask $(db masks -c "SELECT pg_size_pretty(pg_table_size('$table'))").

| index | | bytes a mask | the paper's $paper_index | ratio | CREATE INDEX, s |
| --- | --- | --- | --- | --- | --- |
END
    for variant in same_grid same_bytes; do
        say "  $table, index: $variant"
        build=$(make_index $table "${!variant}")
        bytes=$(bytes_per_mask $table)
        printf '| %s | `%s` | %s | %s | %s | %s |\n' "$variant" "${!variant}" "$bytes" "$papers" "$(ratio "$bytes" "$papers")" "$(ratio "$build" 1000 1)"
        [ $variant != same_grid ] || summary "$table: index bytes a mask at the paper's grid and bins: $(ratio "$bytes" "$papers") of the paper's $papers"
        for q in $asked; do
            say "  $q"
            counters_of "$(query_of mask $q)" >"$work/counters-$variant-$q"
            often $variant $q "$cold_runs"
            timed_runs $variant $q "$n" cold in_masks '' "$(query_of mask $q)"
            often $variant $q "$runs"
            timed_runs $variant $q "$n" warm in_masks '' "$(query_of mask $q)"
        done
    done
    for q in $asked; do
        say "  $table, peers: $q"
        often same_bytes $q "$baseline_runs"
        timed_runs unpruned $q "$n" cold in_masks 'SET maskquery.enable_pruning = off;' "$(query_of mask $q)"
        timed_runs unpruned $q 1 warm in_masks 'SET maskquery.enable_pruning = off;' "$(query_of mask $q)"
        timed_runs real $q "$n" cold in_arrays "$(query_of real $q)"
        timed_runs real_parallel $q 1 cold in_arrays "$(query_of real $q)" 'SET min_parallel_table_scan_size = 0;'
        timed_runs paper $q "$n" cold in_arrays "$(query_of paper $q)"
    done
    time_table
    loaded_table
    plot_queries "${output%.md}-$table.svg"
    printf '\nPlot: `%s`.\n' "$(basename "${output%.md}")-$table.svg"
}

time_table() {
    local q peer
    cat <<END

Cold: server restarted, page cache emptied before each run; medians of $cold_runs runs, of the peers $baseline_runs; one run of the parallel
baseline, and of queries for which maskquery reads every mask. MB: what the disk read meanwhile. \`paper\`: the masks
that the paper's bounds leave undecided, read from the real[] table; the bounds, $(awk '{ print $3 }' "$work/paper/entries") ns a mask in memory, are not counted.

| query | peer | cold ms | cold MB | warm ms | real[] cold / this |
| --- | --- | --- | --- | --- | --- |
END
    for q in $asked; do
        for peer in same_grid same_bytes unpruned real real_parallel paper; do
            printf '| %s | %s | %s | %s | %s | %s |\n' $q "$(peer_name $peer)" "$(of $peer $q cold 4)" "$(of $peer $q cold 5)" \
                "$(of $peer $q warm 4 2>/dev/null || true)" "$(ratio "$(of real $q cold 4)" "$(of $peer $q cold 4)" 1)"
        done
        summary "$table $q, cold: $(times_faster $q real) times faster than the paper's PostgreSQL baseline ($(times_faster $q real_parallel) when it is made to use two workers), $(times_faster $q paper) times faster than the paper's algorithm, $(
            times_faster $q unpruned) than without an index; $(ratio "$(of real $q cold 5)" "$(of same_bytes $q cold 5)" 0) times fewer bytes from disk than the baseline"
    done
}

peer_name() {
    case $1 in
    real) echo 'real[]' ;;
    real_parallel) echo 'real[], parallel' ;;
    *) echo "$1" ;;
    esac
}

# times_faster QUERY PEER: cold, of maskquery with the better index.
times_faster() { ratio "$(of "$2" "$1" cold 4)" "$(of same_bytes "$1" cold 4)" 1; }

loaded_table() {
    local q variant masks loaded bytes stored
    stored=$(db masks -c "SELECT round(avg(pg_column_size(mask))) FROM (SELECT mask FROM $table LIMIT 1000) s")
    cat <<END

What was read. The shares compare pixel bytes with loading as many masks whole, as they are stored ($stored bytes on average) and as raw pixels.

| query | index | masks | loaded | the paper's algorithm loads | ratio | pixel bytes | share, stored | share, raw |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    for q in $asked; do
        for variant in same_grid same_bytes; do
            read -r masks loaded bytes <"$work/counters-$variant-$q"
            printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' $q $variant "$masks" "$loaded" "$(paper_loads $q)" \
                "$(ratio "$loaded" "$(paper_loads $q)" 3)" "$bytes" "$(ratio "$bytes" $((loaded * stored)) 3)" \
                "$(ratio "$bytes" $((loaded * side * side * 4)) 4)"
        done
        summary "$table $q: masks whose pixels are read, $(ratio "$loaded" "$(paper_loads $q)" 3) of the paper's algorithm at its index bytes; pixel bytes, $(
            ratio "$bytes" $((loaded * stored)) 3) of loading them whole as stored, $(ratio "$bytes" $((loaded * side * side * 4)) 4) raw"
    done
}

plot_queries() {
    local q peer
    for q in $asked; do
        printf '%s' "${q^^}"
        for peer in real unpruned paper same_bytes; do printf ' %s' "$(of $peer $q cold 4)"; done
        printf '\n'
    done >"$work/plot"
    gnuplot <<END
set terminal svg size 760,420 font 'sans,12'
set output '$1'
set title '$table'
set style data histograms
set style fill solid 0.8
set logscale y
set ylabel 'milliseconds, cold'
set grid y
set key outside bottom horizontal
plot '$work/plot' using 2:xtic(1) title 'real[]', '' using 3 title 'maskquery, no index', '' using 4 title "paper's algorithm", '' using 5 title 'maskquery'
END
}
