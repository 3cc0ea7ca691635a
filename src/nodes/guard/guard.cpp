// The guards at run time: chi_possible, chi_certain, chi_undecided and, with maskquery.verify,
// chi_verified.
//
// Arguments: the program, (chi_verified: the clause itself,) then for every source the tableoid and
// ctid of its row and its mask, then the program's inputs. A guard never raises an error of its own
// over a row that the index does not know, or when the index is gone: it then answers "unknown",
// and the clause is evaluated.
#include "pg/guard.h"
#include "facts/refine_row.h"
#include "facts/row_bounds.h"
#include "facts/scanned_row.h"
#include "plan/settings.h"
#include "stats/stats.h"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
}

namespace mq
{

ScannedRow *scanned_row = nullptr;

namespace
{

struct Guard {
    RowBounds *row;
    int first_source_arg;
    Oid input_types[kMaxInputs];
};

Guard *make_guard_state(FunctionCallInfo fcinfo, int first_source_arg)
{
    FmgrInfo *flinfo = fcinfo->flinfo;
    Guard *g = (Guard *)MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Guard));
    g->row = open_row_bounds(PG_GETARG_DATUM(0), ProgramBody::condition, flinfo->fn_mcxt);
    share_looked_up_rows(g->row);
    g->first_source_arg = first_source_arg;
    const Program &program = g->row->program;
    const int first_input_arg = first_source_arg + kSourceArgs * program.sources;
    if (PG_NARGS() != first_input_arg + program.inputs)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("guard called with the wrong arguments"),
                        errdetail("The program takes %d, the call has %d.",
                                  first_input_arg + program.inputs, PG_NARGS())));
    for (int i = 0; i < program.sources; i++) {
        int arg = first_source_arg + kSourceArgs * i;
        if (get_fn_expr_argtype(flinfo, arg) != OIDOID ||
            get_fn_expr_argtype(flinfo, arg + 1) != TIDOID)
            ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                            errmsg("guard called with the wrong arguments")));
    }
    for (int i = 0; i < program.inputs; i++)
        g->input_types[i] = get_fn_expr_argtype(flinfo, first_input_arg + i);
    flinfo->fn_extra = g;
    return g;
}

// What the scan whose quals the guard stands in has decided for the row at hand: kTrue, kFalse, or
// kAnyOutcome.
uint8_t decided_by_scan(FunctionCallInfo fcinfo, int first_source_arg)
{
    int clause = scanned_clause(PG_GETARG_POINTER(0));
    // The scan knows nothing of a row that EvalPlanQual brings.
    if (clause < 0 || !ItemPointerIsValid(&scanned_row->tid) ||
        PG_ARGISNULL(first_source_arg + 1) ||
        !ItemPointerEquals(&scanned_row->tid, (ItemPointer)PG_GETARG_POINTER(first_source_arg + 1)))
        return kAnyOutcome;
    return scanned_row->proven >> clause & 1    ? kTrue
           : scanned_row->refuted >> clause & 1 ? kFalse
                                                : kAnyOutcome;
}

// The scan whose quals the guard stands in has proven its clause for the row at hand: counted, and
// no look-up is needed.
bool proven_by_scan(FunctionCallInfo fcinfo, Verdict verdict)
{
    if (decided_by_scan(fcinfo, 1) != kTrue)
        return false;
    stats_mask_judged(scanned_row->relid, &scanned_row->tid, scanned_row->toastrelid, verdict);
    return true;
}

// The inputs are known now: tells the scan that waits for them.
void hand_inputs_over(FunctionCallInfo fcinfo, const Guard *g)
{
    int i = scanned_clause(PG_GETARG_POINTER(0));
    if (i < 0 || scanned_row->clauses[i].inputs_known)
        return;
    ScannedClause *clause = &scanned_row->clauses[i];
    memcpy(clause->inputs, g->row->inputs, sizeof(ProgramInput) * clause->n_inputs);
    clause->inputs_known = true;
}

// Outcomes of the clause for the row that the arguments name. last_chance: what is not decided now
// is evaluated.
uint8_t judge(FunctionCallInfo fcinfo, Guard *g, bool last_chance)
{
    int arg = g->first_source_arg;
    for (int i = 0; i < g->row->program.sources; i++, arg += kSourceArgs) {
        if (PG_ARGISNULL(arg) || PG_ARGISNULL(arg + 1)) {
            clear_source(g->row, i, PG_ARGISNULL(arg + 2));
            continue;
        }
        Datum mask = PG_GETARG_DATUM(arg + 2);
        set_source(g->row, i, PG_GETARG_OID(arg), (ItemPointer)PG_GETARG_POINTER(arg + 1),
                   PG_ARGISNULL(arg + 2) ? nullptr : &mask, last_chance);
    }
    for (int i = 0; i < g->row->program.inputs; i++, arg++) {
        bool is_null = PG_ARGISNULL(arg);
        set_input(g->row, i, g->input_types[i], is_null ? Datum(0) : PG_GETARG_DATUM(arg), is_null);
    }
    hand_inputs_over(fcinfo, g);
    return row_outcomes(g->row);
}

