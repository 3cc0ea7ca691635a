// Fetches single chunks of a value from a TOAST table.
#pragma once

#include "pg/toast.h"

extern "C" {
#include "access/heaptoast.h"
}

namespace mq
{

// Bytes of a chunk; the last one of a value may have fewer.
constexpr size_t kToastChunk = TOAST_MAX_CHUNK_SIZE;

// Copies the chunks with the given numbers (ascending, `n` of them, within the value) to `out`, one
// behind the other, each kToastChunk bytes from the one before. All of their pages are asked for
// before the first is waited for. REQUIRES: the value is stored, and not compressed; the
// snapshot by which its pointer was read still sees the row that had it. Errors:
// ERRCODE_DATA_CORRUPTED.
void fetch_chunks(const struct varatt_external &pointer, const uint32_t *chunks, size_t n,
                  uint8_t *out);

// Asks for the page of the TOAST index that leads to the value's first chunk, and does not wait for
// it. A guess where the index is being changed.
void prefetch_value_entry(const struct varatt_external &pointer);

// Asks for the page of the value's first chunk, and does not wait for it, but for that of the
// index.
void prefetch_value_start(const struct varatt_external &pointer);

} // namespace mq
