#include "facts/row_bounds.h"

#include "facts/index_lookup.h"
#include "pg/guard.h"
#include "store/page/page.h"

extern "C" {
#include "access/xact.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

// Finds and locks the index of t->relid.
void fill_table_index(RowBounds *b, const BoundsOfSource *source, TableIndex *t)
{
    const Oid relid = t->relid;
    t->locked_in = GetCurrentSubTransactionId();
    t->index = InvalidOid;
    Relation heap = RelationIdGetRelation(relid);
    if (!RelationIsValid(heap))
        return;
    t->toastrelid = heap->rd_rel->reltoastrelid;
    RelationClose(heap);

    Oid oid = find_chi_index(relid, source->column, true);
    if (!OidIsValid(oid))
        return;
    // The executor holds a lock on the table; the index is locked like the ones of an index scan,
    // to the end of the transaction.
    LockRelationOid(oid, AccessShareLock);
    if (find_chi_index(relid, source->column, true) != oid)
        return; // dropped or replaced concurrently, before the lock
    Relation index = RelationIdGetRelation(oid);
    if (!RelationIsValid(index))
        return;
    if (t->info == nullptr)
        t->info = (ChiIndexInfo *)MemoryContextAlloc(b->context, sizeof(ChiIndexInfo));
    *t->info = *chi_index_info(index);
    t->learning = learning_index(index);
    t->index = oid;
    RelationClose(index);
}

TableIndex *find_table_index(RowBounds *b, BoundsOfSource *source, Oid relid)
{
    TableIndex *t = source->tables;
    while (t != nullptr && t->relid != relid)
        t = t->next;
    if (t == nullptr) {
        t = (TableIndex *)MemoryContextAllocZero(b->context, sizeof(TableIndex));
        t->relid = relid;
        t->next = source->tables;
        source->tables = t;
        fill_table_index(b, source, t);
    } else if (!SubTransactionIsActive(t->locked_in)) {
        // A cursor met the table in a subtransaction that is over: rolling it back gave the index's
        // lock away, and a REINDEX may have laid the index out anew since.
        fill_table_index(b, source, t);
        forget_edges(&b->leaves.edges);
    }
    return t;
}

// What is known of a source's current row: nothing but that it is pending.
void leave_pending(BoundsOfSource *source, const ItemPointerData *root, const Datum *mask_to_learn)
{
    source->pending = true;
    if (mask_to_learn)
        learn_queue(source->table->learning, root, *mask_to_learn);
}

// Looks a source's current row up. Both relations are locked (see fill_table_index), so the
// relcache alone is needed here; the references are given back at once because nothing of ours is
// called when a query is cut short.
void look_up_in_index(BoundsOfSource *source, const Datum *mask_to_learn)
{
    TableIndex *t = source->table;
    Relation index = RelationIdGetRelation(t->index);
    if (!RelationIsValid(index))
        return;
    Relation heap = RelationIdGetRelation(t->relid);
    if (!RelationIsValid(heap)) {
        RelationClose(index);
        return;
    }
    ItemPointerData root;
    Bytes bytes{};
    RowEntry *entry = &source->entry;
    ChiState state = chi_lookup_row(heap, index, &source->tid, entry->row, &root);
    entry->known = state == ChiState::built;
    if (state == ChiState::pending) {
        if (learn_lookup(t->learning, &root, &bytes)) {
            chi_use_entry(index, bytes, entry->row);
            entry->known = source->learnt = true;
        } else {
            learn_observe_pending(index, t->learning, &root);
            leave_pending(source, &root, mask_to_learn);
        }
    }
    RelationClose(heap);
    RelationClose(index);
}

// The rows that were looked up last for those that share them, and found.
//
// One is found again by the memory context of the plan, the index and the TID, and cannot be stale:
// - The row is the same. Guards in one context belong to one execution of a plan, hence to one
//   snapshot, which sees the row both times; so VACUUM has not given its TID to another row, and an
//   entry belongs to one version of a mask for good.
// - The index is the same, in the same file with the same bins: both sides locked it in the same
//   subtransaction, which is still active (find_table_index() has just asked), so the lock was held
//   all the time in between.
// - The memory is there: `row` is `owner`'s, in the same context, whose reset forgets it, and who
//   looks another row up into that memory forgets it first. The owner does so at its next row, by
//   when the row is not used any more (share_looked_up_rows()). Only its own other sources, whose
//   rows are of use together, would be overwritten too early: they do not share.
// Rows that are pending, and entries that this session has learnt, are not kept: what is known of
// them changes.
struct LookedUp {
    MemoryContext context; // null: none
    Oid index;
    SubTransactionId locked_in;
    ItemPointerData tid;
    const RowBounds *owner;
    ChiRow *row;
};
constexpr int kMostLookedUp = 2 * kMaxSources;
LookedUp looked_up[kMostLookedUp];
int next_looked_up;

void forget_looked_up(const ChiRow *row)
{
    for (LookedUp &l : looked_up)
        if (l.row == row)
            l = LookedUp{};
}

ChiRow *find_looked_up(const RowBounds *b, const BoundsOfSource &source)
{
    const TableIndex &t = *source.table;
    for (const LookedUp &l : looked_up)
        if (l.context == b->context && l.index == t.index && l.locked_in == t.locked_in &&
            same_slot(&l.tid, &source.tid) && (l.owner != b || l.row == &source.entry.own))
            return l.row;
    return nullptr;
}

void note_looked_up(const RowBounds *b, const BoundsOfSource &source)
{
    looked_up[next_looked_up] = LookedUp{
        b->context, source.table->index, source.table->locked_in, source.tid, b, source.entry.row};
    next_looked_up = (next_looked_up + 1) % kMostLookedUp;
}

void look_up_shared(RowBounds *b, BoundsOfSource *source, const Datum *mask_to_learn)
{
    RowEntry *entry = &source->entry;
    if (ChiRow *row = find_looked_up(b, *source)) {
        entry->row = row;
        entry->known = true;
        return;
    }
    forget_looked_up(entry->row);
    look_up_in_index(source, mask_to_learn);
    if (entry->known && !source->learnt)
        note_looked_up(b, *source);
}

void look_up(RowBounds *b, BoundsOfSource *source, const Datum *mask_to_learn)
{
    if (!OidIsValid(source->table->index))
        return;
    if (learn_has_observed_pending(source->table->learning, &source->tid))
        leave_pending(source, &source->tid, mask_to_learn);
    else if (b->shares_rows)
        look_up_shared(b, source, mask_to_learn);
    else
        look_up_in_index(source, mask_to_learn);
    if (mask_to_learn)
        learn_guarded(*mask_to_learn);
}

} // namespace

