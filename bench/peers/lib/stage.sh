# The filter stage alone: a table as long as ImageNet, queries that return few rows and read few pixels. Sourced by bench/peers/run.

# stage_queries: name, tab, query. "join alone" is what the per-row query costs without cp.
stage_queries() {
    local joined='FROM million JOIN million_scenes USING (image_id)'
    cat <<END
constant roi	SELECT mask_id FROM million WHERE cp(mask, roi(50, 50, 200, 200), 0.8, 1.0) > 21000
constant roi, whole mask	SELECT mask_id FROM million WHERE cp(mask, 0.8, 1.0) > 38000
constant roi, narrow range	SELECT mask_id FROM million WHERE cp(mask, roi(20, 20, 120, 200), 0.45, 0.55) > 13000
constant roi, two clauses	SELECT mask_id FROM million WHERE cp(mask, roi(1, 1, 112, 224), 0.7, 1.0) > 18000 AND cp(mask, roi(113, 1, 224, 224), 0.7, 1.0) > 18000
per-row roi	SELECT mask_id $joined WHERE cp(mask, box, 0.8, 1.0) > 36000
per-row roi, ratio	SELECT mask_id $joined WHERE area(box) > 12000 AND cp(mask, box, 0.8, 1.0) / area(box) > 0.9
join alone	SELECT mask_id $joined WHERE mask_id < -area(box)
top 25	SELECT mask_id, cp(mask, roi(50, 50, 200, 200), 0.6, 1.0) AS value FROM million ORDER BY value DESC LIMIT 25
END
}

# stage_times WORKERS QUERY: milliseconds of each of $runs warm runs in one session.
stage_times() {
    local i
    {
        printf '%s\n' "$load_masks_library" "SET max_parallel_workers_per_gather = $1;"
        for ((i = 0; i <= runs; i++)); do timed_script "$2"; done
    } | db masks | tail -n +2
}

# stage_counters QUERY: "rows masks loaded pixel_bytes pages planning", one process; pages of shared buffers that the plan touches, milliseconds
# of planning.
stage_counters() {
    {
        printf '%s\n' "$load_masks_library" 'SET max_parallel_workers_per_gather = 0;' "SELECT count(*) AS found FROM ($1) q \\gset"
        echo "SELECT :found, masks, loaded, pixel_bytes FROM maskquery_last_query();"
        echo "EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off) $1;"
    } | db masks | awk '
        NR == 1 { counters = $0 }
        /Buffers: shared/ && !pages { for (i = 1; i <= NF; i++) if (sub(/^(hit|read)=/, "", $i)) pages += $i }
        /Planning Time:/ { planning = $3 }
        END { print counters, pages + 0, planning }'
}

# memory_bandwidth: GB/s of one core that reads memory once.
memory_bandwidth() {
    /usr/bin/python3 -c '
import numpy, time
a = numpy.ones(1 << 27, "f4"); best = 1e9
for _ in range(5):
    t = time.perf_counter(); a.max(); best = min(best, time.perf_counter() - t)
print(round(a.nbytes / best / 1e9, 1))'
}

bench_stage() {
    local name query ms parallel build total bytes rows masks loaded pixels pages planning
    total=$(db masks -c 'SELECT count(*) FROM million')
    say "  CREATE INDEX"
    build=$(make_index million '')
    bytes=$(bytes_per_mask million)
    summary "million: index bytes a mask, defaults: $(ratio "$bytes" 4096) of the paper's 4096 at the same grid and bins"
    cat <<END

## The filter stage

\`bench/run peers stage\`. $total maps of 224 x 224 u8 (ImageNet has 1,331,167), stored in $(db masks -c "SELECT pg_size_pretty(pg_table_size('million'))"). To fit the disk they are rounded to 16 levels, which compresses them; the index does
not know that. CREATE INDEX took $(compute '%.0f' "$build / 1000") s, $(compute '%.0f' "$total / $build * 1000") masks/s; $bytes bytes a mask (the paper's 4 x 16 bins x 64 cells: 4096), $(db masks -c "SELECT pg_size_pretty(pg_relation_size('million_chi'))"). Warm, medians of $runs runs, end to end:
planning, filter stage, verification, the rows sent. One process, and with PostgreSQL's default of two workers. Pages: shared buffers touched, table and index. Planning: of one run more, in its own session after one query.
Reading memory once, a core does $(memory_bandwidth) GB/s.

| query | rows | masks | loaded | pixel bytes | pages | bytes of pages a mask | ms, one process | of it planning | million masks/s and core | ms, parallel |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    while IFS=$'\t' read -r name query; do
        say "  $name"
        stage_counters "$query" >"$work/counters"
        read -r rows masks loaded pixels pages planning <"$work/counters"
        [ "$name" != 'join alone' ] || masks='' loaded='' pixels=''
        ms=$(stage_times 0 "$query" | median)
        parallel=$(stage_times 2 "$query" | median)
        printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$name" "$rows" "$masks" "$loaded" "$pixels" "$pages" \
            "$(compute '%.1f' "$pages * 8192 / $total")" "$ms" "$planning" "$(compute '%.2f' "$total / $ms / 1000")" "$parallel"
        summary "filter stage, $name: $(compute '%.2f' "$total / $ms / 1000") million masks/s and core, $ms ms end to end over $total masks ($parallel ms parallel)"
    done < <(stage_queries)
}
