# The paper's Q1 to Q5 (its table 1) on the WILDS-shaped data, by every peer, cold and warm. Sourced by bench/peers/run.

# mask_query N: maskquery, with an index and without.
mask_query() {
    local objects='FROM wilds JOIN wilds_scenes USING (image_id)'
    case $1 in
    q1) echo "SELECT mask_id FROM wilds WHERE model_id = 1 AND cp(mask, roi(50, 50, 200, 200), 0.6, 1.0) > 5000" ;;
    q2) echo "SELECT mask_id $objects WHERE model_id = 1 AND cp(mask, box, 0.8, 1.0) > 15000" ;;
    q3) echo "SELECT mask_id, cp(mask, roi(50, 50, 200, 200), 0.8, 1.0) AS value FROM wilds WHERE model_id = 1 ORDER BY value DESC LIMIT 25" ;;
    q4) echo "SELECT image_id, avg(cp(mask, box, 0.8, 1.0)) AS value $objects GROUP BY image_id ORDER BY value DESC LIMIT 25" ;;
    q5) echo "SELECT image_id, cp(mask_intersect(mask), box, 0.8, 1.0) AS value $objects GROUP BY image_id, box ORDER BY value DESC LIMIT 25" ;;
    esac
}

# array_query N: the paper's PostgreSQL baseline.
array_query() {
    local objects='FROM wilds JOIN wilds_scenes USING (image_id)' box='x1, y1, x2, y2'
    case $1 in
    q1) echo "SELECT mask_id FROM wilds WHERE model_id = 1 AND real_cp(mask, 50, 50, 200, 200, 0.6, 1.0) > 5000" ;;
    q2) echo "SELECT mask_id $objects WHERE model_id = 1 AND real_cp(mask, $box, 0.8, 1.0) > 15000" ;;
    q3) echo "SELECT mask_id, real_cp(mask, 50, 50, 200, 200, 0.8, 1.0) AS value FROM wilds WHERE model_id = 1 ORDER BY value DESC LIMIT 25" ;;
    q4) echo "SELECT image_id, avg(real_cp(mask, $box, 0.8, 1.0)) AS value $objects GROUP BY image_id ORDER BY value DESC LIMIT 25" ;;
    q5) echo "SELECT image_id, real_cp(real_intersect(mask), $box, 0.8, 1.0) AS value $objects GROUP BY image_id, $box ORDER BY value DESC LIMIT 25" ;;
    esac
}

# paper_query N: the verification stage of the paper's algorithm, the masks that its bounds leave, read from the baseline's table.
paper_query() {
    local masks="FROM paper_loaded JOIN wilds USING (mask_id)"
    local objects="$masks JOIN wilds_scenes USING (image_id)" box='x1, y1, x2, y2'
    case $1 in
    q1) echo "SELECT mask_id $masks WHERE kind = 'q1' AND real_cp(mask, 50, 50, 200, 200, 0.6, 1.0) > 5000" ;;
    q2) echo "SELECT mask_id $objects WHERE kind = 'q2' AND real_cp(mask, $box, 0.8, 1.0) > 15000" ;;
    q3) echo "SELECT mask_id, real_cp(mask, 50, 50, 200, 200, 0.8, 1.0) AS value $masks WHERE kind = 'q3' ORDER BY value DESC LIMIT 25" ;;
    q4) echo "SELECT image_id, avg(real_cp(mask, $box, 0.8, 1.0)) AS value $objects WHERE kind = 'q4' GROUP BY image_id ORDER BY value DESC LIMIT 25" ;;
    q5) echo "SELECT image_id, real_cp(real_intersect(mask), $box, 0.8, 1.0) AS value $objects WHERE kind = 'q5' GROUP BY image_id, $box ORDER BY value DESC LIMIT 25" ;;
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

# in_arrays QUERY, in_masks SETTINGS QUERY: "MILLISECONDS MEGABYTES" of a query in a new session.
in_arrays() { measured arrays "$load_arrays_library" "$1"; }
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

# index_wilds OPTIONS: a new index; prints the seconds it took.
index_wilds() {
    db masks -c 'DROP INDEX IF EXISTS wilds_chi'
    timed_script "CREATE INDEX wilds_chi ON wilds USING chi (mask)${1:+ WITH ($1)}" | db masks | awk '{ printf "%.1f\n", $1 / 1000 }'
    db masks -c 'VACUUM ANALYZE wilds'
}

# bytes_per_mask TABLE INDEX
bytes_per_mask() { db masks -c "SELECT round(pg_relation_size('$2')::numeric / count(*)) FROM $1"; }

load_paper_loaded() {
    db arrays <<END
DROP TABLE IF EXISTS paper_loaded;
CREATE TABLE paper_loaded (kind text, mask_id int);
\\copy paper_loaded FROM PROGRAM 'cut -f 2,3 $work/paper/loaded'
VACUUM (ANALYZE) paper_loaded;
END
}

# counters_of QUERY: "masks loaded pixel_bytes" of a query with pruning.
counters_of() {
    { printf '%s\n' "$load_masks_library" '\o /dev/null' "$1;" '\o' 'SELECT masks, loaded, pixel_bytes FROM maskquery_last_query();'; } | db masks
}

