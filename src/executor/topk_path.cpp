// Planning of CHI Top-K.
//
// The node stands on a scan/join path that delivers plain columns: those that the result needs, and
// the identity of the masks' rows. For the identity to be among them, get_relation_info_hook says
// early that it is needed at the top of the join.
#include "chi/chi.h"
#include "executor/topk.h"
#include "pg/compat.h"
#include "planner/planner.h"

extern "C" {
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "optimizer/tlist.h"
#include "parser/parsetree.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace mq
{

bool enable_topk = true;

namespace
{

get_relation_info_hook_type previous_get_relation_info = nullptr;
create_upper_paths_hook_type previous_create_upper_paths = nullptr;

// Does the level sort rows of its own FROM list, and nothing made of several of them?
bool sorts_plain_rows(const Query *parse)
{
    return parse->commandType == CMD_SELECT && parse->sortClause != NIL &&
           parse->jointree->fromlist != NIL && parse->groupClause == NIL &&
           parse->groupingSets == NIL && parse->havingQual == nullptr &&
           parse->distinctClause == NIL && parse->setOperations == nullptr && !parse->hasAggs &&
           !parse->hasWindowFuncs && !parse->hasTargetSRFs;
}

// Compiles a sort key. False when bounds say nothing about it, or when it may not be evaluated
// later or less often than the planner has it evaluated.
bool compile_key(PlannerInfo *root, const SortGroupClause *clause, CompiledProgram *out)
{
    Node *key = get_sortgroupclause_expr((SortGroupClause *)clause, root->processed_tlist);
    CompareOp op;
    Oid left, right;
    if (!find_comparison(clause->sortop, &op) || (op != CompareOp::lt && op != CompareOp::gt))
        return false;
    op_input_types(clause->sortop, &left, &right);
    return left == exprType(key) && right == left &&
           compile_number(key, column_has_index, root, out) && !contain_volatile_functions(key) &&
           !contain_subplans(key);
}

// ---- the identity of rows ----

// Says that the top of the level's join needs a system column of the relation, as
// add_vars_to_targetlist() does: that function cannot be called before all relations are known.
void require_column(RelOptInfo *rel, Expr *column)
{
    Var *var = (Var *)column;
    Relids *needed = &rel->attr_needed[var->varattno - rel->min_attr];
    if (bms_is_empty(*needed)) {
#if PG_VERSION_NUM >= 160000
        var->varnullingrels = nullptr; // set where a join makes it NULL
#endif
        rel->reltarget->exprs = lappend(rel->reltarget->exprs, var);
    }
    *needed = bms_add_member(*needed, 0);
}

void require_identity(PlannerInfo *root, RelOptInfo *rel)
{
    ListCell *lc;
    foreach (lc, root->parse->sortClause) {
        CompiledProgram compiled;
        if (!compile_key(root, (SortGroupClause *)lfirst(lc), &compiled))
            continue;
        ListCell *source;
        foreach (source, compiled.sources) {
            const Var *mask = (const Var *)lfirst(source);
            if (mask->varno != int(rel->relid))
                continue;
            require_column(rel, system_column(mask, TableOidAttributeNumber, OIDOID));
            require_column(rel, system_column(mask, SelfItemPointerAttributeNumber, TIDOID));
        }
    }
}

void requiring_get_relation_info(PlannerInfo *root, Oid relation_oid, bool inhparent,
                                 RelOptInfo *rel)
{
    if (previous_get_relation_info)
        previous_get_relation_info(root, relation_oid, inhparent, rel);
    if (enable_pruning && enable_topk && rel->reloptkind == RELOPT_BASEREL &&
        sorts_plain_rows(root->parse))
        require_identity(root, rel);
}

// ---- the child ----

// The level whose target list was costed last: its finished scan/join paths as they were then,
// without the target list.
struct PlainPaths {
    const PlannerInfo *root;
    const RelOptInfo *rel;
    List *paths, *partial;
} plain_paths;

// Once the joins of a level are planned, its target list is costed and then put on the paths; cp is
// asked for its cost in between. (When create_upper_paths_hook runs, the paths compute the sort key
// for every row already, and those that come sorted may have been freed by add_path().)
void note_plain_paths(PlannerInfo *root)
{
    if (!enable_pruning || !enable_topk || root->upper_targets[UPPERREL_FINAL] != nullptr ||
        !sorts_plain_rows(root->parse))
        return;
    int single;
    RelOptInfo *rel;
    if (bms_get_singleton_member(root->all_baserels, &single))
        rel = root->simple_rel_array[single];
    else
#if PG_VERSION_NUM >= 160000
        rel = find_join_rel(root, root->all_query_rels);
#else
        rel = find_join_rel(root, root->all_baserels);
#endif
    plain_paths = PlainPaths{};
    if (rel != nullptr)
        plain_paths =
            PlainPaths{root, rel, list_copy(rel->pathlist), list_copy(rel->partial_pathlist)};
}

// Does a constraint keep NULLs out of a column of a base relation?
bool is_not_null_column(const RelOptInfo *rel, Oid relid, AttrNumber attno)
{
#if PG_VERSION_NUM >= 170000
    return bms_is_member(attno, rel->notnullattnums);
#else
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(attno));
    if (!HeapTupleIsValid(tuple))
        return false;
    bool not_null = ((Form_pg_attribute)GETSTRUCT(tuple))->attnotnull;
    ReleaseSysCache(tuple);
    return not_null;
#endif
}

Path *cheapest_child(PlannerInfo *root, RelOptInfo *rel)
{
    Path *best = nullptr;
    ListCell *lc;
    if (plain_paths.root != root || plain_paths.rel != rel)
        return nullptr;
    foreach (lc, plain_paths.paths) {
        Path *path = (Path *)lfirst(lc);
        if (path->param_info == nullptr && (best == nullptr || path->total_cost < best->total_cost))
            best = path;
    }
    if (plain_paths.partial != NIL && rel->consider_parallel) {
        Path *partial = (Path *)linitial(plain_paths.partial);
        Path *gather =
            (Path *)create_gather_path(root, rel, partial, partial->pathtarget, nullptr, nullptr);
        if (best == nullptr || gather->total_cost < best->total_cost)
            best = gather;
    }
    return best;
}

// Does the child deliver every column that the node needs?
bool has_columns(PlannerInfo *root, const Path *child, const CompiledProgram *compiled)
{
    ListCell *lc;
    foreach (lc, pull_var_clause((Node *)root->processed_tlist, PVC_INCLUDE_PLACEHOLDERS))
        if (!list_member(child->pathtarget->exprs, lfirst(lc)))
            return false;
    foreach (lc, compiled->sources) {
        const Var *mask = (const Var *)lfirst(lc);
        if (!list_member(child->pathtarget->exprs, mask) ||
            !list_member(child->pathtarget->exprs,
                         system_column(mask, TableOidAttributeNumber, OIDOID)) ||
            !list_member(child->pathtarget->exprs,
                         system_column(mask, SelfItemPointerAttributeNumber, TIDOID)))
            return false;
    }
    return true;
}

// ---- the path ----

struct CountedContext {
    List *cp_calls;
};

// Puts the count of the n-th cp site in the place of its call.
Node *replace_calls(Node *node, void *context)
{
    if (node == nullptr)
        return nullptr;
    int site = 0;
    ListCell *lc;
    foreach (lc, ((CountedContext *)context)->cp_calls) {
        site++;
        if (lfirst(lc) == node)
            return (Node *)makeVar(INNER_VAR, site, FLOAT8OID, -1, InvalidOid, 0);
    }
    return mutate_expression(node, replace_calls, context);
}

bool contains_walker(Node *node, void *wanted)
{
    if (node == nullptr)
        return false;
    return equal(node, wanted) || walk_expression(node, contains_walker, wanted);
}

// Does a visible column of the result hold the expression?
bool is_in_result(List *tlist, Node *expr)
{
    ListCell *lc;
    foreach (lc, tlist) {
        TargetEntry *tle = (TargetEntry *)lfirst(lc);
        if (!tle->resjunk && contains_walker((Node *)tle->expr, expr))
            return true;
    }
    return false;
}

bool is_steady(Node *expr)
{
    return !contain_volatile_functions(expr) && !contain_subplans(expr);
}

// LIMIT and OFFSET when they are all that lies between the node and its reader; what a LockRows
// drops would have to be made up for.
List *known_limit(const Query *parse)
{
    if (parse->limitCount == nullptr || parse->rowMarks != NIL || !is_steady(parse->limitCount) ||
        !is_steady(parse->limitOffset))
        return NIL;
    return list_make2(parse->limitCount, parse->limitOffset);
}

// What the path keeps until it becomes a plan.
enum class PathPart : int {
    program,
    sources,
    inputs,
    keys,
    counted,
    ordering,
    limit,
    flags,
    index,   // as TopKPart::index
    columns, // expressions, when there is no child: the table's columns that are needed
    eager    // as TopKPart::eager
};

template <typename T> T *part(List *parts, PathPart p)
{
    return (T *)list_nth(parts, int(p));
}

// Masks that are read before the first row is known for sure; and what a row costs without reading.
constexpr double kUndecided = 0.05;
constexpr double kBoundsOperators = 40;
// Of an index's pages, those that a cp takes.
constexpr double kIndexShare = 0.2;

// What it takes to have all rows with their bounds, before the first is sorted.
struct RowsCost {
    double rows, startup;
};

// Each row of a child is looked up in the index.
RowsCost cost_of_child(const Path *child, int sources)
{
    const double rows = clamp_row_est(child->rows);
    return RowsCost{rows,
                    child->total_cost +
                        rows * (sources * kBoundsOperators * cpu_operator_cost + cpu_tuple_cost)};
}

// The index is read from end to end, and its rows are computed together.
RowsCost cost_of_index(const RelOptInfo *rel, const IndexOptInfo *index)
{
    const double rows = clamp_row_est(rel->rows);
    return RowsCost{rows, kIndexShare * index->pages * seq_page_cost + rows * cpu_operator_cost};
}

void cost_topk(PlannerInfo *root, CustomPath *path, RowsCost rows, Node *key, bool key_wanted)
{
    QualCost evaluation;
    cost_qual_eval_node(&evaluation, key, root);
    const double kept = root->limit_tuples > 0 ? Min(root->limit_tuples, rows.rows) : rows.rows;
    double sorting = 2 * cpu_operator_cost * rows.rows * log2(Max(kept, 2.0));
    double reading = rows.rows * evaluation.per_tuple * (key_wanted ? 1.0 : 0.5);
    double rest = path->path.pathtarget->cost.per_tuple - (key_wanted ? evaluation.per_tuple : 0) +
                  cpu_operator_cost;
    // Rows of an index are fetched when their turn comes.
    if (path->custom_paths == NIL)
        rest += random_page_cost;
    path->path.rows = rows.rows;
    path->path.startup_cost = rows.startup + evaluation.startup + sorting + kUndecided * reading;
    path->path.total_cost = path->path.startup_cost + (1 - kUndecided) * reading +
                            rows.rows * Max(rest, cpu_operator_cost);
}

Plan *plan_topk(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                List *children);

const CustomPathMethods topk_path_methods = {kTopKName, plan_topk, nullptr};

// Sort clauses from the first one that is not constant for the level on.
List *leading_sort_clauses(PlannerInfo *root)
{
    List *clauses = root->parse->sortClause;
    while (clauses != NIL && make_pathkeys_for_sortclauses(root, list_make1(linitial(clauses)),
                                                           root->processed_tlist) == NIL)
        clauses = list_copy_tail(clauses, 1);
    return clauses;
}

// Whose bounds are those of a row that no index knows.
bool know_nothing(void *, const CpCall &, CountBounds *)
{
    return false;
}
bool any_column(const Var *, void *)
{
    return true;
}

// Is it certain before the query runs that a key over cp raises an error for no row?
bool never_fails(Node *key)
{
    CompiledProgram compiled;
    Program program;
    const char *names[kMaxSources];
    if (!compile_number(key, any_column, nullptr, &compiled))
        return false;
    List *columns = NIL;
    for (int i = 0; i < list_length(compiled.sources); i++)
        columns = lappend(columns, pstrdup(""));
    open_program_datum(
        (struct varlena *)make_program_datum((const uint8_t *)VARDATA(compiled.program),
                                             VARSIZE(compiled.program) - VARHDRSZ, columns),
        &program, names);
    ProgramInput inputs[kMaxInputs];
    for (int i = 0; i < program.inputs; i++) {
        if (program.input_kinds[i] == uint8_t(InputKind::boolean))
            return false;
        inputs[i].num = any_num(kMayValue | kMayNull);
        inputs[i].roi = kFullRoi;
        if (can_fail((Node *)list_nth(compiled.inputs, i)))
            return false;
    }
    return !(evaluate_number(program, inputs, BoundSource{know_nothing, nullptr}).may & kMayError);
}

// What the second and later keys allow. A Sort evaluates them for every row and raises the errors
// of any, so one over cp may only be left to rows whose turn comes when it cannot fail; others that
// can are cheap and evaluated early.
enum class LaterKey : uint8_t { never, lazy, eager };

LaterKey allow_later_key(Node *key)
{
    if (contain_volatile_functions(key) || contain_subplans(key))
        return LaterKey::never;
    if (contains_cp(key))
        return never_fails(key) ? LaterKey::lazy : LaterKey::never;
    return can_fail(key) ? LaterKey::eager : LaterKey::lazy;
}

// All that is the same for every path of a level.
struct Level {
    PlannerInfo *root;
    RelOptInfo *input, *ordered;
    CompiledProgram compiled;
    List *keys, *ordering;
    List *eager; // integers, one a key: 1 when it is evaluated for every row
};

bool describe_level(PlannerInfo *root, Level *level)
{
    List *clauses = leading_sort_clauses(root);
    if (clauses == NIL ||
        !compile_key(root, (SortGroupClause *)linitial(clauses), &level->compiled))
        return false;
    ListCell *lc;
    foreach (lc, clauses) {
        SortGroupClause *clause = (SortGroupClause *)lfirst(lc);
        Node *key = get_sortgroupclause_expr(clause, root->processed_tlist);
        LaterKey later = lc == list_head(clauses) ? LaterKey::lazy : allow_later_key(key);
        if (later == LaterKey::never)
            return false;
        level->keys = lappend(level->keys, key);
        level->eager = lappend_int(level->eager, later == LaterKey::eager);
        level->ordering = lappend_oid(level->ordering, clause->sortop);
        level->ordering = lappend_oid(level->ordering, exprCollation(key));
        level->ordering = lappend_oid(level->ordering, clause->nulls_first);
    }
    return true;
}

// Adds a path over a child, or over an index (which gives `columns`) when child is null.
void add_topk_path(const Level &level, Path *child, const IndexOptInfo *index, List *columns)
{
    PlannerInfo *root = level.root;
    const Query *parse = root->parse;
    Node *first = (Node *)linitial(level.keys);
    CompareOp direction = CompareOp::lt;
    find_comparison(linitial_oid(level.ordering), &direction);
    CountedContext context = {level.compiled.cp_calls};
    Const *program =
        makeConst(BYTEAOID, -1, InvalidOid, -1,
                  PointerGetDatum(make_program_of(root, &level.compiled)), false, false);

    CustomPath *path = makeNode(CustomPath);
    path->path.pathtype = T_CustomScan;
    path->path.parent = level.ordered;
    path->path.pathtarget = root->upper_targets[UPPERREL_ORDERED];
    path->path.pathkeys = root->sort_pathkeys;
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->custom_paths = child ? list_make1(child) : NIL;
    path->methods = &topk_path_methods;
    List *parts = list_make5(program, level.compiled.sources, level.compiled.inputs, level.keys,
                             replace_calls(first, &context));
    parts = lappend(parts, level.ordering);
    parts = lappend(parts, known_limit(parse));
    parts = lappend(parts, list_make2_int(direction == CompareOp::gt,
                                          parse->limitOption == LIMIT_OPTION_WITH_TIES));
    parts = lappend(parts, index ? list_make1_oid(index->indexoid) : NIL);
    parts = lappend(parts, columns);
    parts = lappend(parts, level.eager);
    path->custom_private = parts;
    cost_topk(root, path,
              index ? cost_of_index(level.input, index)
                    : cost_of_child(child, list_length(level.compiled.sources)),
              first, is_in_result(root->processed_tlist, first));
    add_path(level.ordered, &path->path);
}

// The index that can give all rows of the level: of a single table with no other condition than
// that there is a mask, since rows without one are not in the index. Null when there is none.
const IndexOptInfo *index_of_level(const Level &level, List **columns)
{
    PlannerInfo *root = level.root;
    const RelOptInfo *rel = level.input;
    const CompiledProgram &compiled = level.compiled;
    if (verify_bounds || list_member_int(level.eager, 1) || rel->reloptkind != RELOPT_BASEREL ||
        root->parse->rowMarks != NIL || list_length(compiled.sources) != 1 ||
        plain_paths.rel != rel)
        return nullptr;
    const RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
    if (rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != nullptr)
        return nullptr;
    const Var *mask = (const Var *)linitial(compiled.sources);
    bool not_null = is_not_null_column(rel, rte->relid, mask->varattno);
    ListCell *lc;
    foreach (lc, rel->baserestrictinfo) {
        const NullTest *test = (const NullTest *)((RestrictInfo *)lfirst(lc))->clause;
        if (!IsA(test, NullTest) || test->nulltesttype != IS_NOT_NULL || !equal(test->arg, mask))
            return nullptr;
        not_null = true;
    }
    // Inputs are computed even when no row is there.
    if (!not_null || contain_var_clause((Node *)compiled.inputs) ||
        can_fail((Node *)compiled.inputs))
        return nullptr;
    // The plain paths' target list, before the planner replaced it in the relation.
    *columns = ((Path *)linitial(plain_paths.paths))->pathtarget->exprs;
    foreach (lc, *columns)
        if (!IsA(lfirst(lc), Var) || ((Var *)lfirst(lc))->varattno == 0)
            return nullptr;
    foreach (lc, rel->indexlist) {
        const IndexOptInfo *index = (const IndexOptInfo *)lfirst(lc);
        if (index->relam == chi_am_oid() && index->nkeycolumns == 1 &&
            index->indexkeys[0] == mask->varattno && index->indpred == NIL)
            return index;
    }
    return nullptr;
}

void add_topk_paths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *ordered)
{
    Level level = {root, input, ordered};
    if (!describe_level(root, &level))
        return;
    Path *child = cheapest_child(root, input);
    if (child == nullptr || !has_columns(root, child, &level.compiled))
        return;
    add_topk_path(level, child, nullptr, NIL);
    List *columns;
    const IndexOptInfo *index = index_of_level(level, &columns);
    if (index)
        add_topk_path(level, nullptr, index, columns);
}

void adding_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
                        RelOptInfo *output, void *extra)
{
    if (previous_create_upper_paths)
        previous_create_upper_paths(root, stage, input, output, extra);
    if (stage == UPPERREL_ORDERED && enable_pruning && enable_topk && root->sort_pathkeys != NIL &&
        sorts_plain_rows(root->parse) && (IS_SIMPLE_REL(input) || IS_JOIN_REL(input)) &&
        !IS_DUMMY_REL(input))
        add_topk_paths(root, input, output);
}

