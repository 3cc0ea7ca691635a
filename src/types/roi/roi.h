// The SQL type roi: a Datum is a pointer to a Roi, 16 bytes, passed by reference, aligned as int4.
#pragma once

#include "core/base/roi.h"
#include "pg/pg.h"

namespace mq
{

static_assert(sizeof(Roi) == 16 && alignof(Roi) == 4, "roi is declared with 16 bytes and int4");

// REQUIRES: not NULL. The Roi lives as long as the Datum.
inline const Roi &datum_get_roi(Datum d)
{
    return *reinterpret_cast<const Roi *>(DatumGetPointer(d));
}

// A palloc'd copy.
inline Datum roi_get_datum(const Roi &r)
{
    Roi *copy = static_cast<Roi *>(palloc(sizeof(Roi)));
    *copy = r;
    return PointerGetDatum(copy);
}

} // namespace mq

#define PG_GETARG_ROI(n) (mq::datum_get_roi(PG_GETARG_DATUM(n)))
