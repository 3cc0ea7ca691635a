// Planning of CHI Scan: when it is possible, and what it costs.
#include "chi/chi.h"
#include "facts/scan/scan.h"
#include "nodes/scan/chi_scan.h"
#include "nodes/scan/scan_guards.h"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_class.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/spccache.h"
}

namespace mq
{

bool enable_chi_scan = true;

namespace
{

// What a scan would do, found out from the clauses that it would apply.
struct ScanPlan {
    List *indexes;       // IndexOptInfo, the driving one first
    Selectivity fetched; // share of the rows that the bounds do not refute
    int programs;
    int sites; // cp calls of all of them
};

// Every row with a mask that the query may want is in the index. A partial one will do when the
// query implies its predicate.
bool is_complete(const IndexOptInfo *index)
{
    return index->indpred == NIL || index->predOK;
}

// A chi index on one column, at best one that holds every row with a mask there. Those that this
// transaction must not use are not in the list (indcheckxmin, indisvalid).
IndexOptInfo *find_index(const RelOptInfo *rel, AttrNumber column, Oid chi_am)
{
    IndexOptInfo *found = nullptr;
    ListCell *lc;
    foreach (lc, rel->indexlist) {
        IndexOptInfo *index = (IndexOptInfo *)lfirst(lc);
        if (index->relam != chi_am || index->hypothetical || index->nkeycolumns != 1 ||
            index->indexkeys[0] != column)
            continue;
        if (is_complete(index))
            return index;
        found = index;
    }
    return found;
}

// The driving index of a guard: a row that is not in it has no mask there, and for such a row the
// clause must be sure not to hold, nor to fail.
IndexOptInfo *find_driver(const RelOptInfo *rel, const ScanGuard &guard, Oid chi_am)
{
    Program program;
    const char *names[kMaxSources];
    open_program_datum((struct varlena *)DatumGetPointer(guard.program->constvalue), &program,
                       names);
    for (int i = 0; i < guard.sources; i++) {
        IndexOptInfo *index = find_index(rel, guard.columns[i], chi_am);
        if (index && is_complete(index) && is_refuted(evaluate_null_mask(program, i)))
            return index;
    }
    return nullptr;
}

// False when the clauses hold no guard that can drive a scan. `outer`: relations whose columns are
// values to the scan.
bool plan_scan(PlannerInfo *root, const RelOptInfo *rel, List *clauses, Relids outer, Oid chi_am,
               ScanPlan *plan)
{
    IndexOptInfo *driver = nullptr;
    List *others = NIL;
    plan->fetched = 1;
    plan->programs = plan->sites = 0;
    ListCell *lc;
    foreach (lc, clauses) {
        RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
        ScanGuard guard;
        if (!as_scan_guard((Node *)rinfo->clause, rel->relid, &guard) ||
            !bms_is_subset(pull_varnos(root, (Node *)guard.inputs), outer))
            continue;
        if (driver == nullptr)
            driver = find_driver(rel, guard, chi_am);
        for (int i = 0; i < guard.sources; i++) {
            IndexOptInfo *index = find_index(rel, guard.columns[i], chi_am);
            if (index)
                others = list_append_unique_ptr(others, index);
        }
        // Under maskquery.verify the refuted rows are fetched too, but the plan is to be the same.
        plan->fetched *= clause_selectivity(root, (Node *)rinfo, 0, JOIN_INNER, nullptr);
        plan->programs++;
        plan->sites += guard.sites;
    }
    if (driver == nullptr)
        return false;
    others = list_delete_ptr(others, driver);
    plan->indexes = list_truncate(lcons(driver, others), kMaxScanIndexes);
    return true;
}

// How often a parameterised path will be run: once a row of the outer relations, of the smallest
// one if they are many, as the planner assumes of index scans.
double loop_count(PlannerInfo *root, Relids outer)
{
    double rows = 0;
    for (int relid = bms_next_member(outer, -1); relid >= 0;
         relid = bms_next_member(outer, relid)) {
        const RelOptInfo *rel =
            relid < root->simple_rel_array_size ? root->simple_rel_array[relid] : nullptr;
        if (rel && rel->rows > 0 && (rows == 0 || rel->rows < rows))
            rows = rel->rows;
    }
    return Max(rows, 1.0);
}

// Sets of outer relations that parameterised paths are made for, at most.
constexpr int kMaxOuterSets = 8;

// Charged a row and clause for deciding it among the others of its segment.
constexpr double kDecideOperators = 5;
// Of a segment's edges, a cp reads this many at most.
constexpr double kEdgesOfSite = 4;

// Share of an index that the scan reads: the counts of the edges that its calls name, not those of
// the others.
double index_share(Oid index_oid, int sites)
{
    Relation index = index_open(index_oid, NoLock); // the planner has locked it
    double edges = chi_index_info(index)->bins.bins - 1;
    index_close(index, NoLock);
    return Min(1.0, kEdgesOfSite * sites / edges);
}

void cost_scan(PlannerInfo *root, const RelOptInfo *rel, const ScanPlan &plan, CustomPath *path)
{
    const ParamPathInfo *param_info = path->path.param_info;
    path->path.rows = param_info ? param_info->ppi_rows : rel->rows;

    double spc_random, spc_seq, io = 0, index_pages = 0;
    get_tablespace_page_costs(rel->reltablespace, &spc_random, &spc_seq);
    ListCell *lc;
    foreach (lc, plan.indexes) {
        double index_random, index_seq;
        IndexOptInfo *index = (IndexOptInfo *)lfirst(lc);
        get_tablespace_page_costs(index->reltablespace, &index_random, &index_seq);
        double part = index->pages * index_share(index->indexoid, plan.sites);
        io += index_seq * part;
        index_pages += part;
    }
    // Heap pages are met in order, and the fewer of them the farther apart: as a bitmap heap scan
    // is charged.
    double fetched = clamp_row_est(rel->tuples * plan.fetched);
    double pages = Max(rel->pages, 1.0);
    double read = pages * (1 - pow(1 - plan.fetched, Max(rel->tuples / pages, 1.0)));
    io += read * (spc_random - (spc_random - spc_seq) * sqrt(Min(read / pages, 1.0)));

    // Only the first of many runs finds the pages cold, unless they do not fit the cache.
    if (param_info && read + index_pages < effective_cache_size)
        io /= loop_count(root, param_info->ppi_req_outer);

    // All clauses stay in the node, and are evaluated for the rows fetched.
    QualCost quals = rel->baserestrictcost;
    if (param_info) {
        QualCost more;
        cost_qual_eval(&more, param_info->ppi_clauses, root);
        quals.startup += more.startup;
        quals.per_tuple += more.per_tuple;
    }
    const PathTarget *target = path->path.pathtarget;
    double cpu = rel->tuples * plan.programs * kDecideOperators * cpu_operator_cost +
                 fetched * (cpu_tuple_cost + quals.per_tuple) +
                 path->path.rows * target->cost.per_tuple;
    if (path->path.parallel_workers > 0) {
        // As the planner divides any partial path: the leader helps, the less the more workers.
        double divisor = path->path.parallel_workers;
        if (parallel_leader_participation)
            divisor += Max(1.0 - 0.3 * path->path.parallel_workers, 0);
        cpu /= divisor;
        path->path.rows = clamp_row_est(path->path.rows / divisor);
    }
    path->path.startup_cost = quals.startup + target->cost.startup;
    path->path.total_cost = path->path.startup_cost + io + cpu;
}

Plan *make_plan(PlannerInfo *root, RelOptInfo *rel, CustomPath *best, List *tlist, List *clauses,
                List *custom_plans)
{
    CustomScan *scan = makeNode(CustomScan);
    scan->scan.plan.targetlist = tlist;
    scan->scan.plan.qual = extract_actual_clauses(clauses, false);
    scan->scan.scanrelid = rel->relid;
    scan->flags = best->flags;
    scan->custom_private = best->custom_private;
    scan->methods = &chi_scan_methods;
    return &scan->scan.plan;
}

const CustomPathMethods path_methods = {kChiScanName, make_plan, nullptr};

CustomPath *make_path(PlannerInfo *root, RelOptInfo *rel, const ScanPlan &plan, Relids outer,
                      int workers)
{
    CustomPath *path = makeNode(CustomPath);
    path->path.pathtype = T_CustomScan;
    path->path.parent = rel;
    path->path.pathtarget = rel->reltarget;
    path->path.param_info = get_baserel_parampathinfo(root, rel, outer);
    path->path.parallel_aware = workers > 0;
    path->path.parallel_safe = rel->consider_parallel;
    path->path.parallel_workers = workers;
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->methods = &path_methods;
    ScanFields f = {};
    ListCell *lc;
    foreach (lc, plan.indexes) {
        IndexOptInfo *index = (IndexOptInfo *)lfirst(lc);
        f.indexes = lappend_oid(f.indexes, index->indexoid);
        f.columns = lappend_int(f.columns, index->indexkeys[0]);
    }
    path->custom_private = pack_fields(f);
    cost_scan(root, rel, plan, path);
    return path;
}

bool is_plain_table(const RelOptInfo *rel, const RangeTblEntry *rte)
{
    return (rel->reloptkind == RELOPT_BASEREL || rel->reloptkind == RELOPT_OTHER_MEMBER_REL) &&
           rte->rtekind == RTE_RELATION && !rte->inh && rte->tablesample == nullptr &&
           (rte->relkind == RELKIND_RELATION || rte->relkind == RELKIND_MATVIEW);
}

// Paths that are run anew for every row of other relations: one for each set of them that a guard
// among the join clauses takes its inputs from.
void add_parameterized_paths(PlannerInfo *root, RelOptInfo *rel, Oid chi_am)
{
    List *tried = NIL; // Relids
    ListCell *lc;
    foreach (lc, rel->joininfo) {
        RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
        ScanGuard guard;
        if (!as_scan_guard((Node *)rinfo->clause, rel->relid, &guard) ||
            !join_clause_is_movable_to(rinfo, rel))
            continue;
        Relids outer =
            bms_union(bms_difference(rinfo->clause_relids, rel->relids), rel->lateral_relids);
        bool known = false;
        ListCell *other;
        foreach (other, tried)
            known = known || bms_equal((Relids)lfirst(other), outer);
        if (known || bms_is_empty(outer) || list_length(tried) == kMaxOuterSets)
            continue;
        tried = lappend(tried, outer);
        const ParamPathInfo *param_info = get_baserel_parampathinfo(root, rel, outer);
        List *clauses = list_concat_copy(rel->baserestrictinfo, param_info->ppi_clauses);
        ScanPlan plan;
        if (plan_scan(root, rel, clauses, outer, chi_am, &plan))
            add_path(rel, &make_path(root, rel, plan, outer, 0)->path);
    }
}

void add_chi_scan_paths(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
    if (!is_plain_table(rel, rte) || IS_DUMMY_REL(rel) || rel->indexlist == NIL)
        return;
    Oid chi_am = chi_am_oid();
    ScanPlan plan;
    Relids outer = rel->lateral_relids;
    if (plan_scan(root, rel, rel->baserestrictinfo, outer, chi_am, &plan)) {
        add_path(rel, &make_path(root, rel, plan, outer, 0)->path);
        int workers =
            rel->consider_parallel && outer == nullptr
                ? compute_parallel_worker(rel, rel->pages, -1, max_parallel_workers_per_gather)
                : 0;
        if (workers > 0)
            add_partial_path(rel, &make_path(root, rel, plan, nullptr, workers)->path);
    }
    add_parameterized_paths(root, rel, chi_am);
}

} // namespace

const PlannerPass chi_scan_pass = {&enable_chi_scan, nullptr, add_chi_scan_paths, nullptr};

} // namespace mq
