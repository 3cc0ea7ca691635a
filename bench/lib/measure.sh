# Times statements in a running server and writes the report. Sourced after test/lib/{machine,server}.sh.
#
# A part of the benchmark writes Markdown to standard output, which is the report, and tells its ratios with `summary`.

# sql ARGUMENT...: psql in the benchmark's database, unaligned fields parted by one blank, no decoration.
sql() { psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -d bench "$@"; }

# median: of the numbers on standard input, one a line.
median() {
    sort -g | awk '{ v[NR] = $1 } END { if (NR == 0) exit 1; printf "%.9g\n", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# column NUMBER: of the lines on standard input.
column() { cut -d' ' -f"$1"; }

# ratio A B [DIGITS]: A / B.
ratio() { awk -v a="$1" -v b="$2" -v d="${3:-2}" 'BEGIN { printf "%.*f\n", d, (b > 0 ? a / b : 0) }'; }

# compute FORMAT EXPRESSION: arithmetic on decimals.
compute() { awk "BEGIN { printf \"$1\", $2 }"; }

# timed_script STATEMENT: psql input that runs the statement, discards its result, and prints the milliseconds it took.
timed_script() {
    cat <<END
SELECT clock_timestamp() AS started \\gset
\\o /dev/null
$1;
\\o
SELECT round(extract(epoch FROM clock_timestamp() - :'started'::timestamptz) * 1000, 2);
END
}

# summary TEXT: one line of the summary, which opens the report and closes the output.
summary() { printf '%s\n' "$*" >>"$work/summary"; }

# server_restart [DROP]: restarts the throw-away server; with an argument, empties the page cache while it is down.
server_restart() {
    as_user "$pg_bin/pg_ctl" -D "$work/data" -m fast -w stop >/dev/null
    if [ -n "${1:-}" ]; then
        sync
        echo 3 >/proc/sys/vm/drop_caches
    fi
    as_user "$pg_bin/pg_ctl" -D "$work/data" -l "$work/server.log" -w start >/dev/null 2>&1 </dev/null
}

# can_drop_caches: true for root outside a container that forbids it.
can_drop_caches() { is_root && [ -w /proc/sys/vm/drop_caches ] && { echo 1 >/proc/sys/vm/drop_caches; } 2>/dev/null; }

# describe TITLE COMMAND: the head of a report. Nothing here names the machine or a place on it. $work/load is /proc/loadavg from
# before the first measurement, $work/disk may describe the disk.
describe() {
    local commit
    commit=$(git -c safe.directory='*' -C "$repo" describe --always --dirty 2>/dev/null || echo unknown)
    cat <<END
# $1 of $(date +%F)

- commit $commit
- $(nproc) cores of $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | sed -n 1p | grep . || uname -m), $(
        awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GB of memory
- $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), $("$PG_CONFIG" --version), $(g++ --version | sed -n 1p)
- load average $(cut -d' ' -f1 "$work/load") before the first measurement$([ ! -f "$work/disk" ] || printf '\n- disk: %s' "$(cat "$work/disk")")
- made by \`$(for v in "${!BENCH_@}"; do case $v in BENCH_OUTPUT | BENCH_DIR) ;; *) printf '%s=%q ' "$v" "${!v}" ;; esac; done)$2\`

## Summary

END
    sed 's/^/- /' "$work/summary"
}
