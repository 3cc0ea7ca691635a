// Leaves that are aggregates of numbers: count, sum, avg, min and max over an expression of a row,
// with or without FILTER. group.md proves the intervals.
#include "core/interval/group_sums.h"
#include "nodes/common/child_columns.h"
#include "nodes/group/leaves/group_leaf.h"
#include "plan/catalog/function_table.h"
#include "plan/mask_columns.h"

extern "C" {
#include "catalog/pg_aggregate.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"
}

namespace mq
{

namespace
{

// What the executor gets.
struct ScalarFields {
    GroupOperation operation;
    GroupArithmetic arithmetic;
    Node *value;     // without cp, null when there is none
    List *program;   // row_program_fields() of a number over cp, else NIL
    Node *filter;    // without cp, null when there is none
    List *condition; // row_program_fields() of a condition over cp, else NIL
    template <typename Visitor> void visit(Visitor &v)
    {
        v("operation", &operation);
        v("arithmetic", &arithmetic);
        v("value", &value);
        v("program", &program);
        v("filter", &filter);
        v("condition", &condition);
    }
};

struct ScalarLeaf {
    GroupLeaf leaf; // first
    GroupOperation operation;
    GroupArithmetic arithmetic;
    ExprState *value, *filter;
    Oid value_type; // InvalidOid: only whether it is NULL matters
    RowProgram *program, *condition;
    GroupSums sums;
};

// ---- plan time ----

struct KnownAggregate {
    Oid funcid;
    GroupOperation operation;
    GroupArithmetic arithmetic;
};

// sum(float4) is left out: it adds up in float4.
constexpr KnownAggregate kAggregates[] = {
    {F_COUNT_, GroupOperation::count, GroupArithmetic::exact},
    {F_COUNT_ANY, GroupOperation::count, GroupArithmetic::exact},
    {F_SUM_INT2, GroupOperation::sum, GroupArithmetic::exact},
    {F_SUM_INT4, GroupOperation::sum, GroupArithmetic::exact},
    {F_SUM_INT8, GroupOperation::sum, GroupArithmetic::exact},
    {F_SUM_NUMERIC, GroupOperation::sum, GroupArithmetic::exact},
    {F_SUM_FLOAT8, GroupOperation::sum, GroupArithmetic::f8},
    {F_AVG_INT2, GroupOperation::avg, GroupArithmetic::exact},
    {F_AVG_INT4, GroupOperation::avg, GroupArithmetic::exact},
    {F_AVG_INT8, GroupOperation::avg, GroupArithmetic::exact},
    {F_AVG_NUMERIC, GroupOperation::avg, GroupArithmetic::exact},
    {F_AVG_FLOAT4, GroupOperation::avg, GroupArithmetic::f8},
    {F_AVG_FLOAT8, GroupOperation::avg, GroupArithmetic::f8},
    {F_MIN_INT2, GroupOperation::min, GroupArithmetic::exact},
    {F_MIN_INT4, GroupOperation::min, GroupArithmetic::exact},
    {F_MIN_INT8, GroupOperation::min, GroupArithmetic::exact},
    {F_MIN_NUMERIC, GroupOperation::min, GroupArithmetic::exact},
    {F_MIN_FLOAT4, GroupOperation::min, GroupArithmetic::f8},
    {F_MIN_FLOAT8, GroupOperation::min, GroupArithmetic::f8},
    {F_MAX_INT2, GroupOperation::max, GroupArithmetic::exact},
    {F_MAX_INT4, GroupOperation::max, GroupArithmetic::exact},
    {F_MAX_INT8, GroupOperation::max, GroupArithmetic::exact},
    {F_MAX_NUMERIC, GroupOperation::max, GroupArithmetic::exact},
    {F_MAX_FLOAT4, GroupOperation::max, GroupArithmetic::f8},
    {F_MAX_FLOAT8, GroupOperation::max, GroupArithmetic::f8},
};

const KnownAggregate *find_aggregate(const Aggref *agg)
{
    const KnownAggregate *found = find_function(kAggregates, agg->aggfnoid);
    if (found == nullptr || agg->agglevelsup != 0 || agg->aggkind != AGGKIND_NORMAL)
        return nullptr;
    const bool extreme =
        found->operation == GroupOperation::min || found->operation == GroupOperation::max;
    return agg->aggdistinct == NIL || extreme ? found : nullptr;
}

List *compile_scalar(PlannerInfo *root, Node *node, bool *bounded)
{
    Aggref *agg = (Aggref *)node;
    if (!IsA(node, Aggref))
        return NIL;
    const KnownAggregate *known = find_aggregate(agg);
    if (known == nullptr || !is_steady(node))
        return NIL;
    CompiledProgram compiled;
    ScalarFields f = {known->operation, known->arithmetic};
    f.filter = (Node *)agg->aggfilter;
    if (f.filter && contains_cp(f.filter)) {
        if (!compile_clause(f.filter, column_has_index, root, &compiled))
            return NIL;
        f.condition = row_program_fields(root, compiled);
        f.filter = nullptr;
    }
    if (agg->args != NIL) {
        f.value = (Node *)linitial_node(TargetEntry, agg->args)->expr;
        List *inputs = list_make1(f.value);
        if (contains_cp(f.value)) {
            if (!compile_number(f.value, column_has_index, root, &compiled))
                return NIL;
            f.program = row_program_fields(root, compiled);
            inputs = compiled.inputs;
            f.value = nullptr;
        }
        // Rows that the condition drops never have their value evaluated.
        if (f.condition != NIL && can_fail((Node *)inputs))
            return NIL;
    }
    *bounded = f.program != NIL || f.condition != NIL;
    return pack_fields(f);
}

// ---- in the executor ----

GroupLeaf *open_scalar(const List *fields)
{
    const ScalarFields f = unpack_fields<ScalarFields>(fields);
    ScalarLeaf *s = (ScalarLeaf *)palloc0(sizeof(ScalarLeaf));
    s->leaf.passes = 1;
    s->operation = f.operation;
    s->arithmetic = f.arithmetic;
    s->value = open_expression(f.value);
    if (f.value && s->operation != GroupOperation::count)
        s->value_type = exprType(f.value);
    if (f.program)
        s->program = open_row_program(f.program, ProgramBody::number);
    s->filter = open_expression(f.filter);
    if (f.condition)
        s->condition = open_row_program(f.condition, ProgramBody::condition);
    return &s->leaf;
}

void begin_scalar(GroupLeaf *leaf, const GroupPass &)
{
    start_group_sums(&((ScalarLeaf *)leaf)->sums);
}

// Outcomes of FILTER for the row.
uint8_t filter_outcomes(ScalarLeaf *s, ExprContext *context, const GroupPass &pass)
{
    if (s->filter) {
        bool is_null;
        Datum value = ExecEvalExprSwitchContext(s->filter, context, &is_null);
        return is_null ? kNull : DatumGetBool(value) ? kTrue : kFalse;
    }
    if (s->condition == nullptr)
        return kTrue;
    set_row_sources(s->condition, context->ecxt_scantuple, pass.last_chance);
    set_row_inputs(s->condition, context);
    return row_outcomes(s->condition->bounds);
}

// What is known of the aggregate's argument for the row.
Num argument(ScalarLeaf *s, ExprContext *context, const GroupPass &pass)
{
    if (s->program) {
        set_row_sources(s->program, context->ecxt_scantuple, pass.last_chance);
        set_row_inputs(s->program, context);
        return row_number(s->program->bounds, pass.stage);
    }
    if (s->value == nullptr)
        return make_num(1, 1, kMayValue, true);
    bool is_null;
    Datum value = ExecEvalExprSwitchContext(s->value, context, &is_null);
    if (is_null)
        return any_num(kMayNull);
    if (!OidIsValid(s->value_type))
        return make_num(1, 1, kMayValue, true);
    ProgramInput input;
    load_input(InputKind::num, s->value_type, value, false, &input);
    return input.num;
}

void add_scalar(GroupLeaf *leaf, ExprContext *context, const GroupPass &pass)
{
    ScalarLeaf *s = (ScalarLeaf *)leaf;
    const uint8_t in = filter_outcomes(s, context, pass);
    if (is_refuted(in))
        return;
    add_group_row(&s->sums, in, argument(s, context, pass));
}

Num value_of_scalar(GroupLeaf *leaf)
{
    const ScalarLeaf *s = (const ScalarLeaf *)leaf;
    return group_value(s->sums, s->operation, s->arithmetic);
}

} // namespace

const GroupLeafKind scalar_leaf = {compile_scalar, open_scalar, begin_scalar, add_scalar,
                                   value_of_scalar};

} // namespace mq
