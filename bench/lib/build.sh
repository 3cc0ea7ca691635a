# CREATE INDEX with one thread and more, beside reading the same masks once. Sourced by bench/run.

# rates MASKS MILLISECONDS: "masks/s | raw MB/s".
rates() {
    compute '%.0f | %.0f' "$1 / $2 * 1000, $1 * 224 * 224 * 4 / 1e6 / $2 * 1000"
}

# build_times: one line "THREADS MILLISECONDS" a build, the thread counts taking turns.
build_times() {
    local i n
    for ((i = 0; i < runs; i++)); do
        for n in $threads; do
            {
                echo "DROP INDEX IF EXISTS masks_chi; SET maskquery.threads = $n;"
                timed_script "$(cat "$repo/demo/index.sql")"
            } | sql | sed "s/^/$n /"
        done
    done
}

# read_time EXPRESSION: median milliseconds of evaluating an expression over every mask, without pruning.
read_time() {
    local i
    {
        echo 'SET maskquery.enable_pruning = off;'
        for ((i = 0; i <= runs; i++)); do timed_script "SELECT $1 FROM masks"; done
    } | sql | tail -n +2 | median
}

bench_build() {
    local masks n ms single='' full
    masks=$(sql -c 'SELECT count(*) FROM masks')
    cat <<END

## CREATE INDEX

\`bench/run build\`. Over all $masks masks, warm, medians of $runs builds (thread counts taking turns) or runs; \`demo/index.sql\`: cells of 28 x 28
pixels, 16 bins. MB are raw pixels, 200,704 bytes a mask.

| what | ms | masks/s | raw MB/s |
| --- | --- | --- | --- |
END
    say "  CREATE INDEX"
    build_times >"$work/build_times"
    for n in $threads; do
        ms=$(sed -n "s/^$n //p" "$work/build_times" | median)
        printf '| `CREATE INDEX`, `maskquery.threads = %s` | %s | %s |\n' "$n" "$ms" "$(rates "$masks" "$ms")"
        summary "CREATE INDEX, maskquery.threads = $n: $(compute '%.0f' "$masks / $ms * 1000") masks/s$(
            [ -z "$single" ] || echo ", $(ratio "$single" "$ms") times the speed of ${threads%% *}")"
        single=${single:-$ms}
    done
    say "  reading every mask"
    ms=$(read_time 'sum(cp(mask, 0.5, 1.0))')
    printf '| `SELECT sum(cp(mask, 0.5, 1.0))`: decodes the tiles whose extremes do not tell | %s | %s |\n' "$ms" \
        "$(rates "$masks" "$ms")"
    full=$(read_time 'sum(length(mask_send(mask)))')
    printf '| `SELECT sum(length(mask_send(mask)))`: decodes every tile and checks it, copies the pixels | %s | %s |\n' "$full" \
        "$(rates "$masks" "$full")"
    summary "CREATE INDEX, one thread: $(ratio "$single" "$full") times what decoding every mask once takes"
}