bench_queries() {
    local q kind masks loaded bytes stored build variant
    as_paper 448 "$wilds" 0 "$wilds_paper"
    load_paper_loaded
    : >"$work/runs"
    stored=$(db masks -c 'SELECT round(avg(pg_column_size(mask))) FROM (SELECT mask FROM wilds LIMIT 1000) s')
    cat <<END

## The paper's queries

\`bench/run peers queries\`. $wilds pictures, two maps of 448 x 448 f32 each: real[] takes $(db arrays -c "SELECT pg_size_pretty(pg_table_size('wilds'))"), mask
$(db masks -c "SELECT pg_size_pretty(pg_table_size('wilds'))"). Q1 to Q3 ask the $wilds maps of model 1, Q4 and Q5 both. Every peer gave the same answers.

| index | bytes a mask | the paper's, same grid and bins | CREATE INDEX, s |
| --- | --- | --- | --- |
END
    for variant in same_grid same_bytes; do
        say "  index: $variant"
        build=$(index_wilds "${!variant}")
        bytes=$(bytes_per_mask wilds wilds_chi)
        printf '| %s: `%s` | %s | %s | %s |\n' "$variant" "${!variant:-default}" "$bytes" \
            "$([ $variant = same_grid ] && awk '{ print $2 }' "$work/paper/entries" || echo)" "$build"
        [ $variant != same_grid ] || summary "index bytes a mask at the paper's grid and bins: $(ratio "$bytes" "$(awk '{ print $2 }' "$work/paper/entries")") of the paper's $(awk '{ print $2 }' "$work/paper/entries")"
        for q in q1 q2 q3 q4 q5; do
            say "  $variant $q"
            counters_of "$(mask_query $q)" >"$work/counters-$variant-$q"
            timed_runs "$variant" $q "$cold_runs" cold in_masks '' "$(mask_query $q)"
            timed_runs "$variant" $q "$runs" warm in_masks '' "$(mask_query $q)"
        done
    done
    for q in q1 q2 q3 q4 q5; do
        say "  peers $q"
        timed_runs unpruned $q "$baseline_runs" cold in_masks 'SET maskquery.enable_pruning = off;' "$(mask_query $q)"
        timed_runs unpruned $q "$baseline_runs" warm in_masks 'SET maskquery.enable_pruning = off;' "$(mask_query $q)"
        timed_runs real $q "$baseline_runs" cold in_arrays "$(array_query $q)"
        timed_runs paper $q "$cold_runs" cold in_arrays "$(paper_query $q)"
    done
    queries_tables "$stored"
    other_peers
    plot_queries "${output%.md}-queries.svg"
    printf '\nPlot: `%s`.\n' "$(basename "${output%.md}")-queries.svg"
}

queries_tables() {
    local q variant masks loaded bytes
    cat <<END

Cold: server restarted, page cache emptied before each run; medians of $cold_runs runs, of the slow peers $baseline_runs. MB: what the disk read meanwhile.
\`paper\`: the paper's algorithm, i.e. only the masks that its bounds leave undecided, read from the real[] table; its bounds themselves take
$(awk '{ print $3 }' "$work/paper/entries") ns a mask in memory and are not counted.

| query | peer | cold ms | cold MB | warm ms | real[] cold / this |
| --- | --- | --- | --- | --- | --- |
END
    for q in q1 q2 q3 q4 q5; do
        for peer in same_grid same_bytes unpruned real paper; do
            printf '| %s | %s | %s | %s | %s | %s |\n' "$q" "$peer" "$(of $peer $q cold 4)" "$(of $peer $q cold 5)" \
                "$(of $peer $q warm 4 2>/dev/null || true)" "$(ratio "$(of real $q cold 4)" "$(of $peer $q cold 4)" 1)"
        done
        summary "$q, WILDS-shaped, cold: $(ratio "$(of real $q cold 4)" "$(of same_bytes $q cold 4)" 1) times faster than the paper's PostgreSQL baseline, $(ratio "$(of paper $q cold 4)" "$(of same_bytes $q cold 4)" 1) times faster than the paper's algorithm; $(ratio "$(of real $q cold 5)" "$(of same_bytes $q cold 5)" 1) times fewer bytes from disk than the baseline"
    done
    cat <<END

What was read. \`share\`: pixel bytes of loading the same number of masks whole, as they are stored ($1 bytes a mask) and as raw pixels.

| query | index | masks | loaded | paper's algorithm loads | loaded / paper's | pixel bytes | share, stored | share, raw |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    for q in q1 q2 q3 q4 q5; do
        for variant in same_grid same_bytes; do
            read -r masks loaded bytes <"$work/counters-$variant-$q"
            printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' $q $variant "$masks" "$loaded" "$(paper_loads $q)" \
                "$(ratio "$loaded" "$(paper_loads $q)" 3)" "$bytes" "$(ratio "$bytes" $((loaded * $1)) 3)" \
                "$(ratio "$bytes" $((loaded * 448 * 448 * 4)) 4)"
        done
    done
}

plot_queries() {
    local q peer
    for q in q1 q2 q3 q4 q5; do
        printf '%s' "${q^^}"
        for peer in real unpruned paper same_bytes; do printf ' %s' "$(of $peer $q cold 4)"; done
        printf '\n'
    done >"$work/plot"
    gnuplot <<END
set terminal svg size 760,420 font 'sans,12'
set output '$1'
set style data histograms
set style fill solid 0.8
set logscale y
set ylabel 'milliseconds, cold'
set grid y
set key outside top horizontal
plot '$work/plot' using 2:xtic(1) title 'real[]', '' using 3 title 'maskquery, no index', '' using 4 title "paper's algorithm", '' using 5 title 'maskquery'
END
}
