# Runs suites, keeps their logs, sums their counts. Sourced by test/run, which sets $logs.

passed=0
failed=0

# A suite's log tells how many tests it ran. Each count_* reads one kind of log and prints "PASSED FAILED".

# ... the suite's own closing line "N passed, N failed"; without one the exit status is the only test.
count_closing() {
    local line
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$1" | tail -n 1 || true)
    if [ -n "$line" ]; then
        awk '{ print $1, $3 }' <<<"$line"
    elif [ "$2" = 0 ]; then
        echo 1 0
    else
        echo 0 1
    fi
}

# ... pg_regress and pg_isolation_regress: "test x ... ok 5 ms" on PostgreSQL 15, "ok 1 - x 5 ms" since 16.
count_regress() {
    awk '/ \.\.\. ok / || /^ok [0-9]/ { p++ } / \.\.\. FAILED/ || /^not ok [0-9]/ { f++ } END { print p + 0, f + 0 }' "$1"
}

# ... GoogleTest, brief or not: "[  PASSED  ] 3 tests.", "[  FAILED  ] 1 test, listed below:".
count_gtest() {
    awk '$1 == "[" && $2 == "PASSED" { p += $4 } $1 == "[" && $2 == "FAILED" && $5 ~ /^tests?,$/ { f += $4 } END { print p + 0, f + 0 }' "$1"
}

# ... prove --verbose.
count_tap() {
    awk '/^ok [0-9]/ { p++ } /^not ok [0-9]/ { f++ } END { print p + 0, f + 0 }' "$1"
}

# suite NAME KIND COMMAND...: runs one suite with its log in $logs/NAME.log. A suite that fails without naming a failed test, or
# succeeds without having run one, counts as one failure.
suite() {
    local name=$1 kind=$2 rc=0 start=$SECONDS p f log
    shift 2
    log=$logs/$name.log
    # Not "if "$@"": a command list's own set -e would be switched off inside.
    set +e
    (set -e; "$@") >"$log" 2>&1 </dev/null
    rc=$?
    set -e
    read -r p f < <("count_$kind" "$log" "$rc")
    if [ "$f" = 0 ] && { [ "$rc" != 0 ] || [ "$p" = 0 ]; }; then f=1; fi
    passed=$((passed + p))
    failed=$((failed + f))
    printf '%-14s %5d ok %4d failed  %4d s\n' "$name" "$p" "$f" $((SECONDS - start))
    if [ "$f" != 0 ]; then
        # What a test said when it failed may stand far above the end.
        grep -E -B 12 -A 12 '^not ok|FAILED' "$log" | head -n 100 | sed 's/^/    /' || true
        tail -n "${LOG_LINES:-80}" "$log" | sed 's/^/    /'
    fi
}
