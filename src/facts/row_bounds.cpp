#include "facts/row_bounds.h"

#include "facts/index_lookup.h"
#include "pg/guard.h"

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
        for (int i = 0; i < kMasksOfSite * b->program.sites; i++)
            b->calls.sites[i].valid = false;
        for (int i = 0; i < b->program.sites; i++)
            b->sites[i].valid = false;
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
    ChiState state = chi_lookup_row(heap, index, &source->tid, &source->row, &root);
    source->known = state == ChiState::built;
    if (state == ChiState::pending) {
        if (learn_lookup(t->learning, &root, &bytes)) {
            chi_use_entry(index, bytes, &source->row);
            source->known = true;
        } else {
            learn_observe_pending(index, t->learning, &root);
            leave_pending(source, &root, mask_to_learn);
        }
    }
    RelationClose(heap);
    RelationClose(index);
}

void look_up(BoundsOfSource *source, const Datum *mask_to_learn)
{
    if (!OidIsValid(source->table->index))
        return;
    if (learn_has_observed_pending(source->table->learning, &source->tid))
        leave_pending(source, &source->tid, mask_to_learn);
    else
        look_up_in_index(source, mask_to_learn);
    if (mask_to_learn)
        learn_guarded(*mask_to_learn);
}

bool find_entry(void *context, int source, SourceEntry *out)
{
    const BoundsOfSource &s = ((RowBounds *)context)->sources[source];
    if (!s.known)
        return false;
    *out = SourceEntry{&s.row.shape, &s.table->info->bins};
    return true;
}

bool source_count(void *context, const CpCall &call, const EdgeSelection &edges, CountBounds *out)
{
    RowBounds *b = (RowBounds *)context;
    BoundsOfSource &source = b->sources[call.source];
    if (b->stage == Stage::counts || source.row.shape.extremes.tiles() == 0)
        return chi_row_bounds(&source.row, edges, call.roi, out);
    const SiteCache &site = site_cache(b, call, b->stage);
    ChiEntry entry;
    if (!chi_row_edges(&source.row, site.edges, &entry))
        return false;
    *out = tile_bounds(entry, site.edges, site.facts, call.roi);
    return true;
}

// For bounds that need more than the counts of a few edges.
const ChiEntry *whole_entry(BoundsOfSource *source)
{
    if (!source->has_whole) {
        source->has_whole = true;
        source->is_whole = source->known && chi_whole_row(&source->row, &source->entry);
    }
    return source->is_whole ? &source->entry : nullptr;
}

bool source_is_null(void *context, int source)
{
    return ((RowBounds *)context)->sources[source].is_null;
}

bool source_entry(void *context, int source, ChiEntry *out)
{
    const ChiEntry *entry = whole_entry(&((RowBounds *)context)->sources[source]);
    if (entry != nullptr)
        *out = *entry;
    return entry != nullptr;
}

void *allocate(void *context, size_t size)
{
    return MemoryContextAlloc(((RowBounds *)context)->context, size);
}

// Whether some entry has more to tell than its counts.
bool have_extremes(const RowBounds *b)
{
    for (int i = 0; i < b->program.sources; i++) {
        const BoundsOfSource &source = b->sources[i];
        if (source.known && source.row.shape.extremes.tiles() > 0)
            return true;
    }
    return false;
}

} // namespace

const SiteCache &site_cache(RowBounds *b, const CpCall &call, Stage stage)
{
    const BoundsOfSource &source = b->sources[call.source];
    const ChiBins &bins = source.table->info->bins;
    SiteCache &site = b->sites[call.site];
    const ChiEntry &entry = source.row.shape;
    if (!site.valid || site.info != source.table->info || site.format != entry.format ||
        !(site.domain == entry.domain) || site.lv != call.lv || site.uv != call.uv) {
        site.valid = true;
        site.info = source.table->info;
        site.format = entry.format;
        site.domain = entry.domain;
        site.lv = call.lv;
        site.uv = call.uv;
        site.edges = select_edges(entry.format, entry.domain, bins, call.lv, call.uv);
        site.has_facts = false;
    }
    if (stage == Stage::extremes && !site.has_facts) {
        site.facts = tile_facts(entry.format, entry.domain, bins, site.edges, call.lv, call.uv);
        site.has_facts = true;
    }
    return site;
}

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
    for (int i = 0; i < b->program.sources; i++) {
        b->sources[i].column = columns[i];
        b->sources[i].row.context = context;
    }
    b->sites = (SiteCache *)palloc0(sizeof(SiteCache) * Max(b->program.sites, 1));
    b->calls = EntryBounds{
        find_entry,
        source_count,
        source_entry,
        allocate,
        b,
        (SiteEdges *)palloc0(sizeof(SiteEdges) * kMasksOfSite * Max(b->program.sites, 1)),
        (double *)palloc0(sizeof(double) * Max(b->program.sites, 1)),
        0,
        source_is_null};
    MemoryContextSwitchTo(old);
    return b;
}

void clear_source(RowBounds *b, int source, bool is_null)
{
    b->sources[source].is_null = is_null;
    b->sources[source].table = nullptr;
    b->sources[source].known = false;
    b->sources[source].has_mask = false;
    b->sources[source].pending = false;
    b->sources[source].pixels_read = false;
    b->sources[source].has_whole = false;
    b->sources[source].is_whole = false;
}

void set_source(RowBounds *b, int source, Oid relid, ItemPointer tid, const Datum *mask,
                bool last_chance)
{
    BoundsOfSource *s = &b->sources[source];
    clear_source(b, source, mask == nullptr);
    s->table = find_table_index(b, s, relid);
    s->tid = *tid;
    s->has_mask = mask != nullptr;
    s->mask = mask ? *mask : Datum(0);
    look_up(s, last_chance ? mask : nullptr);
}

void set_input(RowBounds *b, int input, Oid type, Datum value, bool is_null)
{
    load_input((InputKind)b->program.input_kinds[input], type, value, is_null, &b->inputs[input]);
}

uint8_t row_outcomes(RowBounds *b)
{
    BoundSource source = entry_bound_source(&b->calls);
    b->stage = Stage::counts;
    uint8_t outcomes = evaluate(b->program, b->inputs, source);
    if (is_decided(outcomes) || !have_extremes(b))
        return outcomes;
    b->stage = Stage::extremes;
    return evaluate(b->program, b->inputs, source);
}

Num row_number(RowBounds *b, Stage stage)
{
    b->calls.exact = 0;
    b->stage = stage;
    return evaluate_number(b->program, b->inputs, entry_bound_source(&b->calls));
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