RowBounds *open_row_bounds(Datum program, ProgramBody body, MemoryContext context)
{
    MemoryContext old = MemoryContextSwitchTo(context);
    RowBounds *b = (RowBounds *)palloc0(sizeof(RowBounds));
    const char *columns[kMaxSources];
    open_program_datum(PG_DETOAST_DATUM_COPY(program), &b->program, columns);
    if (b->program.kind != body)
        ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("invalid chi_program")));
    b->context = context;
    b->reader_site.fn_mcxt = context;
    b->leaves = make_row_leaves(&b->program, context);
    for (int i = 0; i < b->program.sources; i++) {
        b->sources[i].column = columns[i];
        b->sources[i].entry.row = &b->sources[i].entry.own;
        b->sources[i].entry.own.context = context;
        b->leaves.entries[i] = &b->sources[i].entry;
    }
    MemoryContextSwitchTo(old);
    return b;
}

static void forget_context(void *context)
{
    for (LookedUp &l : looked_up)
        if (l.context == context)
            l = LookedUp{};
}

void share_looked_up_rows(RowBounds *b)
{
    MemoryContextCallback *callback =
        (MemoryContextCallback *)MemoryContextAlloc(b->context, sizeof(MemoryContextCallback));
    callback->func = forget_context;
    callback->arg = b->context;
    MemoryContextRegisterResetCallback(b->context, callback);
    b->shares_rows = true;
}

void clear_source(RowBounds *b, int source, bool is_null)
{
    BoundsOfSource *s = &b->sources[source];
    s->table = nullptr;
    s->has_mask = false;
    s->pending = false;
    s->pixels_read = s->learnt = false;
    forget_entry(&s->entry);
    s->entry.row = &s->entry.own;
    s->entry.is_null = is_null;
}

void set_source(RowBounds *b, int source, Oid relid, ItemPointer tid, const Datum *mask,
                bool last_chance)
{
    BoundsOfSource *s = &b->sources[source];
    clear_source(b, source, mask == nullptr);
    s->table = find_table_index(b, s, relid);
    s->entry.bins = s->table->info ? &s->table->info->bins : nullptr;
    s->tid = *tid;
    s->has_mask = mask != nullptr;
    s->mask = mask ? *mask : Datum(0);
    look_up(b, s, last_chance ? mask : nullptr);
}

void set_input(RowBounds *b, int input, Oid type, Datum value, bool is_null)
{
    load_input((InputKind)b->program.input_kinds[input], type, value, is_null, &b->inputs[input]);
}

uint8_t row_outcomes(RowBounds *b)
{
    read_leaf_calls(b->program, b->inputs, b->leaves.calls);
    find_values(&b->leaves, Stage::counts);
    uint8_t outcomes = evaluate(b->program, b->inputs, b->leaves.values);
    if (is_decided(outcomes) || !narrow_by_extremes(&b->leaves))
        return outcomes;
    return evaluate(b->program, b->inputs, b->leaves.values);
}

Num row_number(RowBounds *b, Stage stage)
{
    read_leaf_calls(b->program, b->inputs, b->leaves.calls);
    find_values(&b->leaves, stage);
    return evaluate_number(b->program, b->inputs, b->leaves.values);
}

void count_verdict(const RowBounds *b, Verdict verdict)
{
    for (int i = 0; i < b->program.sources; i++) {
        const BoundsOfSource &s = b->sources[i];
        ItemPointerData tid = s.tid;
        if (s.table && s.has_mask)
            stats_mask_judged(s.table->relid, &tid, s.table->toastrelid,
                              s.pixels_read ? Verdict::undecided : verdict);
    }
}

} // namespace mq
