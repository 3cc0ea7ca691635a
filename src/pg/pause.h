// Places where a test can hold a backend, to make others get in between at exactly that moment.
//
// maskquery.debug_pause_at names one of them. A backend that comes there waits for the advisory
// lock kPauseLock (in share mode, and gives it back at once); a test takes that lock exclusively
// before. Nothing happens otherwise: a pause point costs one comparison. Superusers only.
#pragma once

#include "pg/pg.h"

namespace mq
{

enum class PausePoint : int {
    none,
    slot_read,      // a look-up has read a slot, and not yet what that leads to
    segment_opened, // a look-up has read the head of a segment, and now reads its payload
    segment_written // a seal has written its segment, and now makes slots lead to it
};

// pg_advisory_lock(4343); no other use of advisory locks in this extension.
constexpr int64 kPauseLock = 4343;

extern int debug_pause_at;
void wait_for_pause_lock();

// REQUIRES: no buffer is locked.
inline void pause_point(PausePoint here)
{
    if (unlikely(debug_pause_at == int(here)))
        wait_for_pause_lock();
}

// Defines the setting.
void pause_init();

} // namespace mq
