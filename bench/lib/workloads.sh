# The paper's multi-query workloads (section 4.5): no index, an eager index, an incremental one. Sourced by bench/run.

# server_cpu: milliseconds of CPU that the server's processes have used, those included that have ended. First waits for other
# sessions, and for workers that build what a workload has read, to end.
server_cpu() {
    local pid
    until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'maskquery learner')")" = 1 ]; do
        sleep 0.02
    done
    pid=$(sed -n 1p "$work/data/postmaster.pid")
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/([^)]*) //' |
        awk -v pid="$pid" -v hz="$(getconf CLK_TCK)" '
            $1 == pid { t += $13 + $14 + $15 + $16 } $3 == pid { t += $13 + $14 } END { printf "%.0f\n", t * 1000 / hz }'
}

workload_rows() {
    sql -F ' | ' <<'END'
SELECT '| ' || w.workload, w.p_seen,
       round((f.i / f.n)::numeric, 2),
       round(max(i.ms / e.ms) FILTER (WHERE i.query >= 20)::numeric, 2),
       round(max(i.ms / e.ms)::numeric, 2),
       round((sum(i.ms) FILTER (WHERE i.query = last) / sum(n.ms) FILTER (WHERE i.query = last))::numeric, 2),
       round((sum(e.ms) FILTER (WHERE i.query = last) / sum(n.ms) FILTER (WHERE i.query = last))::numeric, 2),
       (SELECT string_agg(round(ms::numeric / 1000, 1)::text, ', ' ORDER BY method DESC) FROM cpu WHERE cpu.workload = w.workload) || ' |'
FROM workloads w
JOIN (SELECT workload, sum(ms) FILTER (WHERE method = 'incremental') AS i, sum(ms) FILTER (WHERE method = 'none') AS n
      FROM timings WHERE query <= 1 GROUP BY workload) f USING (workload)
JOIN cumulative i ON i.workload = w.workload AND i.method = 'incremental'
JOIN cumulative e ON e.workload = w.workload AND e.method = 'eager' AND e.query = i.query
JOIN cumulative n ON n.workload = w.workload AND n.method = 'none' AND n.query = i.query
CROSS JOIN (SELECT max(query) AS last FROM timings) l
GROUP BY w.workload, w.p_seen, f.i, f.n ORDER BY w.workload;
END
}

first_query_rows() {
    sql -F ' | ' <<'END'
SELECT '| ' || workload, (SELECT count(*) FROM targets t WHERE t.workload = f.workload AND t.query = 1),
       round(median(none)::numeric, 1), round(median(brin)::numeric, 1), round(median(build)::numeric, 1), round(median(query)::numeric, 1),
       round(median(query / none)::numeric, 2), round(median((build + query) / none)::numeric, 2) || ' |'
FROM first_queries f GROUP BY workload ORDER BY workload;
END
}

# One panel a workload, cumulative seconds over queries.
plot_workloads() {
    local w method
    for w in 1 2 3 4; do
        for method in none eager incremental; do
            sql -c "SELECT query, ms / 1000 FROM cumulative WHERE workload = $w AND method = '$method' ORDER BY query" \
                >"$work/workload-$w-$method"
        done
    done
    {
        echo "set terminal svg size 900,640 font 'sans,11'"
        echo "set output '$1'"
        echo "set multiplot layout 2,2"
        echo "set key left top; set xlabel 'queries'; set ylabel 'seconds, cumulative'; set grid"
        for w in 1 2 3 4; do
            echo "set title 'workload $w, p_{seen} = $(sql -c "SELECT p_seen FROM workloads WHERE workload = $w")'"
            echo "plot '$work/workload-$w-none' with lines lw 2 title 'no index'," \
                "'$work/workload-$w-eager' with lines lw 2 title 'eager index'," \
                "'$work/workload-$w-incremental' with lines lw 2 title 'incremental index'"
        done
        echo "unset multiplot"
    } | gnuplot
}

bench_workloads() {
    local w method before plot=${output%.md}-workloads.svg seed=${BENCH_SEED:-0.42} rounds=${BENCH_FIRST_QUERIES:-15}
    install_packages gnuplot-nox
    sql -v seed="$seed" -v queries="${BENCH_WORKLOAD_QUERIES:-200}" -f "$repo/bench/lib/workloads.sql"
    sql -c 'DROP INDEX IF EXISTS masks_chi'
    for w in 1 2 3 4; do
        for method in none eager incremental; do
            before=$(server_cpu)
            sql -c 'SET client_min_messages = warning' -c "CALL run_workload($w, '$method')"
            sql -c "INSERT INTO cpu VALUES ($w, '$method', $(server_cpu) - $before)"
        done
    done
    [ "$(sql -c 'SELECT count(*) FROM (SELECT workload FROM checksums GROUP BY workload HAVING count(DISTINCT sum) > 1) d')" = 0 ] ||
        die "the methods disagree on a workload"
    sql -c 'SET client_min_messages = warning' -c "CALL run_first_queries($rounds)"
    plot_workloads "$plot"
    cat <<END

## Multi-query workloads

\`bench/run workloads\`. ${BENCH_WORKLOAD_QUERIES:-200} filter queries a workload over $(sql -c 'SELECT count(*) FROM masks') masks (paper section 4.5), warm, one after another without a
pause; the time of CREATE INDEX is part of the first query's. Seed $seed. All three methods gave the same answers. Plot: \`$(basename "$plot")\`.
CPU is that of all processes of the server, the worker included that builds entries in the background.

| workload | p_seen | first query: incremental / none | incremental / eager, most after 20 queries | most ever | whole: incremental / none | whole: eager / none | CPU seconds: none, incremental, eager |
| --- | --- | --- | --- | --- | --- | --- | --- |
END
    workload_rows | tee "$work/workload-rows"
    cat <<END

The first query alone, $rounds times without an index and with CREATE INDEX before it, in turns; medians, in ms:

| workload | masks asked for | no index | CREATE INDEX of a BRIN | CREATE INDEX, incremental | query | query / no index | both / no index |
| --- | --- | --- | --- | --- | --- | --- | --- |
END
    first_query_rows | tee "$work/first-query-rows"
    summary "workloads: first query, incremental against no index: $(cut -d'|' -f8 "$work/first-query-rows" | xargs | tr ' ' ','), with CREATE INDEX $(cut -d'|' -f9 "$work/first-query-rows" | xargs | tr ' ' ','); incremental against eager after 20 queries, at most: $(cut -d'|' -f5 "$work/workload-rows" | xargs | tr ' ' ',')"
}
