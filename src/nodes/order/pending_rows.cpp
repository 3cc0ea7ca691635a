// The rows with bounds: the sorted ones, merged with those that were narrowed since.
#include "nodes/order/sorted_rows.h"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
}

namespace mq
{

namespace
{

struct RefinedRow {
    pairingheap_node node; // first
    MinimalTuple tuple;    // as in PendingRow's slot
    Rank rank;
    NullableDatum ties[FLEXIBLE_ARRAY_MEMBER]; // in the tuple
};

// What rows are taken in the order of.
struct Turn {
    Position best;
    int64 worst;
};
Turn turn_of(const PendingRow &row)
{
    return Turn{best_of(row), row.rank.worst};
}
Turn turn_of(const RefinedRow &row)
{
    return Turn{Position{row.rank.best, row.ties}, row.rank.worst};
}

bool is_before(const TieKeys *ties, const Turn &a, const Turn &b)
{
    const int c = compare_positions(ties, a.best, b.best);
    return c != 0 ? c < 0 : a.worst < b.worst;
}

int compare_refined(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
    const TieKeys *ties = (const TieKeys *)arg;
    const Turn x = turn_of(*(const RefinedRow *)a), y = turn_of(*(const RefinedRow *)b);
    // The largest is given first.
    return is_before(ties, x, y) ? 1 : is_before(ties, y, x) ? -1 : 0;
}

const RefinedRow *first_refined(const PendingRows *rows)
{
    return rows->refined && !pairingheap_is_empty(rows->refined)
               ? (const RefinedRow *)pairingheap_first(rows->refined)
               : nullptr;
}

} // namespace

PendingRows *make_pending_rows(TupleDesc child, const TieKeys *ties)
{
    PendingRows *rows = (PendingRows *)palloc0(sizeof(PendingRows));
    const int n = child->natts;
    rows->n_child = n;
    rows->ties = ties;
    rows->tie_columns = (AttrNumber *)palloc(sizeof(AttrNumber) * Max(ties->n, 1));
    int columns = n + 4;
    for (int i = 0; i < ties->n; i++) {
        const AttrNumber column = ties->keys->columns[i + 1];
        rows->tie_columns[i] = ties->of_child && column <= n ? column : AttrNumber(++columns);
    }
    rows->desc = CreateTemplateTupleDesc(columns);
    for (int i = 1; i <= n; i++)
        TupleDescCopyEntry(rows->desc, i, child, i);
    TupleDescCopyEntry(rows->desc, n + 1, ties->desc, ties->keys->columns[0]);
    TupleDescInitEntry(rows->desc, n + 2, "best", INT8OID, -1, 0);
    TupleDescInitEntry(rows->desc, n + 3, "worst", INT8OID, -1, 0);
    TupleDescInitEntry(rows->desc, n + 4, "computed", BOOLOID, -1, 0);
    for (int i = 0; i < ties->n; i++)
        if (rows->tie_columns[i] > n)
            TupleDescCopyEntry(rows->desc, rows->tie_columns[i], ties->desc,
                               ties->keys->columns[i + 1]);
    const size_t size = sizeof(NullableDatum) * Max(ties->n, 1);
    rows->fetched_ties = (NullableDatum *)palloc(size);
    rows->head.ties = (NullableDatum *)palloc(size);
    rows->next.ties = (NullableDatum *)palloc(size);
    rows->input = MakeSingleTupleTableSlot(rows->desc, &TTSOpsVirtual);
    rows->head.slot = MakeSingleTupleTableSlot(rows->desc, &TTSOpsMinimalTuple);
    rows->next.slot = MakeSingleTupleTableSlot(rows->desc, &TTSOpsMinimalTuple);
    rows->head.empty = rows->next.empty = true;
    rows->context =
        AllocSetContextCreate(CurrentMemoryContext, "CHI refined rows", ALLOCSET_DEFAULT_SIZES);
    return rows;
}

void end_pending_rows(PendingRows *rows)
{
    ExecClearTuple(rows->input);
    if (rows->sorted)
        ExecClearTuple(rows->sorted);
    ExecClearTuple(rows->head.slot);
    ExecClearTuple(rows->next.slot);
    rows->head.empty = rows->next.empty = true;
    if (rows->sort)
        tuplesort_end(rows->sort);
    if (rows->run)
        tuplesort_end(rows->run);
    rows->sort = rows->run = nullptr;
    rows->in_run = rows->ahead = false;
    MemoryContextReset(rows->context);
    rows->refined = nullptr;
    rows->refined_bytes = 0;
}

// The first of `next` and the refined rows becomes the head.
static void take_head(PendingRows *rows)
{
    const RefinedRow *refined = first_refined(rows);
    while (!rows->next.empty && rows->next.awaited &&
           (refined == nullptr || rows->next.rank.best <= refined->rank.best))
        fetch_run(rows, &rows->next);
    if (refined == nullptr ||
        (!rows->next.empty && is_before(rows->ties, turn_of(rows->next), turn_of(*refined)))) {
        PendingRow done = rows->head;
        rows->head = rows->next;
        rows->next = done;
        if (!rows->head.empty)
            read_sorted_row(rows, &rows->next);
        else
            rows->next.empty = true;
        return;
    }
    RefinedRow *row = (RefinedRow *)pairingheap_remove_first(rows->refined);
    rows->refined_bytes -= GetMemoryChunkSpace(row) + GetMemoryChunkSpace(row->tuple);
    ExecStoreMinimalTuple(row->tuple, rows->head.slot, true);
    load_pending_row(rows, &rows->head);
    rows->head.rank = row->rank;
    rows->head.refined = true;
    rows->head.computed = false;
    pfree(row);
}

void read_pending_rows(PendingRows *rows)
{
    ExecClearTuple(rows->input);
    start_reading(rows);
    read_sorted_row(rows, &rows->next);
    take_head(rows);
}

bool best_of_others(const PendingRows *rows, Position *best)
{
    const RefinedRow *refined = first_refined(rows);
    if (refined == nullptr && rows->next.empty)
        return false;
    if (refined)
        *best = turn_of(*refined).best;
    if (!rows->next.empty &&
        (refined == nullptr || compare_positions(rows->ties, best_of(rows->next), *best) < 0))
        *best = best_of(rows->next);
    return true;
}

void refine_pending_row(PendingRows *rows, Rank rank)
{
    const TieKeys *ties = rows->ties;
    const RefinedRow *refined = first_refined(rows);
    Assert(!rows->head.empty);
    rows->head.rank = rank;
    rows->head.refined = true;
    const Turn turn = turn_of(rows->head);
    if ((rows->next.empty || !is_before(ties, turn_of(rows->next), turn)) &&
        (refined == nullptr || !is_before(ties, turn_of(*refined), turn)))
        return;
    MemoryContext old = MemoryContextSwitchTo(rows->context);
    if (rows->refined == nullptr)
        rows->refined = pairingheap_allocate(compare_refined, (void *)ties);
    RefinedRow *row =
        (RefinedRow *)palloc(offsetof(RefinedRow, ties) + sizeof(NullableDatum) * ties->n);
    row->tuple = ExecCopySlotMinimalTuple(rows->head.slot);
    row->rank = rank;
    MemoryContextSwitchTo(old);
    // The head's slot takes the copy, so that the ties are those of the tuple that is kept.
    ExecStoreMinimalTuple(row->tuple, rows->head.slot, false);
    load_pending_row(rows, &rows->head);
    memcpy(row->ties, rows->head.ties, sizeof(NullableDatum) * ties->n);
    pairingheap_add(rows->refined, &row->node);
    rows->refined_bytes += GetMemoryChunkSpace(row) + GetMemoryChunkSpace(row->tuple);
    take_head(rows);
}

NullableDatum pending_key(PendingRows *rows)
{
    NullableDatum key = {};
    Assert(rows->head.computed);
    key.value = rows->head.slot->tts_values[rows->n_child];
    key.isnull = rows->head.slot->tts_isnull[rows->n_child];
    return key;
}

void drop_pending_row(PendingRows *rows)
{
    Assert(!rows->head.empty);
    ExecClearTuple(rows->head.slot);
    take_head(rows);
}

} // namespace mq
