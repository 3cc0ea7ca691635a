// Planner support functions: how much cp costs, how many rows a guard lets pass.
//
// Rows: the clause's program is evaluated on a sample of rows, which is the very thing the guard
// will do to all of them. Costs: PostgreSQL does not count the reading of TOASTed values, so cp
// says what its mask takes.
#include "chi/chi.h"
#include "core/mask/layout.h"
#include "facts/index_lookup.h"
#include "facts/program_datum.h"
#include "facts/scan/scan.h"
#include "pg/guard.h"
#include "pg/optional.h"
#include "plan/catalog/functions.h"
#include "plan/planning.h"
#include "types/mask/mask.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "executor/executor.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "catalog/pg_inherits.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

namespace mq
{

namespace
{

// ---- cost of cp ----

constexpr double kUnknownMaskBytes = 100000; // about a 224 x 224 float map, compressed

// Mean bytes of a TOASTed value of a table, by what VACUUM last saw; 0 when unknown.
double mean_toast_bytes(Oid relid)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
    if (!HeapTupleIsValid(tuple))
        return 0;
    double rows = ((Form_pg_class)GETSTRUCT(tuple))->reltuples;
    Oid toast = ((Form_pg_class)GETSTRUCT(tuple))->reltoastrelid;
    ReleaseSysCache(tuple);
    if (!OidIsValid(toast) || rows < 1)
        return 0;
    tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(toast));
    if (!HeapTupleIsValid(tuple))
        return 0;
    double pages = ((Form_pg_class)GETSTRUCT(tuple))->relpages;
    ReleaseSysCache(tuple);
    return pages * BLCKSZ / rows;
}

double mask_bytes(PlannerInfo *root, Node *mask)
{
    if (root && IsA(mask, Var) && ((Var *)mask)->varlevelsup == 0) {
        RangeTblEntry *rte = planner_rt_fetch(((Var *)mask)->varno, root);
        double bytes = rte->rtekind == RTE_RELATION ? mean_toast_bytes(rte->relid) : 0;
        if (bytes > 0)
            return bytes;
    }
    MaskTypmod typmod;
    if (decode_typmod(exprTypmod(mask), &typmod))
        return 2.0 * typmod.shape.pixels(); // half of the raw floats
    return kUnknownMaskBytes;
}

void cost_cp(SupportRequestCost *req)
{
    List *args = req->node && IsA(req->node, FuncExpr) ? ((FuncExpr *)req->node)->args : NIL;
    double bytes = args ? mask_bytes(req->root, (Node *)linitial(args)) : kUnknownMaskBytes;
    double pages = bytes / BLCKSZ;
    req->startup = 0;
    // The chunks of a value lie together; decoding takes about as long as copying its bytes a few
    // times.
    req->per_tuple = random_page_cost + pages * seq_page_cost + bytes * cpu_operator_cost / 256;
}

// ---- the papers' spelling: CP(mask, roi, (lv, uv)) ----

Node *to_float8(PlannerInfo *root, Node *node)
{
    Node *coerced = coerce_to_target_type(nullptr, node, exprType(node), FLOAT8OID, -1,
                                          COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
    return coerced ? eval_const_expressions(root, coerced) : nullptr;
}

// The two fields of a row: of a row constructor, or of a constant that one was folded into.
bool row_fields(Node *record, Node **first, Node **second)
{
    if (IsA(record, RowExpr)) {
        List *args = ((RowExpr *)record)->args;
        if (list_length(args) != 2)
            return false;
        *first = (Node *)linitial(args);
        *second = (Node *)lsecond(args);
        return true;
    }
    if (!IsA(record, Const) || ((Const *)record)->constisnull)
        return false;
    HeapTupleHeader header = DatumGetHeapTupleHeader(((Const *)record)->constvalue);
    TupleDesc desc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
                                                 HeapTupleHeaderGetTypMod(header));
    if (desc->natts != 2)
        return false;
    Node *fields[2];
    for (int i = 0; i < 2; i++) {
        Form_pg_attribute att = TupleDescAttr(desc, i);
        bool is_null;
        Datum value = GetAttributeByNum(header, i + 1, &is_null);
        fields[i] = (Node *)makeConst(att->atttypid, att->atttypmod, att->attcollation, att->attlen,
                                      value, is_null, att->attbyval);
    }
    *first = fields[0];
    *second = fields[1];
    return true;
}

