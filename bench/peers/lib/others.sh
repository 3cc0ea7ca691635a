# NumPy over .npy files and PostGIS rasters, on a part of the WILDS-shaped data, scaled up to all of it. Sourced by bench/peers/run.

# The forms in which PostGIS can count a range inside a box; %s is the raster, clipped by the caller.
raster_forms() {
    cat <<'END'
ST_Reclass, ST_ValueCount	ST_ValueCount(ST_Reclass(CLIP, 1, 'RANGES', '8BUI', 255), 1, false, 1.0)
ST_Reclass, ST_SummaryStats	(ST_SummaryStats(ST_Reclass(CLIP, 1, 'RANGES', '8BUI', 255), 1, false)).sum
ST_ValueCount	(SELECT coalesce(sum(c.count), 0) FROM ST_ValueCount(CLIP, 1, false) c WHERE c.value >= LV)
END
}

# raster_query N FORM
raster_query() {
    local clip lv form=$2 from where
    case $1 in
    q1) lv=0.6 clip='ST_Clip(mask, ST_MakeEnvelope(49, 448 - 200, 200, 448 - 49))' from=rasters where='> 5000' ;;
    q2) lv=0.8 clip='ST_Clip(mask, ST_MakeEnvelope(x1 - 1, 448 - y2, x2, 448 - y1 + 1))' from='rasters JOIN wilds_scenes USING (image_id)' where='> 15000' ;;
    esac
    form=${form//CLIP/$clip}
    form=${form//RANGES/[0-$lv):0,[$lv-1]:1}
    form=${form//LV/$lv::real}
    echo "SELECT mask_id FROM $from WHERE $form $where"
}

other_row() { # PEER QUERY MASKS COLD-MS
    printf '| %s | %s | %s | %.0f | %.0f |\n' "$1" "$2" "$3" "$4" "$(compute '%.0f' "$4 * $wilds / $3")"
}

other_peers() {
    local q name form ms best best_name='' truth
    cat <<END

Peers that would take too much time or disk for all of it: their first masks, cold, and scaled to $wilds masks.

| peer | query | masks | cold ms | scaled |
| --- | --- | --- | --- | --- |
END
    say "  NumPy"
    "$work/src/build/bench/generate" scenes 448 1 "$files" >"$work/scenes.csv"
    for q in q1 q2 q3; do
        : >"$work/numpy"
        for ((i = 0; i < baseline_runs; i++)); do
            cold
            /usr/bin/python3 "$repo/bench/peers/numpy_cp.py" "$q" "$bench_dir/npy" "$work/scenes.csv" >>"$work/numpy"
        done
        truth=$(query_of real $q | sed "s/WHERE model_id = 1/& AND image_id <= $files/")
        in_arrays "$truth" >/dev/null
        [ "$(awk 'NR == 1 { printf "%.0f", $2 }' "$work/numpy")" = "$(answer_of $q "$work/answer")" ] || die "NumPy, $q: another answer"
        ms=$(cut -d' ' -f1 "$work/numpy" | median)
        other_row 'NumPy' $q "$files" "$ms"
        summary "$q: NumPy over .npy files, scaled from $files of $wilds: $(ratio "$(compute '%.1f' "$ms * $wilds / $files")" "$(of same_bytes $q cold 4)" 1) times maskquery's time, cold"
    done
    say "  PostGIS"
    while IFS=$'\t' read -r name form; do
        db arrays -c "SET statement_timeout = '120s'" -c "$(raster_query q1 "$form" | sed 's/WHERE/WHERE mask_id <= 10 AND/')" >/dev/null 2>"$work/raster" || continue
        ms=$(in_arrays "$(raster_query q1 "$form" | sed 's/WHERE/WHERE mask_id <= 20 AND/')" | cut -d' ' -f1)
        printf '| PostGIS, %s | q1, warm | 10 | %s | |\n' "$name" "$ms"
        if [ -z "$best_name" ] || [ "$(ratio "$ms" "$best" 4 | awk '{ print ($1 < 1) }')" = 1 ]; then
            best=$ms best_name=$name best_form=$form
        fi
    done < <(raster_forms)
    for q in q1 q2; do
        : >"$work/raster"
        for ((i = 0; i < baseline_runs; i++)); do
            cold
            in_arrays "$(raster_query $q "$best_form")" >>"$work/raster"
        done
        cp "$work/answer" "$work/raster-answer"
        in_arrays "$(query_of real $q | sed "s/WHERE model_id = 1/& AND image_id <= $rasters/")" >/dev/null
        cmp -s <(sort "$work/answer") <(sort "$work/raster-answer") || die "PostGIS, $q: another answer"
        ms=$(cut -d' ' -f1 "$work/raster" | median)
        other_row "PostGIS, $best_name" $q "$rasters" "$ms"
        summary "$q: PostGIS raster, scaled from $rasters of $wilds: $(ratio "$(compute '%.1f' "$ms * $wilds / $rasters")" "$(of same_bytes $q cold 4)" 0) times maskquery's time, cold"
    done
}
