// What an assertion asks about locks.
#pragma once

#include "pg/pg.h"

#ifdef USE_ASSERT_CHECKING
extern "C" {
#include "miscadmin.h"
#include "storage/buf_internals.h"
}
#endif

namespace mq
{

#ifdef USE_ASSERT_CHECKING
// True when this process has locked the content of a shared buffer. (That of a local one needs no
// lock.)
inline bool holds_buffer_lock()
{
    return LWLockAnyHeldByMe(&BufferDescriptors->bufferdesc.content_lock, NBuffers,
                             sizeof(BufferDescPadded));
}
#endif

} // namespace mq