// Turns a row of two numbers into two arguments.
Node *simplify_cp(SupportRequestSimplify *req)
{
    FuncExpr *call = req->fcall;
    CpFunction f = identify_cp(call->funcid);
    if (f.form != CpForm::mask_roi_record && f.form != CpForm::mask_record)
        return nullptr;
    Node *first, *second;
    if (!row_fields((Node *)llast(call->args), &first, &second))
        return nullptr;
    Node *lv = to_float8(req->root, first);
    Node *uv = to_float8(req->root, second);
    char *name = get_func_name(call->funcid);
    if (lv == nullptr || uv == nullptr || name == nullptr)
        return nullptr;
    List *args = list_truncate(list_copy(call->args), list_length(call->args) - 1);
    args = lappend(lappend(args, lv), uv);
    Oid types[4];
    int n = 0;
    ListCell *lc;
    foreach (lc, args)
        types[n++] = exprType((Node *)lfirst(lc));
    Oid funcid = find_function_in(f.namespace_oid, name, n, types);
    if (!OidIsValid(funcid) || identify_cp(funcid).form == CpForm::none ||
        identify_cp(funcid).kind != f.kind || !may_call(req->root, funcid))
        return nullptr;
    return (Node *)makeFuncExpr(funcid, FLOAT8OID, args, InvalidOid, InvalidOid,
                                COERCE_EXPLICIT_CALL);
}

// ---- rows that pass a guard ----

// When inputs differ from row to row: what the real maps of data/wildcam-mini showed on average,
// roughly.
constexpr double kDefaultPossible = 0.5;
constexpr double kDefaultCertain = 0.3;

// A chi index to sample: the table's own, or the first one found among its children.
Oid index_to_sample(Oid relid, const char *column)
{
    Oid index = find_chi_index(relid, column, true);
    if (OidIsValid(index) && get_rel_relkind(index) == RELKIND_INDEX)
        return index;
    if (!has_subclass(relid))
        return InvalidOid;
    ListCell *lc;
    foreach (lc, find_inheritance_children(relid, NoLock)) {
        check_stack_depth();
        index = index_to_sample(lfirst_oid(lc), column);
        if (OidIsValid(index))
            return index;
    }
    return InvalidOid;
}

// A level asks about the same clause several times: for each of its guards and paths.
struct KeptSample {
    uint64 key; // hash of index, program and inputs
    ScanSample sample;
};

// Field by field: between them there is padding, which copies do not keep.
template <typename T> void add_field(uint64 *hash, const T &field)
{
    static_assert(std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>);
    *hash =
        hash_combine64(*hash, hash_bytes_extended((const unsigned char *)&field, sizeof field, 0));
}

void add_input_to_hash(uint64 *hash, InputKind kind, const ProgramInput &input)
{
    add_field(hash, input.is_null);
    if (kind == InputKind::boolean) {
        add_field(hash, input.boolean);
    } else if (kind == InputKind::roi) {
        add_field(hash, input.roi);
    } else {
        add_field(hash, input.num.lo);
        add_field(hash, input.num.hi);
        add_field(hash, input.num.tiny);
        add_field(hash, input.num.may);
        add_field(hash, input.num.whole);
    }
}

uint64 sample_key(Oid index, const Program &program, const ProgramInput *inputs)
{
    uint64 hash = hash_bytes_extended(program.code.data, program.code.size, index);
    for (int i = 0; i < program.inputs; i++)
        add_input_to_hash(&hash, (InputKind)program.input_kinds[i], inputs[i]);
    return hash;
}

// What it allocates in the current memory context is the caller's to free.
ScanSample sample_index(Oid index_oid, const Program &program, const ProgramInput *inputs)
{
    Relation index = index_open(index_oid, AccessShareLock);
    Relation heap = table_open(index->rd_index->indrelid, AccessShareLock);
    ScanClause clause{};
    clause.program = program;
    clause.inputs = inputs;
    Snapshot snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : nullptr;
    RowScan *scan = begin_row_scan(&index, 1, &clause, 1, snapshot);
    ScanSample sample = sample_rows(scan, RelationGetNumberOfBlocks(heap));
    table_close(heap, AccessShareLock);
    index_close(index, AccessShareLock);
    return sample;
}

// A sample of no rows when the index cannot be read.
ScanSample sample_if_readable(Oid index, const Program &program, const ProgramInput *inputs)
{
    static OptionalWork work = {"sample a chi index for an estimate"};
    ScanSample sample;
    if (!try_optional(&work, [&] { sample = sample_index(index, program, inputs); }))
        sample = ScanSample{};
    return sample;
}

