# The paper's random queries of each type (section 4.3): how time and the fraction of masks loaded are distributed. Sourced by
# bench/peers/run.

# random_script TABLE KIND FIRST LAST: psql input for random queries of $work/paper/queries; each prints
# "KIND NUMBER MS MASKS LOADED PIXEL_BYTES ANSWER".
#   filter, tight   rows with more than T pixels in the object's box
#   top             the 25 masks with the most, or fewest, pixels in a box
#   mean            the 25 pictures with the greatest, or least, mean over both models
random_script() {
    printf '%s\n' "$load_masks_library" 'SET max_parallel_workers_per_gather = 0;'
    awk -F'\t' -v table="$1" -v kind="$2" -v first="$3" -v last="$4" '
    $2 != kind || $3 < first || $3 > last { next }
    {
        cp = "cp(mask, " ($6 == "" ? "box" : "roi(" $6 ", " $7 ", " $8 ", " $9 ")") ", " $4 ", " $5 ")"
        if (kind == "top")
            query = "SELECT sum(value) AS answer FROM (SELECT " cp " AS value FROM " table " WHERE model_id = 1 ORDER BY value " $11 " LIMIT 25) t"
        else if (kind == "mean")
            query = "SELECT 2 * sum(value) AS answer FROM (SELECT avg(" cp ") AS value FROM " table " GROUP BY image_id ORDER BY value " $11 " LIMIT 25) t"
        else
            query = "SELECT count(*) AS answer FROM " table " JOIN " table "_scenes USING (image_id) WHERE model_id = 1 AND " cp " > " $10
        print "SELECT clock_timestamp() AS started \\gset"
        print query " \\gset"
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
fewest pixels in one random box; mean: the 25 pictures by the mean over two models. Fraction of masks loaded (FML) of maskquery, and of the paper's algorithm
with its index ($(awk '{ print $2 }' "$work/paper/entries") bytes a mask). Every answer agrees with the paper's algorithm.

| type | queries | ms: least | 25 % | median | 75 % | most |
| --- | --- | --- | --- | --- | --- | --- |
END
    run_random wilds "$random" filter tight top mean
    for kind in filter tight top mean; do
        count=$(awk -v k=$kind '$1 == k' "$work/random" | wc -l)
        printf '| %s | %s | %s |\n' $kind "$count" "$(awk -v k=$kind '$1 == k { print $3 }' "$work/random" | quantiles)"
    done
    printf '\n| type | FML: least | 25 %% | median | 75 %% | most | FML of the paper: least | 25 %% | median | 75 %% | most | masks loaded / paper'"'"'s | pixel bytes, raw share of the masks loaded |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n'
    for kind in filter tight top mean; do
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
}

plot_random() {
    local kind
    for kind in filter tight top mean; do
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
set xtics ('filter' 1, 'tight' 2, 'top' 3, 'mean' 4)
unset key
plot for [i=1:4] '$work/ms-'.word('filter tight top mean', i) using (i):1
set xtics auto
set key left top
unset logscale
set style data lines
set xlabel 'percentile of queries'
set ylabel 'fraction of masks loaded'
plot for [i=1:4] '$work/fml-'.word('filter tight top mean', i) using 1:2 lw 2 lc i title word('filter tight top mean', i), \
     for [i=1:4] '$work/fml-paper-'.word('filter tight top mean', i) using 1:2 lw 1 dt 2 lc i title word('filter tight top mean', i).', paper'
unset multiplot
END
}
