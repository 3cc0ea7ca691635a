# Generates and loads what is missing. Sourced by bench/peers/run.

# source_tree: the sources to $bench_dir/src, where objects of an earlier run save most of the build; $work/src leads there.
source_tree() {
    mkdir -p "$bench_dir/src"
    ln -s "$bench_dir/src" "$work/src"
    find "$bench_dir/src" -type f ! -name '*.o' -delete
    tar -C "$repo" --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.so' --exclude='./maskquery--*.sql' -cf - . |
        tar -C "$bench_dir/src" --no-same-owner -xf -
    if is_root; then chown -R postgres: "$work" "$bench_dir/src"; fi
}

# scaled COUNT LEAST: COUNT * $scale, and not fewer than LEAST.
scaled() { awk -v n="$1" -v s="$scale" -v least="$2" 'BEGIN { v = int(n * s + 0.5); print (v < least ? least : v) }'; }

# once NAME VERSION COMMAND...: runs the command unless it was run for this version before.
once() {
    local name=$1 version=$2 stamp=$bench_dir/loaded/$1
    shift 2
    if [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then return; fi
    say "  loading $name"
    rm -f "$stamp"
    "$@"
    printf '%s\n' "$version" >"$stamp"
}

# generated TABLE FORM SIDE FAMILY FORMAT TYPE IMAGES MODELS: a table of masks in the form of its database, in one transaction (no
# WAL, frozen), one model after the other.
generated() {
    local table=$1 form=$2 side=$3 family=$4 format=$5 type=$6 images=$7 models=$8 model
    {
        echo "DROP TABLE IF EXISTS $table; BEGIN;"
        echo "CREATE TABLE $table (mask_id int PRIMARY KEY, image_id int NOT NULL, model_id int NOT NULL, mask $type NOT NULL);"
        # The arrays do not shrink under pglz, which would only slow the baseline down.
        if [ "$form" = array ]; then echo "ALTER TABLE $table ALTER mask SET STORAGE EXTERNAL;"; fi
        for ((model = 1; model <= models; model++)); do
            echo "\\copy $table FROM PROGRAM '$work/src/build/bench/generate $form $side $family $format $model 1 $images' (FORMAT binary, FREEZE)"
        done
        echo "COMMIT; ANALYZE $table;"
    } | db "$database"
}

# scenes TABLE SIDE IMAGES: the objects' boxes and the models' predictions; a box is a roi, or four numbers in the baseline.
scenes() {
    {
        echo "DROP TABLE IF EXISTS $1; BEGIN;"
        echo 'CREATE TEMPORARY TABLE made (image_id int, label int, predicted_1 int, predicted_2 int, x1 int, y1 int, x2 int, y2 int) ON COMMIT DROP;'
        echo "\\copy made FROM PROGRAM '$work/src/build/bench/generate scenes $2 1 $3' (FORMAT csv)"
        if [ "$database" = masks ]; then
            echo "CREATE TABLE $1 AS SELECT image_id, label, predicted_1, predicted_2, roi(x1, y1, x2, y2) AS box FROM made ORDER BY image_id;"
        else
            echo "CREATE TABLE $1 AS SELECT * FROM made ORDER BY image_id;"
        fi
        echo "ALTER TABLE $1 ADD PRIMARY KEY (image_id);"
        echo "COMMIT; VACUUM (ANALYZE) $1;"
    } | db "$database"
}

# has_database NAME
has_database() { [ "$(db postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$1'")" = 1 ]; }

load_arrays() {
    local database=arrays
    has_database arrays || db postgres -c 'CREATE DATABASE arrays'
    db arrays -v library="$bench_dir/real_array/real_array.so" <<END
DROP FUNCTION IF EXISTS real_cp CASCADE;
DROP FUNCTION IF EXISTS real_least CASCADE;
\\i $repo/bench/peers/real_array/real_array.sql
END
    once arrays.wilds_scenes "$wilds" scenes wilds_scenes 448 "$wilds"
    once arrays.wilds "$wilds" generated wilds array 448 smooth f32 'real[]' "$wilds" 2
    once arrays.imagenet_scenes "$imagenet" scenes imagenet_scenes 224 "$imagenet"
    once arrays.imagenet "$imagenet" generated imagenet array 224 smooth f32 'real[]' "$imagenet" 2
}

load_rasters() {
    db arrays -c 'SET client_min_messages = error' -c 'CREATE EXTENSION IF NOT EXISTS postgis' -c 'CREATE EXTENSION IF NOT EXISTS postgis_raster'
    local database=arrays
    rasters_of() {
        generated raster_bytes raster 448 smooth f32 bytea "$rasters" 1
        db arrays <<'END'
DROP TABLE IF EXISTS rasters;
CREATE TABLE rasters AS SELECT mask_id, image_id, model_id, ST_RastFromWKB(mask) AS mask FROM raster_bytes ORDER BY mask_id;
DROP TABLE raster_bytes;
VACUUM (ANALYZE) rasters;
END
    }
    once arrays.rasters "$rasters" rasters_of
}

load_files() {
    npy_of() {
        rm -rf "$bench_dir/npy"
        mkdir "$bench_dir/npy"
        "$work/src/build/bench/generate" npy 448 smooth 1 1 "$files" "$bench_dir/npy"
    }
    once npy "$files" npy_of
}

# The masks are loaded anew when what stores them has changed.
load_masks() {
    local database=masks code family format
    code=$(cat "$repo"/src/core/mask/*.cpp "$repo"/src/core/pixel.cpp "$work"/src/maskquery--*.sql | md5sum | cut -c1-12)
    if has_database masks && [ "$(cat "$bench_dir/loaded/code" 2>/dev/null)" != "$code" ]; then
        db postgres -c 'DROP DATABASE masks'
        rm -f "$bench_dir"/loaded/masks.*
    fi
    has_database masks || db postgres -c 'CREATE DATABASE masks' -c '\c masks' -c 'CREATE EXTENSION maskquery'
    echo "$code" >"$bench_dir/loaded/code"
    once masks.wilds_scenes "$wilds" scenes wilds_scenes 448 "$wilds"
    once masks.wilds "$wilds" generated wilds mask 448 smooth f32 'mask(448,448)' "$wilds" 2
    once masks.imagenet_scenes "$imagenet" scenes imagenet_scenes 224 "$imagenet"
    once masks.imagenet "$imagenet" generated imagenet mask 224 smooth f32 'mask(224,224)' "$imagenet" 2
    for family in smooth gradient segmentation; do
        for format in f32 f16 u8 u16 bit; do
            once "masks.${family}_$format" "$family_masks" \
                generated "${family}_$format" mask 224 "$family" "$format" "mask(224,224,$format)" "$family_masks" 1
        done
    done
    once masks.million_scenes "$million" scenes million_scenes 224 "$million"
    once masks.million "$million" generated million mask 224 levels u8 'mask(224,224,u8)' "$million" 1
}

# as_paper SIDE IMAGES RANDOM CELL:BINS...: the paper's algorithm; leaves $work/paper/queries, loaded and entries.
as_paper() {
    local side=$1 images=$2 random=$3
    shift 3
    mkdir -p "$work/paper"
    "$work/src/build/bench/paper" "$side" "$images" "$random" "$work/paper" "$@" >"$work/paper/entries"
}
