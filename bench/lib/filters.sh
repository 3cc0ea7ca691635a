# Filter queries of the paper's shapes with pruning against the same query without. Sourced by bench/run.

# Title, tab, query; a line that starts with * is measured cold as well.
filter_queries() {
    local t
    for t in 500 2000 5000 10000; do
        printf '%sQ1, model 1, [0.6, 1.0), T = %s\t' "$([[ $t != [25]000 ]] || echo '*')" "$t"
        echo "SELECT mask_id FROM masks WHERE model_id = 1 AND cp(mask, roi(50, 50, 200, 200), 0.6, 1.0) > $t"
    done
    printf 'Q1, both models, [0.6, 1.0), T = 5000\t'
    echo "SELECT mask_id FROM masks WHERE cp(mask, roi(50, 50, 200, 200), 0.6, 1.0) > 5000"
    for t in 100 500 2000 15000; do
        printf '%sQ2, model 1, [0.8, 1.0), T = %s\t' "$([[ $t != 500 && $t != 15000 ]] || echo '*')" "$t"
        echo "SELECT mask_id FROM masks JOIN boxes USING (image_id) WHERE model_id = 1 AND cp(mask, box, 0.8, 1.0) > $t"
    done
    printf 'Q2, both models, [0.8, 1.0), T = 2000\t'
    echo "SELECT mask_id FROM masks JOIN boxes USING (image_id) WHERE cp(mask, box, 0.8, 1.0) > 2000"
}

# The first statement of a session loads the library and the catalog rows of its types, so that a cold run measures the data.
load_library="SELECT cp('[[0]]'::mask, 0, 1) AS counted \\gset"

set_pruning() { echo "SET maskquery.enable_pruning = $1;"; }

# warm QUERY: one line "WITH WITHOUT" of milliseconds for each of $runs runs in one session, after one that warms it. Runs with and
# without pruning take turns, so that another load on the machine meets both.
warm() {
    local i
    {
        echo "$load_library"
        for ((i = 0; i <= runs; i++)); do
            set_pruning on
            timed_script "$1"
            set_pruning off
            timed_script "$1"
        done
    } | sql | paste -d' ' - - | tail -n +2
}

# cold QUERY: the same with the server restarted and the page cache emptied before every query.
cold() {
    local i pruning
    for ((i = 0; i < cold_runs; i++)); do
        for pruning in on off; do
            server_restart drop
            { echo "$load_library"; set_pruning $pruning; timed_script "$1"; } | sql
        done
    done | paste -d' ' - -
}

# counters QUERY: "rows masks loaded pixel_mb", with pruning.
counters() {
    sql <<END
SELECT count(*) AS rows FROM ($1) AS answer \\gset
SELECT :rows, masks, loaded, round(pixel_bytes / 1e6, 1) FROM maskquery_last_query();
END
}

# choose_cold: sets $dropping when cold runs are wanted and possible.
choose_cold() {
    dropping=
    if [ "$cold_runs" -gt 0 ] && can_drop_caches; then dropping=1; fi
}

# compare_queries: a row of the report for each line "TITLE, tab, QUERY" of standard input. Leaves the best and the worst warm ratio in
# $best and $worst.
compare_queries() {
    local title query rows masks loaded mb with without cold_with cold_without mark r
    best='' worst=''
    choose_cold
    while IFS=$'\t' read -r title query; do
        mark=${title:0:1}
        title=${title#\*}
        say "  $title"
        counters "$query" >"$work/counters"
        read -r rows masks loaded mb <"$work/counters"
        warm "$query" >"$work/times"
        with=$(column 1 <"$work/times" | median)
        without=$(column 2 <"$work/times" | median)
        r=$(ratio "$without" "$with" 1)
        best=$(printf '%s\n' $best "$r" | sort -g | tail -n 1)
        worst=$(printf '%s\n' $worst "$r" | sort -g | head -n 1)
        printf '| %s | %s | %s | %s | %s | %s | %s | %s |' "$title" "$rows" "$masks" "$loaded" "$mb" "$with" "$without" "$r"
        if [ "$mark" = '*' ] && [ -n "$dropping" ]; then
            cold "$query" >"$work/times"
            cold_with=$(column 1 <"$work/times" | median)
            cold_without=$(column 2 <"$work/times" | median)
            printf ' %s | %s | %s |\n' "$cold_with" "$cold_without" "$(ratio "$cold_without" "$cold_with" 1)"
            summary "$title: $loaded of $masks masks loaded, $(ratio "$without" "$with" 1) times faster warm," \
                "$(ratio "$cold_without" "$cold_with" 1) cold"
        else
            printf ' | | |\n'
        fi
    done
}

bench_filters() {
    choose_cold
    cat <<END

## Filters with pruning and without

\`bench/run filters\`. $(sql -c 'SELECT count(*) FROM masks') masks of 224 x 224 f32, stored in $(
        sql -c "SELECT pg_size_pretty(pg_table_size('masks'))"); the index takes $(
        sql -c "SELECT pg_size_pretty(pg_relation_size('masks_chi'))"). Milliseconds, medians of $runs warm runs in one session$(
        [ -z "$dropping" ] || echo " and of $cold_runs cold runs, each after a server restart and an emptied page cache").
\`with\`: as it comes. \`without\`: \`SET maskquery.enable_pruning = off\`. \`loaded\`: masks whose pixels were read with pruning,
\`MB\`: bytes of stored masks read for that. T is the threshold: \`cp(mask, roi, lv, uv) > T\`.

| query | rows | masks | loaded | MB | with | without | ratio | cold with | cold without | cold ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    compare_queries < <(filter_queries)
    summary "filters, warm: $worst to $best times faster than without pruning"
}
