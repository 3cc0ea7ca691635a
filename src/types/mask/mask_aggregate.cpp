// Aggregates over masks (MASK_AGG of the paper, section 2.2): pixel-wise extremes and sums.
//
// A transition state lives in the aggregate's memory context. States are big (the pixels of one
// mask), so each step works in place. Both kinds of states combine, and travel between parallel
// workers, as the fields below followed by the array.
#include "core/mask/ops/ops.h"
#include "core/mask/ops/sums.h"
#include "types/mask/mask.h"
#include "pg/guard.h"

extern "C" {
#include "utils/float.h"
}

using namespace mq;

// mask_intersect, mask_union: `mask` is the extreme so far. mask_avg, mask_sum: mask.pixels are
// doubles, pixel-wise sums, mask.format is not used, and `count` is the number of masks added.
struct MaskAggState {
    FlatMask mask;
    int64 count;
};

static MemoryContext aggregate_context(FunctionCallInfo fcinfo)
{
    MemoryContext context;
    if (!AggCheckCallContext(fcinfo, &context))
        elog(ERROR, "mask aggregate function called outside an aggregate");
    return context;
}

static MaskAggState *getarg_state(FunctionCallInfo fcinfo, int n)
{
    return PG_ARGISNULL(n) ? nullptr : reinterpret_cast<MaskAggState *>(PG_GETARG_POINTER(n));
}

static Datum return_state(FunctionCallInfo fcinfo, MaskAggState *state)
{
    if (!state)
        PG_RETURN_NULL();
    PG_RETURN_POINTER(state);
}

static MaskAggState *make_state(const FlatMask &mask, int64 count)
{
    MaskAggState *state = static_cast<MaskAggState *>(palloc(sizeof(MaskAggState)));
    state->mask = mask;
    state->count = count;
    return state;
}

// A copy of a state in the aggregate's memory context, its array of `size` bytes included.
static MaskAggState *copy_state(const MaskAggState *from, size_t size, MemoryContext context)
{
    MemoryContext old = MemoryContextSwitchTo(context);
    MaskAggState *state = make_state(from->mask, from->count);
    state->mask.pixels = palloc_huge(size);
    memcpy(state->mask.pixels, from->mask.pixels, size);
    MemoryContextSwitchTo(old);
    return state;
}

// A state as bytea: the struct with a meaningless pointer, then the array. Read back by the same
// build on the same machine.
static Datum serialize(const MaskAggState *state, size_t size)
{
    check_result_size(sizeof *state + size, "state of the mask aggregate");
    bytea *result = static_cast<bytea *>(palloc(VARHDRSZ + sizeof *state + size));
    SET_VARSIZE(result, VARHDRSZ + sizeof *state + size);
    memcpy(VARDATA(result), state, sizeof *state);
    memcpy(VARDATA(result) + sizeof *state, state->mask.pixels, size);
    PG_RETURN_BYTEA_P(result);
}

static Datum deserialize(const bytea *bytes)
{
    size_t size = VARSIZE_ANY_EXHDR(bytes);
    Assert(size >= sizeof(MaskAggState));
    MaskAggState *state = static_cast<MaskAggState *>(palloc(sizeof(MaskAggState)));
    memcpy(state, VARDATA_ANY(bytes), sizeof *state);
    state->mask.pixels = palloc_huge(size - sizeof *state);
    memcpy(state->mask.pixels, VARDATA_ANY(bytes) + sizeof *state, size - sizeof *state);
    PG_RETURN_POINTER(state);
}

// Extremes. Masks of one format keep it, others meet in f32.

using PixelFunction = void (*)(PixelFormat, size_t, const void *, const void *, void *);

static void merge_extreme(MaskAggState *state, FlatMask mask, PixelFunction function,
                          MemoryContext context)
{
    FlatMask &extreme = state->mask;
    check_same_space(extreme.shape, extreme.domain, mask.shape, mask.domain);
    if (extreme.format != mask.format) {
        mask = with_format(mask, PixelFormat::f32);
        MemoryContext old = MemoryContextSwitchTo(context);
        FlatMask wider = with_format(extreme, PixelFormat::f32);
        if (wider.pixels != extreme.pixels)
            pfree(extreme.pixels);
        extreme = wider;
        MemoryContextSwitchTo(old);
    }
    call_core([&](Error &) {
        function(extreme.format, extreme.shape.pixels(), extreme.pixels, mask.pixels,
                 extreme.pixels);
        return true;
    });
}

static Datum extreme_step(FunctionCallInfo fcinfo, PixelFunction function)
{
    MemoryContext context = aggregate_context(fcinfo);
    MaskAggState *state = getarg_state(fcinfo, 0);
    if (PG_ARGISNULL(1))
        return return_state(fcinfo, state);
    if (state) {
        merge_extreme(state, datum_load_flat(PG_GETARG_DATUM(1)), function, context);
    } else {
        MemoryContext old = MemoryContextSwitchTo(context);
        state = make_state(datum_load_flat(PG_GETARG_DATUM(1)), 1);
        MemoryContextSwitchTo(old);
    }
    PG_RETURN_POINTER(state);
}

