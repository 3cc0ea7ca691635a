// Which functions are the extension's, however they and their schema are called.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/pathnodes.h"
}

namespace mq
{

// cp, pixel_sum, mask_iou, mask_iomin.
enum class CpKind : uint8_t { count, sum, iou, iomin };

// The spellings of cp (README.md at the root) and its like, by their arguments; none for all other
// functions.
enum class CpForm : uint8_t {
    none,
    mask_roi_range,
    mask_range,
    mask_roi_record,
    mask_record,
    mask_roi,
    mask,
    masks_threshold
};

struct CpFunction {
    CpKind kind;
    CpForm form;
    Oid mask_type;
    Oid namespace_oid;
};
// Tells whether funcid is one of the extension's functions that bounds know something about.
CpFunction identify_cp(Oid funcid);

// The function of that schema, name and arguments; InvalidOid when there is none. Asks for no right
// to use the schema, which the query as written may not need.
Oid find_function_in(Oid namespace_oid, const char *name, int nargs, const Oid *args);

// May the current user call the function? When that is not so for everyone, the plan holds for this
// user only. root: null where none is planning.
bool may_call(PlannerInfo *root, Oid funcid);

// OIDs of the functions that a rewritten clause calls, in the schema of the extension. False when
// they are missing (an older script version).
struct GuardFunctions {
    Oid possible, certain, undecided, verified, program_type;
};
bool find_guard_functions(Oid namespace_oid, GuardFunctions *out);

} // namespace mq
