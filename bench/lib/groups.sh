# Aggregation queries: masks loaded beside the paper's algorithm, and times with pruning and without. Sourced by bench/run.

# Title, tab, query; a line that starts with * is measured cold as well.
group_queries() {
    local boxed='masks JOIN boxes USING (image_id)'
    printf '*Q4: mean of the counts in the box\t'
    echo "SELECT image_id, avg(cp(mask, box, 0.8, 1.0)) AS value FROM $boxed GROUP BY image_id ORDER BY value DESC LIMIT 25"
    printf '*Q5: intersection in the box\t'
    echo "SELECT image_id, cp(mask_intersect(mask), box, 0.8, 1.0) AS value FROM $boxed GROUP BY image_id, box ORDER BY value DESC LIMIT 25"
    printf 'mean of the counts, HAVING\t'
    echo "SELECT image_id FROM masks GROUP BY image_id HAVING avg(cp(mask, roi(50, 50, 200, 200), 0.8, 1.0)) > 4000"
    printf 'union of the masks above 0.8, HAVING\t'
    echo "SELECT image_id FROM masks GROUP BY image_id HAVING cp(mask_union(mask > 0.8), 'full', 0.5, 1.0) > 12000"
    printf 'lowest overlap of the masks above 0.8\t'
    echo "SELECT image_id, cp(mask_intersect(mask > 0.8), 'full', 0.5, 1.0) / NULLIF(cp(mask_union(mask > 0.8), 'full', 0.5, 1.0), 0) AS iou FROM masks GROUP BY image_id ORDER BY iou ASC LIMIT 25"
}

bench_groups() {
    printf '\n## Masks that an aggregation query loads\n\n`make bench-groups`. '
    core_bench groups | tee "$work/groups"
    for query in 'Q4: .*' 'Q5: .*' 'random scalar, .*' 'random mask aggregations, sum'; do
        summary "top-25 groups, $(sed -n "s/^| \($query\) | [0-9]* | [0-9]* |.*/\1/p" "$work/groups"): masks loaded by the paper's algorithm $(
            sed -n "s/^| $query | \([0-9]* | [0-9]* |\)/\1/p" "$work/groups" | awk -F' *[|] *' '{ print $2 ", best bound first with extremes " $6 }')"
    done
    cat <<END

## Aggregation queries with pruning and without

\`bench/run groups\`. Columns as for the filters.

| query | rows | masks | loaded | MB | with | without | ratio | cold with | cold without | cold ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    compare_queries < <(group_queries)
    summary "top-25 groups and HAVING, warm: $worst to $best times faster than without pruning"
}
