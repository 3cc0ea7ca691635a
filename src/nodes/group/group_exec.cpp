// CHI Group without an order of its own: a group at a time. group.md has the algorithm and its
// proof.
#include "nodes/group/group_state.h"

extern "C" {
#include "miscadmin.h"
}

namespace mq
{

TupleTableSlot *next_group(ChiGroupState *g)
{
    for (;;) {
        Group group;
        GroupKnown counts;
        CHECK_FOR_INTERRUPTS();
        cut_group_rows(g->rows, 0);
        if (!read_group(g, &group, &counts))
            return nullptr;
        GroupKnown known = counts;
        if (!is_decided(counts.having))
            known = bound_group(g, group, Stage::extremes);
        if (computes_all()) {
            TupleTableSlot *row = compute_group(g, group);
            verify_group(g, counts, row);
            verify_group(g, known, row);
            if (row)
                return row;
        } else if (is_refuted(known.having)) {
            continue;
        } else if (is_proven(known.having) && !g->needs_aggregates) {
            return make_plain_row(g, group);
        } else if (TupleTableSlot *row = compute_group(g, group)) {
            return row;
        }
    }
}

} // namespace mq
