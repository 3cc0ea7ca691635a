# Index size against masks loaded and time (paper section 4.4), on the ImageNet-shaped data. Sourced by bench/peers/run.

# Cells and bins of each index, coarse to fine; 28:16 is the paper's.
size_indexes='56:8 56:16 28:8 28:16 28:32 14:16 14:32'

bench_sizes() {
    local index build bytes masks_time ours papers paper_bytes total
    as_paper 224 "$imagenet" "$size_queries" $size_indexes
    cp "$work/paper/queries" "$work/all-queries"
    total=$(db masks -c 'SELECT count(*) FROM imagenet')
    cat <<END

## Index size against time

\`bench/run peers sizes\`. $imagenet pictures ($(ratio "$imagenet" 1331167 5) of ImageNet's), two maps of 224 x 224 f32 each; $size_queries random filters of the type \`tight\` over
model 1 (see Random queries) for each index, warm, one process. The paper's algorithm with its index of the same cells and bins beside it.

| cells of, pixels | bins | bytes a mask | the paper's | CREATE INDEX, masks/s | ms, median | ms, mean | FML, mean | the paper's FML, mean | pixel bytes, raw share of all masks |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    : >"$work/sizes"
    for index in $size_indexes; do
        say "  $index"
        build=$(make_index imagenet "cell_width = ${index%:*}, cell_height = ${index%:*}, bins = ${index#*:}")
        bytes=$(bytes_per_mask imagenet)
        paper_bytes=$(awk -v i="$index" '$1 == i { print $2 }' "$work/paper/entries")
        awk -F'\t' -v i="$index" '$1 == i && $2 == "tight"' "$work/all-queries" >"$work/paper/queries"
        run_random imagenet "$size_queries" tight
        ours=$(awk '{ s += $5; n += $4 } END { printf "%.4f", s / n }' "$work/random")
        papers=$(awk -F'\t' '{ s += $13; n += $12 } END { printf "%.4f", s / n }' "$work/paper/queries")
        printf '%s %s %s %s %s %s\n' "$bytes" "$ours" "$(awk '{ s += $3 } END { printf "%.2f", s / NR }' "$work/random")" "$paper_bytes" "$papers" "$index" >>"$work/sizes"
        printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "${index%:*}" "${index#*:}" "$bytes" "$paper_bytes" "$(compute '%.0f' "$total / $build * 1000")" \
            "$(awk '{ print $3 }' "$work/random" | median)" "$(awk '{ s += $3 } END { printf "%.2f", s / NR }' "$work/random")" "$ours" "$papers" \
            "$(awk '{ s += $6; n += $4 } END { printf "%.5f", s / n / (224 * 224 * 4) }' "$work/random")"
    done
    same_bytes_summary
    plot_sizes "${output%.md}-sizes.svg"
    printf '\nPlot: `%s`.\n' "$(basename "${output%.md}")-sizes.svg"
}

# For the paper's own index: maskquery's with the fewest masks loaded among those that take no more bytes.
same_bytes_summary() {
    awk '$6 == "28:16" { most = $4; papers = $5 } { line[NR] = $0 }
         END { for (i = 1; i <= NR; i++) { split(line[i], f, " "); if (f[1] <= most && (best == "" || f[2] < best)) { best = f[2]; bytes = f[1]; index_ = f[6] } }
               printf "at no more index bytes than the paper'"'"'s %d a mask (%s at %d): %.3f of the masks loaded\n", most, index_, bytes, best / papers }' \
        "$work/sizes" >>"$work/summary"
}

plot_sizes() {
    gnuplot <<END
set terminal svg size 900,380 font 'sans,12'
set output '$1'
set multiplot layout 1,2
set logscale x
set grid
set xlabel 'index, bytes a mask'
set ylabel 'fraction of masks loaded, mean'
plot '$work/sizes' using 1:2 with points pt 7 title 'maskquery', '' using 4:5 with points pt 6 title "paper's algorithm"
set ylabel 'milliseconds, mean of random filters'
plot '$work/sizes' using 1:3 with points pt 7 title 'maskquery'
unset multiplot
END
}
