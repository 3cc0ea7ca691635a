// Which sort keys CHI Top-K can take.
#include "nodes/topk/topk_path.h"

#include "chi/am.h"
#include "facts/program_datum.h"
#include "pg/compat.h"
#include "plan/catalog/operators.h"
#include "plan/mask_columns.h"

extern "C" {
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
#include "utils/lsyscache.h"
}

namespace mq
{

bool sorts_plain_rows(const Query *parse)
{
    return parse->commandType == CMD_SELECT && parse->sortClause != NIL &&
           parse->jointree->fromlist != NIL && parse->groupClause == NIL &&
           parse->groupingSets == NIL && parse->havingQual == nullptr &&
           parse->distinctClause == NIL && parse->setOperations == nullptr && !parse->hasAggs &&
           !parse->hasWindowFuncs && !parse->hasTargetSRFs;
}

bool compile_key(PlannerInfo *root, const SortGroupClause *clause, CompiledProgram *out)
{
    Node *key = get_sortgroupclause_expr((SortGroupClause *)clause, root->processed_tlist);
    CompareOp op;
    Oid left, right;
    if (!find_comparison(clause->sortop, &op) || (op != CompareOp::lt && op != CompareOp::gt))
        return false;
    op_input_types(clause->sortop, &left, &right);
    return left == exprType(key) && right == left &&
           compile_number(key, column_has_index, root, out) && is_steady(key);
}

List *leading_sort_clauses(PlannerInfo *root)
{
    List *clauses = root->parse->sortClause;
    while (clauses != NIL && make_pathkeys_for_sortclauses(root, list_make1(linitial(clauses)),
                                                           root->processed_tlist) == NIL)
        clauses = list_copy_tail(clauses, 1);
    return clauses;
}

namespace
{

bool any_column(const Var *, void *)
{
    return true;
}

} // namespace

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
    return !(evaluate_number(program, inputs, nullptr).may & kMayError);
}

namespace
{

// What the second and later keys allow. A Sort evaluates them for every row and raises the errors
// of any, so one over cp may only be left to rows whose turn comes when it cannot fail; others that
// can are cheap and evaluated early.
enum class LaterKey : uint8_t { never, lazy, eager };

LaterKey allow_later_key(Node *key)
{
    if (!is_steady(key))
        return LaterKey::never;
    if (contains_cp(key))
        return never_fails(key) ? LaterKey::lazy : LaterKey::never;
    return can_fail(key) ? LaterKey::eager : LaterKey::lazy;
}

// May the expression read a mask, whatever its functions are? Such a key waits.
bool reads_mask(Node *node, void *)
{
    if (node == nullptr)
        return false;
    if (IsA(node, Var))
        return ((Var *)node)->varattno == 0 || is_mask_type(((Var *)node)->vartype);
    return walk_expression(node, reads_mask, nullptr);
}

} // namespace

bool describe_level(PlannerInfo *root, SortLevel *level)
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
        if (lc != list_head(clauses) && level->ties == list_length(level->keys) - 1 &&
            !reads_mask(key, nullptr))
            level->ties++;
        level->keys = lappend(level->keys, key);
        level->eager = lappend_int(level->eager, later == LaterKey::eager);
        level->ordering = append_ordering(level->ordering, clause, key);
    }
    return true;
}

} // namespace mq
