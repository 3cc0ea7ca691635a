# The benchmark's cluster: kept between runs when BENCH_DIR names a place for it. Sourced by bench/peers/run.
#
# Two databases, so that masks can be loaded anew without the baseline's arrays: "arrays" (real[] and PostGIS rasters, no maskquery)
# and "masks" (maskquery).

# start_peers: starts the cluster of $bench_dir, made first when there is none.
start_peers() {
    export PGHOST=$bench_dir PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    export PGOPTIONS='-c client_min_messages=warning'
    if [ ! -f "$bench_dir/data/PG_VERSION" ]; then
        as_user "$pg_bin/initdb" -D "$bench_dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$work/initdb.log" 2>&1 ||
            { cat "$work/initdb.log" >&2; die "initdb failed"; }
    fi
    # A quarter of the memory for shared buffers, as PostgreSQL's documentation recommends. Nothing is written while queries are
    # measured, so durability only matters for loading. No JIT: it compiles for longer than most of these queries run.
    cat >"$bench_dir/data/postgresql.auto.conf" <<END
listen_addresses = ''
unix_socket_directories = '$bench_dir'
shared_buffers = '$(awk '/^MemTotal/ { printf "%.0f", $2 / 4096 }' /proc/meminfo)MB'
maintenance_work_mem = '512MB'
work_mem = '64MB'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = '2GB'
checkpoint_timeout = '1h'
autovacuum = off
jit = off
END
    chown postgres: "$bench_dir/data/postgresql.auto.conf"
    server start
}

# server start|stop
server() {
    as_user "$pg_bin/pg_ctl" -D "$bench_dir/data" -l "$bench_dir/server.log" -m fast -w -t 600 "$1" >/dev/null 2>&1 </dev/null ||
        { tail -n 20 "$bench_dir/server.log" >&2; die "the server did not $1"; }
}

# cold: the server restarted, the page cache emptied while it is down.
cold() {
    server stop
    if [ -n "$dropping" ]; then
        sync
        echo 3 >/proc/sys/vm/drop_caches
    fi
    server start
}

# disk_speed: reads that bypass the page cache, of a file that the arrays fill.
disk_speed() {
    local file speed
    file=$(find "$bench_dir/data/base" -type f -size +300M 2>/dev/null | sed -n 1p)
    [ -n "$file" ] || return 0
    speed() { dd if="$file" of=/dev/null iflag=direct "$@" 2>&1 | sed -n 's/.*, \([0-9.]* [kMG]B\/s\)$/\1/p'; }
    echo "$(speed bs=1M count=300) in reads of 1 MB, $(speed bs=8k count=3000) in reads of 8 kB, read-ahead $(
        cat "/sys/dev/block/$(stat -c '%Hd:%Ld' "$bench_dir")/queue/read_ahead_kb" 2>/dev/null || echo unknown) kB"
}

# db DATABASE ARGUMENT...: psql, unaligned fields parted by one blank, no decoration.
db() {
    local database=$1
    shift
    psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# measured DATABASE FIRST QUERY: runs FIRST and then the query in a new session and prints "MILLISECONDS MEGABYTES" of the query
# alone: its time, and what the disk read meanwhile. The rows go to $work/answer. FIRST loads what the session needs in any case.
measured() {
    local read="\\! awk '\$1 \" \" \$2 == \"$(stat -c '%Hd %Ld' "$bench_dir")\" { printf \"%.0f\\n\", \$6 * 512 }' /proc/diskstats"
    {
        printf '%s\n' "$2" "$read" 'SELECT clock_timestamp() AS started \gset' "\\o $work/answer" "$3;" '\o'
        echo "SELECT round(extract(epoch FROM clock_timestamp() - :'started'::timestamptz) * 1000, 2);"
        echo "$read"
    } | db "$1" | paste -sd ' ' | awk '{ printf "%s %.1f\n", $2, ($3 - $1) / 1e6 }'
}

# The first statement of a session loads its library and catalog rows, so that a cold run measures the data.
load_arrays_library='SELECT real_cp(ARRAY[ARRAY[1::real]], 1, 1, 1, 1, 0, 1) AS counted \gset'
load_masks_library="SELECT cp('[[0]]'::mask, 0, 1) AS counted \\gset"