// ---- the plan ----

// Turns columns of the child into columns of the scan tuple.
Node *resolve_columns(Node *node, void *child_tlist)
{
    if (node == nullptr)
        return nullptr;
    if (IsA(node, Var) || IsA(node, PlaceHolderVar)) {
        if (IsA(node, Var) && ((Var *)node)->varno == INNER_VAR)
            return (Node *)copy_node(node);
        ListCell *lc;
        foreach (lc, (List *)child_tlist) {
            TargetEntry *tle = (TargetEntry *)lfirst(lc);
            if (equal(tle->expr, node))
                return (Node *)makeVarFromTargetEntry(INDEX_VAR, tle);
        }
        elog(ERROR, "column not found below CHI Top-K");
    }
    return mutate_expression(node, resolve_columns, child_tlist);
}

AttrNumber column_of(List *tlist, Node *expr)
{
    TargetEntry *tle = tlist_member((Expr *)expr, tlist);
    if (tle == nullptr)
        elog(ERROR, "column not found below CHI Top-K");
    return tle->resno;
}

Plan *plan_topk(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                List *children)
{
    List *parts = best->custom_private;
    List *child_tlist = NIL;
    const bool with_ties = list_nth_int(part<List>(parts, PathPart::flags), 1);
    List *scan_tlist = NIL, *sources = NIL, *columns = NIL, *wanted = NIL;
    ListCell *lc;
    if (children != NIL)
        child_tlist = ((Plan *)linitial(children))->targetlist;
    foreach (lc, part<List>(parts, PathPart::columns))
        child_tlist =
            lappend(child_tlist, makeTargetEntry((Expr *)copy_node((Node *)lfirst(lc)),
                                                 list_length(child_tlist) + 1, nullptr, false));
    foreach (lc, child_tlist) {
        TargetEntry *tle = (TargetEntry *)lfirst(lc);
        scan_tlist = lappend(scan_tlist, makeTargetEntry((Expr *)copy_node((Node *)tle->expr),
                                                         tle->resno, nullptr, false));
    }
    foreach (lc, part<List>(parts, PathPart::sources)) {
        const Var *mask = (const Var *)lfirst(lc);
        Expr *tableoid = system_column(mask, TableOidAttributeNumber, OIDOID);
        Expr *ctid = system_column(mask, SelfItemPointerAttributeNumber, TIDOID);
        sources = lappend_int(sources, column_of(child_tlist, (Node *)tableoid));
        sources = lappend_int(sources, column_of(child_tlist, (Node *)ctid));
        sources = lappend_int(sources, column_of(child_tlist, (Node *)mask));
    }
    foreach (lc, part<List>(parts, PathPart::keys)) {
        Node *key = (Node *)lfirst(lc);
        if (tlist_member((Expr *)key, scan_tlist) == nullptr)
            scan_tlist =
                lappend(scan_tlist, makeTargetEntry((Expr *)copy_node(key),
                                                    list_length(scan_tlist) + 1, nullptr, false));
        columns = lappend_int(columns, column_of(scan_tlist, key));
        wanted = lappend_int(wanted, with_ties || is_in_result(tlist, key));
    }
    auto resolved = [&](PathPart p) { return resolve_columns(part<Node>(parts, p), child_tlist); };

    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->flags = best->flags;
    scan->custom_plans = children;
    scan->custom_scan_tlist = scan_tlist;
    scan->methods = &topk_methods;
    scan->custom_private =
        list_make5(part<Node>(parts, PathPart::program), sources, resolved(PathPart::inputs),
                   resolved(PathPart::keys), resolved(PathPart::counted));
    scan->custom_private = lappend(scan->custom_private, columns);
    scan->custom_private = lappend(scan->custom_private, wanted);
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::ordering));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::limit));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::eager));
    scan->custom_private = lappend(scan->custom_private, part<List>(parts, PathPart::index));
    scan->custom_private =
        lappend(scan->custom_private,
                list_make3_int(list_length(child_tlist),
                               list_nth_int(part<List>(parts, PathPart::flags), 0), with_ties));
    return &scan->scan.plan;
}

} // namespace

const CustomScanMethods topk_methods = {kTopKName, make_topk_state};

void topk_init()
{
    DefineCustomBoolVariable("maskquery.enable_topk",
                             "Enables the planner's use of CHI Top-K plans.", nullptr, &enable_topk,
                             true, PGC_USERSET, GUC_EXPLAIN, nullptr, nullptr, nullptr);
    RegisterCustomScanMethods(&topk_methods);
    cp_cost_asked = note_plain_paths;
    previous_get_relation_info = get_relation_info_hook;
    get_relation_info_hook = requiring_get_relation_info;
    previous_create_upper_paths = create_upper_paths_hook;
    create_upper_paths_hook = adding_upper_paths;
}

} // namespace mq
