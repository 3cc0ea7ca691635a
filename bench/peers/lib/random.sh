# The paper's random queries of each type (section 4.3): how time and the fraction of masks loaded are distributed. Sourced by
# bench/peers/run.

# The types of random queries:
#   filter, tight   rows with more than T pixels in the object's box
#   top             the 25 masks with the most, or fewest, pixels in a box
#   mean            the 25 pictures with the greatest, or least, mean over both models
#   intersect       the 25 pictures by the pixels in which both models' masks are in the range
random_kinds='filter tight top mean intersect'

# query(): in awk, the query of a line of $work/paper/queries, for maskquery or for the real[] baseline. Its answer is one number.
random_query_awk='
function query(table, real,    mask, call, top) {
    mask = $2 != "intersect" ? "mask" : real ? "real_intersect(mask)" : "mask_intersect(mask)"
    if (real)
        call = "real_cp(" mask ", " ($6 == "" ? "x1, y1, x2, y2" : $6 ", " $7 ", " $8 ", " $9)
    else
        call = "cp(" mask ", " ($6 == "" ? "box" : "roi(" $6 ", " $7 ", " $8 ", " $9 ")")
    call = call ", " $4 ", " $5 ")"
    top = "ORDER BY value " $11 " LIMIT 25) t"
    if ($2 == "top")
        return "SELECT sum(value) AS answer FROM (SELECT " call " AS value FROM " table " WHERE model_id = 1 " top
    if ($2 == "mean")
        return "SELECT 2 * sum(value) AS answer FROM (SELECT avg(" call ") AS value FROM " table " GROUP BY image_id " top
    if ($2 == "intersect")
        return "SELECT sum(value) AS answer FROM (SELECT " call " AS value FROM " table " GROUP BY image_id " top
    return "SELECT count(*) AS answer FROM " table " JOIN " table "_scenes USING (image_id) WHERE model_id = 1 AND " call " > " $10
}'

# random_query TABLE KIND NUMBER [REAL]: the SQL of one.
random_query() {
    awk -F'\t' -v table="$1" -v kind="$2" -v number="$3" -v real="${4:-}" "$random_query_awk"'
    $2 == kind && $3 == number { print query(table, real); exit }' "$work/paper/queries"
}

# random_script TABLE KIND FIRST LAST: psql input for random queries of $work/paper/queries; each prints
# "KIND NUMBER MS MASKS LOADED PIXEL_BYTES ANSWER".
random_script() {
    printf '%s\n' "$load_masks_library" 'SET max_parallel_workers_per_gather = 0;'
    awk -F'\t' -v table="$1" -v kind="$2" -v first="$3" -v last="$4" "$random_query_awk"'
    $2 != kind || $3 < first || $3 > last { next }
    {
        print "SELECT clock_timestamp() AS started \\gset"
        print query(table, "") " \\gset"
        print "SELECT extract(epoch FROM clock_timestamp() - :\x27started\x27::timestamptz) * 1000 AS ms \\gset"
        print "SELECT \x27" kind "\x27, " $3 ", :ms, masks, loaded, pixel_bytes, :answer FROM maskquery_last_query();"
    }' "$work/paper/queries"
}

# run_random TABLE COUNT KIND...: into $work/random, checked against the paper's algorithm. Of a type that loads every mask, only 20.
run_random() {
    local table=$1 count=$2 kind last
    shift 2
    : >"$work/random"
    for kind in "$@"; do
        say "  $kind"
        random_script "$table" "$kind" 1 1 | db masks >"$work/one"
        last=$(awk -v n="$count" '{ print ($5 >= $4 && n > 20 ? 20 : n) }' "$work/one")
        random_script "$table" "$kind" 1 "$last" | db masks >>"$work/random"
    done
    awk 'NR == FNR { split($0, f, "\t"); answer[f[2] " " f[3]] = f[14]; next }
         $7 + 0 != answer[$1 " " $2] + 0 { printf "random query %s %s: %s instead of %s\n", $1, $2, $7, answer[$1 " " $2]; bad = 1 }
         END { exit bad }' "$work/paper/queries" "$work/random" >&2 || die "a random query has another answer than the paper's algorithm"
}

# papers_loads KIND: "FML LOADED" of the paper's algorithm for each query of this type that was run.
papers_loads() {
    awk -v k="$1" 'NR == FNR { ran[$1 " " $2] = 1; next } { split($0, f, "\t") } f[2] == k && (f[2] " " f[3]) in ran { print f[13] / f[12], f[13] }' \
        "$work/random" "$work/paper/queries"
}

# quantiles FILE: "least | 25 % | median | 75 % | most" of the numbers on standard input.
quantiles() {
    sort -g | awk '{ v[NR] = $1 } END { for (i = 0; i <= 4; i++) printf "%s%.4g", (i ? " | " : ""), v[1 + int((NR - 1) * i / 4)] }'
}

