// Asking for what the next rows of a CHI Scan will read, before it is waited for. Nothing but what
// is in memory changes by it: README.md, "Looking ahead".
#pragma once

#include "facts/scan/scan.h"
#include "facts/scanned_row.h"

extern "C" {
#include "nodes/execnodes.h"
}

namespace mq
{

struct ScanAhead;

// For a scan with these clauses over one index, on `column` of its table. Null when it cannot look
// ahead: a clause before the guards is not one that may be tested early. The result lives in the
// query's context. REQUIRES: the node's scan slot is set up.
ScanAhead *begin_ahead(CustomScanState *node, Relation index, AttrNumber column);

// Asks for the heap pages of the rows, and for what deciding those will read that the row scan has
// left undecided: their tile extremes, and the first bytes of masks that these leave undecided too.
// False when it failed, which is no error of the scan (src/pg/optional.h): not to be called again.
// REQUIRES: `decided` are the clauses that the row scan has decided the rows by, with their inputs
// known.
bool look_ahead(ScanAhead *ahead, const ScanRow *rows, int n, const ScannedRow &decided);

} // namespace mq
