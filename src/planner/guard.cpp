// The guards at run time: chi_possible, chi_certain and, with maskquery.verify, chi_verified.
//
// Arguments: the program, (chi_verified: the clause itself,) then for every source the tableoid and
// ctid of its row and its mask, then the program's inputs. A guard never raises an error of its own
// over a row that the index does not know, or when the index is gone: it then answers "unknown",
// and the clause is evaluated.
#include "chi/chi.h"
#include "learn/learn.h"
#include "pg/guard.h"
#include "planner/planner.h"
#include "stats/stats.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace mq
{

namespace
{

// The index that serves a source for the rows of one table (a partition, a child, or the table
// itself).
struct TableIndex {
    Oid relid;
    Oid toastrelid;
    Oid index; // InvalidOid: none usable
    ChiIndexInfo *info;
    SubTransactionId locked_in; // subtransaction that locked the index
    TableIndex *next;
};

struct Source {
    const char *column;
    TableIndex *tables;
    TableIndex *table; // of the current row, null when unknown
    ChiEntryBuffer buffer;
    ChiEntry entry;
    bool known; // entry is the current row's
};

// Thresholds rarely change from row to row, so the edges selected for them are kept a cp site.
struct SiteCache {
    bool valid;
    const ChiIndexInfo *info;
    PixelFormat format;
    Domain domain;
    double lv, uv;
    EdgeSelection edges;
};

struct Guard {
    Program program;
    int first_source_arg;
    Source sources[kMaxSources];
    ProgramInput inputs[kMaxInputs];
    Oid input_types[kMaxInputs];
    SiteCache *sites;
    MemoryContext context;
};

// Finds and locks the index of t->relid.
void fill_table_index(Guard *g, Source *source, TableIndex *t)
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
        t->info = (ChiIndexInfo *)MemoryContextAlloc(g->context, sizeof(ChiIndexInfo));
    *t->info = *chi_index_info(index);
    t->index = oid;
    RelationClose(index);
}

TableIndex *find_table_index(Guard *g, Source *source, Oid relid)
{
    TableIndex *t = source->tables;
    while (t != nullptr && t->relid != relid)
        t = t->next;
    if (t == nullptr) {
        t = (TableIndex *)MemoryContextAllocZero(g->context, sizeof(TableIndex));
        t->relid = relid;
        t->next = source->tables;
        source->tables = t;
        fill_table_index(g, source, t);
    } else if (!SubTransactionIsActive(t->locked_in)) {
        // A cursor met the table in a subtransaction that is over: rolling it back gave the index's
        // lock away, and a REINDEX may have laid the index out anew since.
        fill_table_index(g, source, t);
        for (int i = 0; i < g->program.sites; i++)
            g->sites[i].valid = false;
    }
    return t;
}

Guard *make_guard_state(FunctionCallInfo fcinfo, int first_source_arg)
{
    FmgrInfo *flinfo = fcinfo->flinfo;
    MemoryContext old = MemoryContextSwitchTo(flinfo->fn_mcxt);
    Guard *g = (Guard *)palloc0(sizeof(Guard));
    // The program is a constant of the plan; a copy makes it ours for sure.
    struct varlena *datum = PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
    const char *columns[kMaxSources];
    open_program_datum(datum, &g->program, columns);
    g->context = flinfo->fn_mcxt;
    g->first_source_arg = first_source_arg;
    if (PG_NARGS() != first_source_arg + kSourceArgs * g->program.sources + g->program.inputs)
        ereport(ERROR,
                (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                 errmsg("guard called with the wrong arguments"),
                 errdetail("The program takes %d, the call has %d.",
                           first_source_arg + kSourceArgs * g->program.sources + g->program.inputs,
                           PG_NARGS())));
    for (int i = 0; i < g->program.sources; i++) {
        g->sources[i].column = columns[i];
        g->sources[i].buffer.context = flinfo->fn_mcxt;
        int arg = first_source_arg + kSourceArgs * i;
        if (get_fn_expr_argtype(flinfo, arg) != OIDOID ||
            get_fn_expr_argtype(flinfo, arg + 1) != TIDOID)
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("guard called with the wrong arguments")));
    }
    for (int i = 0; i < g->program.inputs; i++)
        g->input_types[i] =
            get_fn_expr_argtype(flinfo, first_source_arg + kSourceArgs * g->program.sources + i);
    g->sites = (SiteCache *)palloc0(sizeof(SiteCache) * Max(g->program.sites, 1));
    MemoryContextSwitchTo(old);
    flinfo->fn_extra = g;
    return g;
}

