// What a scan tells the guards in its own quals, and learns from them, so that neither asks the
// index twice. The node that evaluates the quals sets scanned_row around their evaluation.
#pragma once

#include "core/program/program.h"
#include "pg/pg.h"

extern "C" {
#include "storage/itemptr.h"
}

namespace mq
{

struct ScannedClause {
    const void *program; // the Const's datum in the node's plan: tells the clause
    bool constant;       // its inputs are constants, known from the start
    bool inputs_known;
    ProgramInput *inputs; // filled by the clause's guard when it first comes to be evaluated
    int n_inputs;
};

struct ScannedRow {
    Oid relid, toastrelid;
    ItemPointerData tid; // invalid: nothing is known of the row
    ScannedClause *clauses;
    int n_clauses;
    uint32_t proven, refuted; // by clause
};

// Null outside the quals of a node that decides its rows itself.
extern ScannedRow *scanned_row;

// The clause of the scan under way that a guard with this program stands for; -1 when there is
// none.
inline int scanned_clause(const void *program)
{
    if (scanned_row != nullptr)
        for (int i = 0; i < scanned_row->n_clauses; i++)
            if (scanned_row->clauses[i].program == program)
                return i;
    return -1;
}

} // namespace mq