static Datum extreme_combine(FunctionCallInfo fcinfo, PixelFunction function)
{
    MemoryContext context = aggregate_context(fcinfo);
    MaskAggState *state = getarg_state(fcinfo, 0), *other = getarg_state(fcinfo, 1);
    if (!other)
        return return_state(fcinfo, state);
    if (!state)
        PG_RETURN_POINTER(copy_state(other, other->mask.size(), context));
    merge_extreme(state, other->mask, function, context);
    PG_RETURN_POINTER(state);
}

MQ_FUNCTION(mask_intersect_step)
{
    return extreme_step(fcinfo, pixel_min);
}
MQ_FUNCTION(mask_intersect_combine)
{
    return extreme_combine(fcinfo, pixel_min);
}
MQ_FUNCTION(mask_union_step)
{
    return extreme_step(fcinfo, pixel_max);
}
MQ_FUNCTION(mask_union_combine)
{
    return extreme_combine(fcinfo, pixel_max);
}

MQ_FUNCTION(mask_extreme_final)
{
    MaskAggState *state = getarg_state(fcinfo, 0);
    if (!state)
        PG_RETURN_NULL();
    return flat_get_datum(state->mask);
}

MQ_FUNCTION(mask_extreme_serialize)
{
    MaskAggState *state = getarg_state(fcinfo, 0);
    return serialize(state, state->mask.size());
}

MQ_FUNCTION(mask_extreme_deserialize)
{
    return deserialize(PG_GETARG_BYTEA_PP(0));
}

// Sums.

static size_t sums_size(Shape shape)
{
    return shape.pixels() * sizeof(double);
}

static double *sums(MaskAggState *state)
{
    return static_cast<double *>(state->mask.pixels);
}

static Datum sum_step(FunctionCallInfo fcinfo, double weight)
{
    MemoryContext context = aggregate_context(fcinfo);
    MaskAggState *state = getarg_state(fcinfo, 0);
    FlatMask mask = datum_load_flat(PG_GETARG_DATUM(1));
    if (state) {
        check_same_space(state->mask.shape, state->mask.domain, mask.shape, mask.domain);
    } else {
        MemoryContext old = MemoryContextSwitchTo(context);
        state = make_state(mask, 0);
        state->mask.pixels = palloc_huge(sums_size(mask.shape));
        memset(state->mask.pixels, 0, sums_size(mask.shape));
        MemoryContextSwitchTo(old);
    }
    add_pixels(mask.format, mask.domain, mask.shape.pixels(), mask.pixels, weight, sums(state));
    state->count++;
    PG_RETURN_POINTER(state);
}

MQ_FUNCTION(mask_avg_step)
{
    if (PG_ARGISNULL(1))
        return return_state(fcinfo, getarg_state(fcinfo, 0));
    return sum_step(fcinfo, 1.0);
}

MQ_FUNCTION(mask_sum_step)
{
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
        return return_state(fcinfo, getarg_state(fcinfo, 0));
    double weight = PG_GETARG_FLOAT8(2);
    if (!std::isfinite(weight))
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("weight of mask_sum must be finite, not %s", float8out_internal(weight)),
                 errhint("Masks with a NULL weight are left out.")));
    return sum_step(fcinfo, weight);
}

MQ_FUNCTION(mask_sums_combine)
{
    MemoryContext context = aggregate_context(fcinfo);
    MaskAggState *state = getarg_state(fcinfo, 0), *other = getarg_state(fcinfo, 1);
    if (!other)
        return return_state(fcinfo, state);
    if (!state)
        PG_RETURN_POINTER(copy_state(other, sums_size(other->mask.shape), context));
    check_same_space(state->mask.shape, state->mask.domain, other->mask.shape, other->mask.domain);
    double *to = sums(state), *from = sums(other);
    for (size_t i = 0; i < state->mask.shape.pixels(); i++)
        to[i] += from[i];
    state->count += other->count;
    PG_RETURN_POINTER(state);
}

MQ_FUNCTION(mask_sums_serialize)
{
    MaskAggState *state = getarg_state(fcinfo, 0);
    return serialize(state, sums_size(state->mask.shape));
}

MQ_FUNCTION(mask_sums_deserialize)
{
    return deserialize(PG_GETARG_BYTEA_PP(0));
}

static Datum finish(MaskAggState *state, double divisor)
{
    FlatMask out = make_flat(PixelFormat::f32, state->mask.shape, state->mask.domain);
    call_core([&](Error &err) {
        return finish_sums(out.domain, out.shape.pixels(), sums(state), divisor,
                           static_cast<float *>(out.pixels), err);
    });
    return flat_get_datum(out);
}

MQ_FUNCTION(mask_avg_final)
{
    MaskAggState *state = getarg_state(fcinfo, 0);
    if (!state)
        PG_RETURN_NULL();
    return finish(state, double(state->count));
}

MQ_FUNCTION(mask_sum_final)
{
    MaskAggState *state = getarg_state(fcinfo, 0);
    if (!state)
        PG_RETURN_NULL();
    return finish(state, 1.0);
}