bench_random() {
    local kind count ours papers options='cell_width = 64, cell_height = 64, bins = 30'
    as_paper 448 "$wilds" "$random" 64:16
    make_index wilds "$options" >/dev/null
    cat <<END

## Random queries

\`bench/run peers random\`. Queries of each type of the paper's section 4.3 on the WILDS-shaped data, warm, one process, index
\`$options\`. filter: the object's box, T up to the pixels of a mask; tight: T up to a tenth of them; top: the 25 masks with most or
fewest pixels in one random box; mean: the 25 pictures by the mean over two models; intersect: the 25 pictures by the intersection of both models' masks.
Fraction of masks loaded (FML) of maskquery, and of the paper's algorithm with its index ($(awk '{ print $2 }' "$work/paper/entries") bytes a mask); for intersect it has one over the intersected masks, and
would load every mask without. Every answer agrees with the paper's algorithm.

| type | queries | ms: least | 25 % | median | 75 % | most |
| --- | --- | --- | --- | --- | --- | --- |
END
    run_random wilds "$random" $random_kinds
    for kind in $random_kinds; do
        count=$(awk -v k=$kind '$1 == k' "$work/random" | wc -l)
        printf '| %s | %s | %s |\n' $kind "$count" "$(awk -v k=$kind '$1 == k { print $3 }' "$work/random" | quantiles)"
    done
    printf '\n| type | FML: least | 25 %% | median | 75 %% | most | FML of the paper: least | 25 %% | median | 75 %% | most | masks loaded / paper'"'"'s | pixel bytes, raw share of the masks loaded |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n'
    for kind in $random_kinds; do
        awk -v k=$kind '$1 == k && $4 > 0 { print $5 / $4 }' "$work/random" >"$work/ours"
        papers_loads $kind >"$work/papers"
        ours=$(awk -v k=$kind '$1 == k { s += $5 } END { print s + 0 }' "$work/random")
        papers=$(awk '{ s += $2 } END { print s + 0 }' "$work/papers")
        printf '| %s | %s | %s | %s | %s |\n' $kind "$(quantiles <"$work/ours")" "$(column 1 <"$work/papers" | quantiles)" "$(ratio "$ours" "$papers" 3)" \
            "$(ratio "$(awk -v k=$kind '$1 == k { s += $6 } END { print s + 0 }' "$work/random")" $((ours * 448 * 448 * 4)) 4)"
        summary "random $kind queries: $(ratio "$ours" "$papers" 3) of the masks that the paper's algorithm loads ($ours against $papers)"
    done
    plot_random "${output%.md}-random.svg"
    printf '\nPlot: `%s`.\n' "$(basename "${output%.md}")-random.svg"
    random_cold
}

# The first queries of each type cold, beside the baseline, for which one is as good as another: it loads every mask.
random_cold() {
    local kind i last real ms
    cat <<END

Cold: the first queries of each type beside the real[] baseline's time for the first; server restarted, page cache emptied before each.

| type | queries | ms, median | MB, median | real[], ms | real[] / this |
| --- | --- | --- | --- | --- | --- |
END
    for kind in $random_kinds; do
        say "  $kind, cold"
        last=$(awk -v k=$kind -v n="$random_cold" '$1 == k { all = all || $5 >= $4; rows++ } END { print (all ? 1 : n < rows ? n : rows) }' "$work/random")
        : >"$work/cold"
        for ((i = 1; i <= last; i++)); do
            cold
            in_masks '' "$(random_query wilds $kind $i)" >>"$work/cold"
            random_answer $kind $i maskquery
        done
        ms=$(column 1 <"$work/cold" | median)
        cold
        real=$(in_arrays "$(random_query wilds $kind 1 real)" | cut -d' ' -f1)
        random_answer $kind 1 'the baseline'
        printf '| %s | %s | %s | %s | %s | %s |\n' $kind "$last" "$ms" "$(column 2 <"$work/cold" | median)" "$real" "$(ratio "$real" "$ms" 1)"
        summary "random $kind queries, cold: $(ratio "$real" "$ms" 1) times faster than the paper's PostgreSQL baseline (median of $last against one)"
    done
}

# random_answer KIND NUMBER WHOSE: the answer just measured has to be the paper's algorithm's.
random_answer() {
    awk -F'\t' -v k="$1" -v n="$2" 'NR == FNR { answer = $1; next } $2 == k && $3 == n && answer + 0 != $14 + 0 { exit 1 }' \
        "$work/answer" "$work/paper/queries" || die "random query $1 $2: $3 has another answer than the paper's algorithm"
}

plot_random() {
    local kind
    for kind in $random_kinds; do
        awk -v k=$kind '$1 == k { print $3 }' "$work/random" >"$work/ms-$kind"
        awk -v k=$kind '$1 == k && $4 > 0 { print $5 / $4 }' "$work/random" | sort -g | awk '{ v[NR] = $1 } END { for (i = 1; i <= NR; i++) print i / NR * 100, v[i] }' >"$work/fml-$kind"
        papers_loads $kind | column 1 | sort -g | awk '{ v[NR] = $1 } END { for (i = 1; i <= NR; i++) print i / NR * 100, v[i] }' >"$work/fml-paper-$kind"
    done
    gnuplot <<END
set terminal svg size 900,420 font 'sans,12'
set output '$1'
set multiplot layout 1,2
set style data boxplot
set style boxplot outliers pointtype 7
set pointsize 0.2
set logscale y
set grid y
set ylabel 'milliseconds, warm'
set xtics ('filter' 1, 'tight' 2, 'top' 3, 'mean' 4, 'intersect' 5)
unset key
plot for [i=1:5] '$work/ms-'.word('$random_kinds', i) using (i):1
set xtics auto
set key left top
unset logscale
set style data lines
set xlabel 'percentile of queries'
set ylabel 'fraction of masks loaded'
plot for [i=1:5] '$work/fml-'.word('$random_kinds', i) using 1:2 lw 2 lc i title word('$random_kinds', i), \
     for [i=1:5] '$work/fml-paper-'.word('$random_kinds', i) using 1:2 lw 1 dt 2 lc i title word('$random_kinds', i).', paper'
unset multiplot
END
}
