# Families of maps in every pixel format: sizes, and what the bounds leave. Sourced by bench/peers/run.

# family_queries TABLE: random filters, the box of the object, T around the mean count so that they are not decided by T alone.
family_queries() {
    awk -v t="$1" 'BEGIN {
        srand(7)
        for (i = 0; i < 30; i++) {
            lv = 1 + int(rand() * 8); uv = lv + 1 + int(rand() * (9 - lv))
            printf "SELECT count(*) FROM %s JOIN million_scenes USING (image_id) WHERE cp(mask, box, %.1f, %.1f) > %d\n", t, lv / 10, uv / 10, rand() * 5000
        }
    }'
}

# family_run TABLE SETTING: "MS MASKS LOADED PIXEL_BYTES CHECKSUM" of all of a table's queries, the second time they run.
family_run() {
    local query
    {
        printf '%s\n' "$load_masks_library" 'SET max_parallel_workers_per_gather = 0;' "$2"
        while read -r query; do
            cat <<END
$query \\gset
SELECT clock_timestamp() AS started \\gset
$query \\gset
SELECT extract(epoch FROM clock_timestamp() - :'started'::timestamptz) * 1000, masks, loaded, pixel_bytes, :count FROM maskquery_last_query();
END
        done < <(family_queries "$1")
    } | db masks | awk '{ ms += $1; m += $2; l += $3; p += $4; c += $5 * NR } END { printf "%.1f %d %d %d %d\n", ms, m, l, p, c }'
}

# raw_bytes FORMAT: of a mask of 224 x 224.
raw_bytes() {
    case $1 in
    f32) echo $((224 * 224 * 4)) ;;
    f16 | u16) echo $((224 * 224 * 2)) ;;
    u8) echo $((224 * 224)) ;;
    bit) echo $((224 * 224 / 8)) ;;
    esac
}

bench_families() {
    local family format table build stored bytes ms masks loaded pixels sum without other
    cat <<END

## Families and formats

\`bench/run peers families\`. $family_masks maps of 224 x 224 in every table, default index, 30 random filters over the object's box, T up to 5000, warm, one process.
Answers with pruning and without agree. Share: pixel bytes read of the raw pixels of the masks that were loaded.

| family | format | stored bytes a mask | index bytes a mask | CREATE INDEX, masks/s | FML | share | ms with | without | ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    for family in smooth gradient segmentation; do
        for format in f32 f16 u8 u16 bit; do
            table=${family}_$format
            build=$(make_index $table '')
            stored=$(db masks -c "SELECT round(avg(pg_column_size(mask))) FROM $table")
            bytes=$(bytes_per_mask $table)
            family_run "$table" '' >"$work/family"
            read -r ms masks loaded pixels sum <"$work/family"
            family_run "$table" 'SET maskquery.enable_pruning = off;' >"$work/family"
            read -r without _ _ _ other <"$work/family"
            [ "$sum" = "$other" ] || die "$table: pruning changes an answer"
            printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$family" "$format" "$stored" "$bytes" \
                "$(compute '%.0f' "$family_masks / $build * 1000")" "$(ratio "$loaded" "$masks" 4)" "$(ratio "$pixels" $((loaded * $(raw_bytes "$format"))) 3)" \
                "$ms" "$without" "$(ratio "$without" "$ms" 1)"
        done
    done
}