// What chi_certain found out by reading pixels, for the chi_undecided that the executor calls next:
// that the clause is not true for this row. It is forgotten when the next chi_certain is called or
// when it was used, so a match means this very call, and anything else, such as a subquery among
// the inputs that had guards of its own, evaluates the clause.
struct Refuted {
    bool valid;
    MemoryContext query; // compared only
    const struct varlena *program;
    int sources;
    Oid relid[kMaxSources];
    ItemPointerData tid[kMaxSources];
};
Refuted refuted;

void note_refuted(FunctionCallInfo fcinfo, const Guard *g)
{
    refuted.query = fcinfo->flinfo->fn_mcxt;
    refuted.program = (const struct varlena *)PG_GETARG_POINTER(0);
    refuted.sources = g->row->program.sources;
    for (int i = 0; i < refuted.sources; i++) {
        int arg = g->first_source_arg + kSourceArgs * i;
        refuted.relid[i] = PG_GETARG_OID(arg);
        refuted.tid[i] = *(ItemPointer)PG_GETARG_POINTER(arg + 1);
    }
    refuted.valid = true;
}

// Whether chi_certain, called for the same clause and row just now, refuted it.
bool was_refuted(FunctionCallInfo fcinfo)
{
    if (!refuted.valid || refuted.query != fcinfo->flinfo->fn_mcxt || PG_ARGISNULL(0))
        return false;
    refuted.valid = false;
    const struct varlena *program = (const struct varlena *)PG_GETARG_POINTER(0);
    if (VARSIZE_ANY(program) != VARSIZE_ANY(refuted.program) ||
        memcmp(program, refuted.program, VARSIZE_ANY(program)) != 0)
        return false;
    for (int i = 0; i < refuted.sources; i++) {
        int arg = 1 + kSourceArgs * i;
        if (arg + 1 >= PG_NARGS() || PG_ARGISNULL(arg) || PG_ARGISNULL(arg + 1) ||
            PG_GETARG_OID(arg) != refuted.relid[i] ||
            !ItemPointerEquals((ItemPointer)PG_GETARG_POINTER(arg + 1), &refuted.tid[i]))
            return false;
    }
    return true;
}

Verdict verdict_of(uint8_t outcomes)
{
    return is_refuted(outcomes)  ? Verdict::pruned
           : is_proven(outcomes) ? Verdict::accepted
                                 : Verdict::undecided;
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
    if (proven_by_scan(fcinfo, Verdict::considered))
        PG_RETURN_BOOL(true);
    Guard *g = guard_state(fcinfo, 1);
    bool possible = !is_refuted(judge(fcinfo, g, false));
    count_verdict(g->row, possible ? Verdict::considered : Verdict::pruned);
    PG_RETURN_BOOL(possible);
}

// True when the bounds prove the clause, or as many pixels as it takes.
MQ_FUNCTION(mq_chi_certain)
{
    refuted.valid = false;
    if (!enable_pruning)
        PG_RETURN_BOOL(false);
    if (proven_by_scan(fcinfo, Verdict::accepted))
        PG_RETURN_BOOL(true);
    Guard *g = guard_state(fcinfo, 1);
    uint8_t outcomes = judge(fcinfo, g, true);
    if (!is_decided(outcomes))
        outcomes = refine_row(g->row);
    if (is_refuted(outcomes))
        note_refuted(fcinfo, g);
    count_verdict(g->row, verdict_of(outcomes));
    PG_RETURN_BOOL(is_proven(outcomes));
}

// False when chi_certain has refuted the clause on its way.
MQ_FUNCTION(mq_chi_undecided)
{
    PG_RETURN_BOOL(!was_refuted(fcinfo));
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
        if (!is_decided(outcomes))
            outcomes = refine_row(g->row);
        bool wrong = (is_refuted(outcomes) && value) || (is_proven(outcomes) && !value);
        uint8_t scanned = decided_by_scan(fcinfo, 2);
        if (scanned != kAnyOutcome) {
            outcomes = scanned;
            wrong = wrong || value != is_proven(scanned);
        }
        count_verdict(g->row, verdict_of(outcomes));
        if (wrong) {
            char text[512];
            print_program(g->row->program, text, sizeof text);
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