// Brings the entry of a source's current row into source->entry. With a mask given, cp is about to
// read it unless the entry decides: a pending row is then announced to be learnt.
void look_up(Guard *g, Source *source, Oid relid, ItemPointer tid, const Datum *mask)
{
    TableIndex *t = find_table_index(g, source, relid);
    source->table = t;
    if (!OidIsValid(t->index))
        return;
    // Both relations are locked (see fill_table_index), so the relcache alone is needed here; the
    // references are given back at once because nothing of ours is called when a query is cut
    // short.
    Relation index = RelationIdGetRelation(t->index);
    if (!RelationIsValid(index))
        return;
    Relation heap = RelationIdGetRelation(relid);
    if (!RelationIsValid(heap)) {
        RelationClose(index);
        return;
    }
    ItemPointerData root;
    Bytes bytes{};
    ChiState state = chi_lookup_row(heap, index, tid, &source->buffer, &root);
    if (state == ChiState::built)
        bytes = Bytes{source->buffer.data, source->buffer.size};
    else if (state == ChiState::pending && !learn_lookup(index, &root, &bytes) && mask)
        learn_announce(index, &root, *mask);
    RelationClose(heap);
    RelationClose(index);
    if (bytes.data == nullptr)
        return;
    call_core([&](Error &err) {
        return chi_open_entry(bytes, t->info->grid, t->info->bins, &source->entry, err);
    });
    source->known = true;
}

bool source_bounds(void *context, const CpCall &call, CountBounds *out)
{
    Guard *g = (Guard *)context;
    const Source &source = g->sources[call.source];
    if (!source.known)
        return false;
    SiteCache &site = g->sites[call.site];
    const ChiEntry &entry = source.entry;
    if (!site.valid || site.info != source.table->info || site.format != entry.format ||
        !(site.domain == entry.domain) || site.lv != call.lv || site.uv != call.uv) {
        site = SiteCache{
            true,
            source.table->info,
            entry.format,
            entry.domain,
            call.lv,
            call.uv,
            select_edges(entry.format, entry.domain, source.table->info->bins, call.lv, call.uv)};
    }
    *out = chi_bounds(entry, site.edges, call.roi);
    return true;
}

// Outcomes of the clause for the row that the arguments name. last_chance: what is not decided now
// is evaluated.
uint8_t judge(FunctionCallInfo fcinfo, Guard *g, bool last_chance)
{
    int arg = g->first_source_arg;
    for (int i = 0; i < g->program.sources; i++, arg += kSourceArgs) {
        Source *s = &g->sources[i];
        s->known = false;
        s->table = nullptr;
        if (PG_ARGISNULL(arg) || PG_ARGISNULL(arg + 1))
            continue;
        Datum mask = PG_GETARG_DATUM(arg + 2);
        look_up(g, s, PG_GETARG_OID(arg), (ItemPointer)PG_GETARG_POINTER(arg + 1),
                last_chance && !PG_ARGISNULL(arg + 2) ? &mask : nullptr);
    }
    for (int i = 0; i < g->program.inputs; i++, arg++) {
        bool is_null = PG_ARGISNULL(arg);
        load_input((InputKind)g->program.input_kinds[i], g->input_types[i],
                   is_null ? Datum(0) : PG_GETARG_DATUM(arg), is_null, &g->inputs[i]);
    }
    return evaluate(g->program, g->inputs, BoundSource{source_bounds, g});
}

