# Top-k queries: masks loaded beside the paper's algorithm, and times with pruning and without. Sourced by bench/run.

# Title, tab, query; a line that starts with * is measured cold as well.
topk_queries() {
    local box="roi(50, 50, 200, 200)"
    printf '*Q3: model 1, DESC\t'
    echo "SELECT mask_id FROM masks WHERE model_id = 1 ORDER BY cp(mask, $box, 0.8, 1.0) DESC LIMIT 25"
    printf 'Q3 with both models\t'
    echo "SELECT mask_id, cp(mask, $box, 0.8, 1.0) FROM masks ORDER BY 2 DESC LIMIT 25"
    printf 'Q3, ASC\t'
    echo "SELECT mask_id FROM masks WHERE model_id = 1 ORDER BY cp(mask, $box, 0.8, 1.0) LIMIT 25"
    printf '*the paper'"'"'s example 1: ratio, ASC\t'
    echo "SELECT image_id, cp(mask, box, 0.85, 1.0) / NULLIF(cp(mask, 'full', 0.85, 1.0), 0) AS r FROM masks JOIN boxes USING (image_id) ORDER BY r ASC LIMIT 25"
    printf 'the same, DESC\t'
    echo "SELECT image_id, cp(mask, box, 0.85, 1.0) / NULLIF(cp(mask, 'full', 0.85, 1.0), 0) AS r FROM masks JOIN boxes USING (image_id) ORDER BY r DESC NULLS LAST LIMIT 25"
    printf 'share of the box, ASC\t'
    echo "SELECT mask_id FROM masks JOIN boxes USING (image_id) ORDER BY cp(mask, box, 0.8, 1.0) / area(box) LIMIT 25"
    printf 'the demo'"'"'s: full mask, [0.2, 0.6)\t'
    echo "SELECT mask_id FROM masks ORDER BY cp(mask, 'full', 0.2, 0.6) DESC LIMIT 25"
    printf 'Q3 with a filter on cp\t'
    echo "SELECT mask_id FROM masks WHERE cp(mask, 0.5, 1.0) < 10000 ORDER BY cp(mask, $box, 0.8, 1.0) DESC LIMIT 25"
    printf 'two models of an image that differ most\t'
    echo "SELECT x.image_id FROM masks x JOIN masks y ON y.image_id = x.image_id AND y.model_id = 2 WHERE x.model_id = 1 ORDER BY cp(x.mask, $box, 0.8, 1.0) - cp(y.mask, $box, 0.8, 1.0) DESC LIMIT 25"
}

bench_topk() {
    printf '\n## Masks that a top-k query loads\n\n`make bench-topk`. '
    core_bench topk | tee "$work/topk"
    for query in 'Q3: middle, \[0.8, 1.0), model 1, DESC' 'random, sum'; do
        summary "top-25, $(sed -n "s/^| \($query\) .*/\1/p" "$work/topk"): masks loaded by the paper's algorithm $(
            sed -n "s/^| $query |//p" "$work/topk" | awk -F' *[|] *' '{ print $2 ", best bound first " $5 ", with extremes " $6 }')"
    done
    cat <<END

## Top-k with pruning and without

\`bench/run topk\`. Columns as for the filters.

| query | rows | masks | loaded | MB | with | without | ratio | cold with | cold without | cold ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    compare_queries < <(topk_queries)
    summary "top-25, warm: $worst to $best times faster than without pruning"
}