HTAB *make_samples(MemoryContext context)
{
    HASHCTL control = {};
    control.keysize = sizeof(uint64);
    control.entrysize = sizeof(KeptSample);
    control.hcxt = context;
    return hash_create("chi samples", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

// Takes a sample, or the same one again in one planning of a level.
ScanSample sample_for_level(PlannerInfo *root, Oid index, const Program &program,
                            const ProgramInput *inputs)
{
    Planning *planning = find_planning(root);
    if (planning == nullptr)
        return sample_if_readable(index, program, inputs);
    if (planning->samples == nullptr)
        planning->samples = make_samples(root->planner_cxt);
    const uint64 key = sample_key(index, program, inputs);
    KeptSample *kept = (KeptSample *)hash_search(planning->samples, &key, HASH_FIND, nullptr);
    if (kept == nullptr) {
        const ScanSample sample = sample_if_readable(index, program, inputs);
        kept = (KeptSample *)hash_search(planning->samples, &key, HASH_ENTER, nullptr);
        kept->sample = sample;
    }
    return kept->sample;
}

// Evaluates the program on a sample of rows. False when its inputs are not known at plan time, or
// the index cannot be read.
bool take_sample(PlannerInfo *root, List *args, int first_source_arg, ScanSample *sample)
{
    Node *first = (Node *)linitial(args);
    if (!IsA(first, Const) || ((Const *)first)->constisnull)
        return false;
    Program *program = (Program *)palloc(sizeof(Program));
    const char *columns[kMaxSources];
    open_program_datum((struct varlena *)DatumGetPointer(((Const *)first)->constvalue), program,
                       columns);
    if (program->sources != 1)
        return false;
    ProgramInput *inputs = (ProgramInput *)palloc0(sizeof(ProgramInput) * Max(program->inputs, 1));
    for (int i = 0; i < program->inputs; i++) {
        Node *arg = estimate_expression_value(
            root, (Node *)list_nth(args, first_source_arg + kSourceArgs + i));
        if (!IsA(arg, Const))
            return false;
        Const *k = (Const *)arg;
        load_input((InputKind)program->input_kinds[i], k->consttype, k->constvalue, k->constisnull,
                   &inputs[i]);
    }
    Node *tableoid = (Node *)list_nth(args, first_source_arg);
    if (!IsA(tableoid, Var) || ((Var *)tableoid)->varlevelsup != 0)
        return false;
    RangeTblEntry *rte = planner_rt_fetch(((Var *)tableoid)->varno, root);
    Oid oid = rte->rtekind == RTE_RELATION ? index_to_sample(rte->relid, columns[0]) : InvalidOid;
    if (!OidIsValid(oid))
        return false;
    *sample = sample_for_level(root, oid, *program, inputs);
    return sample->rows > 0;
}

// chi_possible passes what is not refuted; chi_certain is asked of those only.
void estimate_guard(SupportRequestSelectivity *req)
{
    GuardFunctions f;
    Oid namespace_oid = get_func_namespace(req->funcid);
    if (!find_guard_functions(namespace_oid, &f))
        return;
    if (req->funcid == f.undecided) { // asked of rows that pass as often with it as without
        req->selectivity = 1;
        return;
    }
    bool verified = req->funcid == f.verified;
    ScanSample sample;
    double possible = kDefaultPossible, certain = kDefaultCertain;
    if (take_sample(req->root, req->args, verified ? 2 : 1, &sample)) {
        // Half a row more on either side: a sample never proves that nothing passes.
        const int passing = sample.rows - sample.refuted;
        possible = (passing + 0.5) / (sample.rows + 1.0);
        certain = (sample.proven + 0.5) / (passing + 1.0);
    }
    if (verified) // undecided rows pass as often as PostgreSQL assumes of an inequality
        req->selectivity = possible * (certain + (1 - certain) / 3);
    else
        req->selectivity = req->funcid == f.certain ? certain : possible;
}

} // namespace

} // namespace mq

using namespace mq;

MQ_FUNCTION(mq_cp_support)
{
    Node *req = (Node *)PG_GETARG_POINTER(0);
    if (IsA(req, SupportRequestCost)) {
        cost_cp((SupportRequestCost *)req);
        PG_RETURN_POINTER(req);
    }
    if (IsA(req, SupportRequestSimplify))
        PG_RETURN_POINTER(simplify_cp((SupportRequestSimplify *)req));
    PG_RETURN_POINTER(nullptr);
}

MQ_FUNCTION(mq_guard_support)
{
    Node *req = (Node *)PG_GETARG_POINTER(0);
    if (IsA(req, SupportRequestSelectivity)) {
        SupportRequestSelectivity *selectivity = (SupportRequestSelectivity *)req;
        selectivity->selectivity = -1;
        estimate_guard(selectivity);
        PG_RETURN_POINTER(selectivity->selectivity < 0 ? nullptr : req);
    }
    if (IsA(req, SupportRequestCost)) {
        // A look-up of one entry and a few dozen counts; the pages are few and warm.
        ((SupportRequestCost *)req)->startup = 0;
        ((SupportRequestCost *)req)->per_tuple = 40 * cpu_operator_cost;
        PG_RETURN_POINTER(req);
    }
    PG_RETURN_POINTER(nullptr);
}
