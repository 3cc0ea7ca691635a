// Parts of an expression without cp: constants and inputs.
#include "plan/compile/compiler.h"
#include "pg/compat.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
}

namespace mq::compiling
{

bool is_number_type(Oid type)
{
    switch (type) {
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
        return true;
    default:
        return false;
    }
}

bool can_be_input(Node *node, bool always)
{
    return is_steady(node) && !expression_returns_set(node) && !contain_agg_clause(node) &&
           (always || !can_fail(node));
}

int add_input(Compiler *c, Node *node, InputKind kind)
{
    ListCell *lc;
    foreach (lc, c->inputs) {
        int i = foreach_current_index(lc);
        if (c->input_kinds[i] == uint8_t(kind) && equal(lfirst(lc), node))
            return i;
    }
    int n = list_length(c->inputs);
    if (n == kMaxInputs)
        return -1;
    c->inputs = lappend(c->inputs, copy_node(node));
    c->input_kinds[n] = uint8_t(kind);
    return n;
}

int add_source(Compiler *c, Var *mask)
{
    ListCell *lc;
    foreach (lc, c->sources)
        if (equal(lfirst(lc), mask))
            return foreach_current_index(lc);
    if (list_length(c->sources) == kMaxSources)
        return -1;
    c->sources = lappend(c->sources, copy_node(mask));
    return list_length(c->sources) - 1;
}

Part compile_number_leaf(Compiler *c, Node *node, bool always)
{
    Mark m = mark(c);
    uint8_t may = can_fail(node) ? kMayAnything : kMayValue | kMayNull;

    if (!is_number_type(exprType(node)))
        return unknown_number(c, m, may);
    if (IsA(node, Const)) {
        Const *k = (Const *)node;
        if (k->constisnull) {
            put_op(c, ProgramOp::unknown_num);
            put_u8(c, kMayNull);
            return Part::plain;
        }
        if (k->consttype != NUMERICOID) {
            ProgramInput in;
            load_input(InputKind::num, k->consttype, k->constvalue, false, &in);
            if (is_any(in.num))
                return unknown_number(c, m, kMayValue);
            put_op(c, ProgramOp::const_num);
            put_le<double>(c, in.num.lo);
            return Part::plain;
        }
    }
    if (!can_be_input(node, always))
        return unknown_number(c, m, may);
    int i = add_input(c, node, InputKind::num);
    if (i < 0)
        return unknown_number(c, m, may);
    put_op(c, ProgramOp::input_num);
    put_le<uint16_t>(c, i);
    return Part::plain;
}

Part compile_condition_leaf(Compiler *c, Node *node, bool always)
{
    Mark m = mark(c);
    uint8_t outcomes = can_fail(node) ? kAnyOutcome : kTrue | kFalse | kNull;

    if (IsA(node, Const)) {
        Const *k = (Const *)node;
        put_op(c, ProgramOp::const_bool);
        put_u8(c, k->constisnull ? kNull : DatumGetBool(k->constvalue) ? kTrue : kFalse);
        return Part::plain;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::boolean) : -1;
    if (i < 0)
        return unknown_condition(c, m, outcomes);
    put_op(c, ProgramOp::input_bool);
    put_le<uint16_t>(c, i);
    return Part::plain;
}

bool is_composed(const Compiler *c, Node *node)
{
    return contains_cp(node) || (c->parts && contain_agg_clause(node));
}

bool compile_part(Compiler *c, Node *node, Part *part)
{
    bool bounded = false;
    if (c->parts == nullptr || !c->parts->is_part(node, c->parts->context, &bounded))
        return false;
    int i = add_input(c, node, InputKind::num);
    if (i < 0)
        return false;
    put_op(c, ProgramOp::input_num);
    put_le<uint16_t>(c, i);
    *part = bounded ? Part::bounded : Part::plain;
    return true;
}

} // namespace mq::compiling
