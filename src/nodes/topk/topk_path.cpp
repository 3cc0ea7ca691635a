// Planning of CHI Top-K: its pass, its paths and their costs.
#include "nodes/topk/topk_path.h"

#include "nodes/common/row_program.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/tlist.h"
}

namespace mq
{

bool enable_topk = true;

namespace
{

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

// Adds a path over a child, or over an index (which gives `columns`) when child is null.
void add_topk_path(const SortLevel &level, Path *child, const IndexOptInfo *index, List *columns)
{
    PlannerInfo *root = level.root;
    Node *first = (Node *)linitial(level.keys);
    CountedContext context = {level.compiled.cp_calls};
    TopKFields f = {};
    f.program = row_program_fields(root, level.compiled);
    f.keys = level.keys;
    f.counted = replace_calls(first, &context);
    f.eager = level.eager;
    f.sort = sort_fields(root->parse, level.ordering);
    f.sort.ties = level.ties;
    f.index = index ? index->indexoid : InvalidOid;
    f.table_columns = columns;

    CustomPath *path = makeNode(CustomPath);
    path->path.pathtype = T_CustomScan;
    path->path.parent = level.ordered;
    path->path.pathtarget = root->upper_targets[UPPERREL_ORDERED];
    path->path.pathkeys = root->sort_pathkeys;
    path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
    path->custom_paths = child ? list_make1(child) : NIL;
    path->methods = &topk_path_methods;
    path->custom_private = pack_fields(f);
    cost_topk(root, path,
              index ? cost_of_index(level.input, index)
                    : cost_of_child(child, list_length(level.compiled.sources)),
              first, is_in_result(root->processed_tlist, first));
    add_path(level.ordered, &path->path);
}

void add_topk_paths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *ordered)
{
    SortLevel level = {root, input, ordered};
    if (!describe_level(root, &level))
        return;
    Path *child = child_of_level(level);
    if (child == nullptr)
        return;
    add_topk_path(level, child, nullptr, NIL);
    List *columns;
    const IndexOptInfo *index = index_of_level(level, &columns);
    if (index)
        add_topk_path(level, nullptr, index, columns);
}

void prepare_topk(const Planning *planning)
{
    if (sorts_plain_rows(planning->root->parse))
        require_identity(planning);
}

void add_topk_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
                          RelOptInfo *output)
{
    if (stage == UPPERREL_ORDERED && root->sort_pathkeys != NIL && sorts_plain_rows(root->parse) &&
        (IS_SIMPLE_REL(input) || IS_JOIN_REL(input)) && !IS_DUMMY_REL(input))
        add_topk_paths(root, input, output);
}

} // namespace

const PlannerPass topk_pass = {&enable_topk, prepare_topk, nullptr, add_topk_upper_paths};

const CustomScanMethods topk_methods = {kTopKName, make_topk_state};

} // namespace mq
