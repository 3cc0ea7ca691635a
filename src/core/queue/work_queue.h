// Work that a background worker has been given: which piece comes next, and how much of it is done
// at a stretch. What a piece is about only its kind knows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mq
{

// A piece of work; its payload lies with those of the others.
struct WorkItem {
    uint16_t kind;      // number in the table of kinds
    uint16_t priority;  // the higher, the earlier
    uint32_t when_idle; // not 0: only while the database is idle, so after all others
    uint32_t relation;  // OID of what it is about, 0 for none
    uint32_t unused;
    uint64_t payload; // where it begins among the payloads
    uint64_t size;    // of the payload, in bytes
};

// Whether each item is of one of so many kinds, and its payload one of so many bytes: to be asked
// of items that came from another process.
bool items_are_sound(const WorkItem *items, size_t count, uint32_t kinds, uint64_t payload_bytes);

// Sorts items in the order in which they are done. Of equal ones the first stays the first.
void sort_items(WorkItem *items, size_t count);

// How many units of a kind (what a unit is the kind knows) are done before the worker looks whether
// it is in the way: as many as take about kSliceMs, found by trying.
constexpr double kSliceMs = 20;
constexpr uint32_t kFirstUnits = 16, kMaxUnits = 512;
struct Pace {
    uint32_t units = kFirstUnits;
};
// So many were done, and took so long.
void adjust_pace(Pace *pace, uint32_t done, double ms);

} // namespace mq
