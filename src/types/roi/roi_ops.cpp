// roi: comparison, hashing and geometry.
#include "pg/guard.h"
#include "types/roi/roi.h"

extern "C" {
#include "common/hashfn.h"
}

using namespace mq;

// Corner by corner: x1, y1, x2, y2. An order for grouping and sorting, without geometric meaning.
static int compare(const Roi &a, const Roi &b)
{
    const int32 left[] = {a.x1, a.y1, a.x2, a.y2}, right[] = {b.x1, b.y1, b.x2, b.y2};
    for (int i = 0; i < 4; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

static bool contains(const Roi &outer, const Roi &inner)
{
    return outer.x1 <= inner.x1 && outer.y1 <= inner.y1 && outer.x2 >= inner.x2 &&
           outer.y2 >= inner.y2;
}

static bool overlaps(const Roi &a, const Roi &b)
{
    return a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2;
}

MQ_FUNCTION(roi_eq)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) == 0);
}
MQ_FUNCTION(roi_ne)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) != 0);
}
MQ_FUNCTION(roi_lt)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) < 0);
}
MQ_FUNCTION(roi_le)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) <= 0);
}
MQ_FUNCTION(roi_gt)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) > 0);
}
MQ_FUNCTION(roi_ge)
{
    PG_RETURN_BOOL(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)) >= 0);
}
MQ_FUNCTION(roi_cmp)
{
    PG_RETURN_INT32(compare(PG_GETARG_ROI(0), PG_GETARG_ROI(1)));
}

MQ_FUNCTION(roi_hash)
{
    const Roi &r = PG_GETARG_ROI(0);
    return hash_any(reinterpret_cast<const unsigned char *>(&r), sizeof r);
}

MQ_FUNCTION(roi_hash_extended)
{
    const Roi &r = PG_GETARG_ROI(0);
    return hash_any_extended(reinterpret_cast<const unsigned char *>(&r), sizeof r,
                             PG_GETARG_INT64(1));
}

MQ_FUNCTION(roi_overlaps)
{
    PG_RETURN_BOOL(overlaps(PG_GETARG_ROI(0), PG_GETARG_ROI(1)));
}
MQ_FUNCTION(roi_contains)
{
    PG_RETURN_BOOL(contains(PG_GETARG_ROI(0), PG_GETARG_ROI(1)));
}
MQ_FUNCTION(roi_contained)
{
    PG_RETURN_BOOL(contains(PG_GETARG_ROI(1), PG_GETARG_ROI(0)));
}

MQ_FUNCTION(roi_intersection)
{
    const Roi &a = PG_GETARG_ROI(0), &b = PG_GETARG_ROI(1);
    if (!overlaps(a, b))
        PG_RETURN_NULL();
    return roi_get_datum(Roi{std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2),
                             std::min(a.y2, b.y2)});
}

// Pixels of the box, whether or not a mask reaches there; 2^64 for full.
MQ_FUNCTION(roi_area)
{
    const Roi &r = PG_GETARG_ROI(0);
    PG_RETURN_FLOAT8((double(r.x2) - r.x1 + 1) * (double(r.y2) - r.y1 + 1));
}