// Every mask that a guard was asked about counts, known to the index or not.
void count_verdict(FunctionCallInfo fcinfo, Guard *g, Verdict verdict)
{
    for (int i = 0; i < g->program.sources; i++) {
        const Source &s = g->sources[i];
        int arg = g->first_source_arg + kSourceArgs * i;
        if (s.table && !PG_ARGISNULL(arg + 2))
            stats_mask_judged(s.table->relid, (ItemPointer)PG_GETARG_POINTER(arg + 1),
                              s.table->toastrelid, verdict);
    }
}

Guard *guard_state(FunctionCallInfo fcinfo, int first_source_arg)
{
    Guard *g = (Guard *)fcinfo->flinfo->fn_extra;
    if (g == nullptr) {
        if (PG_ARGISNULL(0))
            ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                            errmsg("chi_program must not be null")));
        g = make_guard_state(fcinfo, first_source_arg);
    }
    return g;
}

} // namespace

} // namespace mq

using namespace mq;

// False when the bounds refute the clause: it is false, or NULL, which in a WHERE or ON clause is
// the same.
MQ_FUNCTION(mq_chi_possible)
{
    if (!enable_pruning)
        PG_RETURN_BOOL(true);
    Guard *g = guard_state(fcinfo, 1);
    bool possible = !is_refuted(judge(fcinfo, g, false));
    count_verdict(fcinfo, g, possible ? Verdict::considered : Verdict::pruned);
    PG_RETURN_BOOL(possible);
}

// True when the bounds prove the clause.
MQ_FUNCTION(mq_chi_certain)
{
    if (!enable_pruning)
        PG_RETURN_BOOL(false);
    Guard *g = guard_state(fcinfo, 1);
    bool certain = is_proven(judge(fcinfo, g, true));
    count_verdict(fcinfo, g, certain ? Verdict::accepted : Verdict::undecided);
    PG_RETURN_BOOL(certain);
}

// The clause's own value, after comparing it with what the bounds decided. With maskquery.verify
// this stands in the place of both other guards.
MQ_FUNCTION(mq_chi_verified)
{
    bool is_null = PG_ARGISNULL(1);
    bool value = !is_null && PG_GETARG_BOOL(1);
    if (enable_pruning) {
        Guard *g = guard_state(fcinfo, 2);
        uint8_t outcomes = judge(fcinfo, g, false);
        bool wrong = (is_refuted(outcomes) && value) || (is_proven(outcomes) && !value);
        count_verdict(fcinfo, g,
                      is_refuted(outcomes)  ? Verdict::pruned
                      : is_proven(outcomes) ? Verdict::accepted
                                            : Verdict::undecided);
        if (wrong) {
            char text[512];
            print_program(g->program, text, sizeof text);
            const char *decided = is_proven(outcomes) ? "true" : "not true";
            const char *found = is_null ? "null" : value ? "true" : "false";
            if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
                ereport(ERROR,
                        (errcode(ERRCODE_INDEX_CORRUPTED),
                         errmsg("bounds decided \"%s\" for a condition that is %s", decided, found),
                         errdetail("Condition: %s", text)));
            ereport(ERROR,
                    (errcode(ERRCODE_INDEX_CORRUPTED),
                     errmsg("bounds decided \"%s\" for a condition that is %s", decided, found),
                     errdetail("Condition: %s, row (%u,%u) of relation %s.", text,
                               ItemPointerGetBlockNumberNoCheck((ItemPointer)PG_GETARG_POINTER(3)),
                               ItemPointerGetOffsetNumberNoCheck((ItemPointer)PG_GETARG_POINTER(3)),
                               get_rel_name(PG_GETARG_OID(2))),
                     errhint("Check the index with chi_check() and rebuild it with REINDEX.")));
        }
    }
    if (is_null)
        PG_RETURN_NULL();
    PG_RETURN_BOOL(value);
}
