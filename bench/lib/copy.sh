# What a chi index adds to a COPY of masks: time and WAL. Sourced by bench/run.

copy_tables=(plain indexed)

copy_prepare() {
    sql <<END
CREATE TABLE copy_plain (mask mask(224, 224));
CREATE TABLE copy_indexed (mask mask(224, 224));
CREATE INDEX ON copy_indexed USING chi (mask) WITH (cell_width = 28, cell_height = 28, bins = 16);
COPY (SELECT mask FROM masks ORDER BY mask_id LIMIT $copy_masks) TO '$work/copy.binary' (FORMAT binary);
COPY (SELECT mask FROM masks ORDER BY mask_id LIMIT $copy_masks) TO '$work/copy.text' (FORMAT text);
END
}

# copy_once TABLE FORMAT: "TABLE MILLISECONDS CPU-MILLISECONDS WAL-BYTES". The table is emptied and a checkpoint taken before, so
# that every round writes the same pages in full. CPU time is the backend's, user and system, from its first schedstat field.
copy_once() {
    local cpu="\\! awk '{ print \$1 / 1e6 }' /proc/\$BACKEND/schedstat"
    {
        echo "TRUNCATE copy_$1; CHECKPOINT;"
        echo 'SELECT pg_current_wal_insert_lsn() AS wal, pg_backend_pid() AS pid \gset'
        echo '\setenv BACKEND :pid'
        echo "$cpu"
        timed_script "COPY copy_$1 FROM '$work/copy.$2' (FORMAT $2)"
        echo "$cpu"
        echo "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), :'wal');"
    } | sql | paste -sd ' ' | awk -v t="$1" '{ print t, $2, $3 - $1, $4 }'
}

# copy_rounds FORMAT: the tables take turns, and each goes first every other round.
copy_rounds() {
    local i
    copy_once plain "$1" >/dev/null
    for ((i = 0; i < copy_runs; i++)); do
        copy_once "${copy_tables[$((i % 2))]}" "$1"
        copy_once "${copy_tables[$(((i + 1) % 2))]}" "$1"
    done
}

# copy_row FORMAT TITLE FIELD: a line of the report.
copy_row() {
    local plain indexed
    plain=$(copy_column plain "$3" | median)
    indexed=$(copy_column indexed "$3" | median)
    printf '| %s | %s | %.0f | %.0f | %s |\n' "$1" "$2" "$plain" "$indexed" "$(ratio "$indexed" "$plain" 3)"
}

# copy_column TABLE FIELD: of what copy_rounds printed.
copy_column() { awk -v t="$1" -v f="$2" '$1 == t { print $f }' "$work/copy_times"; }

bench_copy() {
    local format time cpu wal
    say "  writing the files"
    copy_prepare
    cat <<END

## COPY into a table with a chi index

\`bench/run copy\`. $copy_masks real masks, as binary ($(stat -c %s "$work/copy.binary" | numfmt --to=si)B) and as text ($(stat -c %s "$work/copy.text" |
        numfmt --to=si)B), into a table without an index and into one with (cells of 28 x 28 pixels, 16 bins), taking turns. Medians of
$copy_runs rounds. CPU is what the backend used, which another load on the machine disturbs less than the time. fsync,
full_page_writes and wal_level = replica, as PostgreSQL's defaults are.

| format | measured | without index | with | ratio |
| --- | --- | --- | --- | --- |
END
    for format in binary text; do
        say "  COPY $format"
        copy_rounds "$format" >"$work/copy_times"
        time=$(copy_row "$format" 'time, ms' 2)
        cpu=$(copy_row "$format" 'CPU, ms' 3)
        wal=$(copy_row "$format" 'WAL, bytes' 4)
        printf '%s\n' "$time" "$cpu" "$wal"
        last() { sed 's/.*| \([^ ]*\) |$/\1/' <<<"$1"; }
        summary "COPY $format with a chi index: $(last "$time") times the time, $(last "$cpu") times the CPU time," \
            "$(last "$wal") times the WAL"
        rm "$work/copy.$format"
    done
}
