#include "pg/pause.h"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
}

namespace mq
{

int debug_pause_at = int(PausePoint::none);

static const config_enum_entry pause_points[] = {
    {"none", int(PausePoint::none), false},
    {"slot_read", int(PausePoint::slot_read), false},
    {"segment_opened", int(PausePoint::segment_opened), false},
    {"segment_written", int(PausePoint::segment_written), false},
    {nullptr, 0, false}};

void wait_for_pause_lock()
{
    const Datum key = Int64GetDatum(kPauseLock);
    DirectFunctionCall1(pg_advisory_lock_shared_int8, key);
    DirectFunctionCall1(pg_advisory_unlock_shared_int8, key);
}

void pause_init()
{
    DefineCustomEnumVariable("maskquery.debug_pause_at",
                             "For tests: where to wait for the advisory lock 4343.", nullptr,
                             &debug_pause_at, int(PausePoint::none), pause_points, PGC_SUSET,
                             GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
}

} // namespace mq
