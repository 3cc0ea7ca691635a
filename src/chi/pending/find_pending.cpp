// Finding pending rows by what stands in the tuple.
#include "chi/chi.h"
#include "store/page/cache.h"
#include "store/page/tid_map.h"
#include "store/row_fetch.h"

extern "C" {
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"
}

namespace mq
{

namespace
{

// Tid pages looked at in one call: with the rows of their heap pages, a few milliseconds.
constexpr uint32_t kPagesACall = 32;
static_assert(kMaxFound >= int(kSlotsPerTidPage), "the rows of a tid page fit");

struct Search {
    PendingSearch *search;
    TupleTableSlot *row;
    RowFetch fetch;
    AttrNumber column;
    ItemPointerData *roots;
    int found;
    uint32_t visited;
    bool full;
};

void look_at_row(Search *s, const ItemPointerData *root)
{
    bool isnull;
    if (!fetch_row(&s->fetch, root, GetActiveSnapshot(), s->row))
        return;
    Datum mask = slot_getattr(s->row, s->column, &isnull);
    if (!isnull && s->search->wanted(mask, s->search->arg))
        s->roots[s->found++] = *root;
    ExecClearTuple(s->row);
}

bool visit_page(Relation index, BlockNumber block, ChiPageKind kind, uint32_t position, void *arg)
{
    Search *s = (Search *)arg;
    if (kind != ChiPageKind::tids || position < s->search->next)
        return true;
    if (s->visited == kPagesACall || s->found + int(kSlotsPerTidPage) > kMaxFound) {
        s->full = true;
        return false;
    }
    CHECK_FOR_INTERRUPTS();
    s->visited++;
    s->search->next = position + 1;

    ChiTidPage copy;
    copy_tid_page(index, block, position, nullptr, &copy);
    for_each_slot(copy, [&](const ItemPointerData &slot, ItemPointerData root) {
        if (slot_is_pending(&slot))
            look_at_row(s, &root);
    });
    return true;
}

} // namespace

bool chi_may_learn(Relation index)
{
    return may_have_pending(index);
}

int chi_find_pending(Relation heap, Relation index, PendingSearch *search, ItemPointerData *roots)
{
    Search s = {};
    s.search = search;
    s.row = table_slot_create(heap, nullptr);
    s.fetch = begin_row_fetch(heap, index);
    s.column = index->rd_index->indkey.values[0];
    s.roots = roots;
    walk_map(index, MapVisitor{visit_page, &s});
    search->ended = !s.full;
    end_row_fetch(&s.fetch);
    ExecDropSingleTupleTableSlot(s.row);
    return s.found;
}

} // namespace mq
