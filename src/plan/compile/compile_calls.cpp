// Calls of cp, pixel_sum, mask_iou and mask_iomin.
#include "plan/compile/compiler.h"

#include "core/leaves/mask_leaves.h"
#include "pg/compat.h"
#include "types/roi/roi.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
}

namespace mq::compiling
{

// lv or uv: a float8 constant or input.
static bool put_threshold(Compiler *c, Node *node, bool always)
{
    if (exprType(node) != FLOAT8OID)
        return false;
    if (IsA(node, Const) && !((Const *)node)->constisnull) {
        put_u8(&c->leaves, 0);
        put_le<double>(&c->leaves, DatumGetFloat8(((Const *)node)->constvalue));
        return true;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::num) : -1;
    if (i < 0)
        return false;
    put_u8(&c->leaves, 1);
    put_le<uint16_t>(&c->leaves, i);
    return true;
}

static bool put_roi(Compiler *c, Node *node, bool always)
{
    Roi roi = kFullRoi;
    if (node == nullptr || (IsA(node, Const) && !((Const *)node)->constisnull)) {
        if (node)
            roi = datum_get_roi(((Const *)node)->constvalue);
        put_u8(&c->leaves, 0);
        put_le<int32_t>(&c->leaves, roi.x1);
        put_le<int32_t>(&c->leaves, roi.y1);
        put_le<int32_t>(&c->leaves, roi.x2);
        put_le<int32_t>(&c->leaves, roi.y2);
        return true;
    }
    int i = can_be_input(node, always) ? add_input(c, node, InputKind::roi) : -1;
    if (i < 0)
        return false;
    put_u8(&c->leaves, 1);
    put_le<uint16_t>(&c->leaves, i);
    return true;
}

// Number of the source for a mask argument; -1 when it is no column with an index.
static int mask_source(Compiler *c, Node *mask)
{
    if (!IsA(mask, Var))
        return -1;
    Var *var = (Var *)mask;
    if (var->varlevelsup != 0 || var->varattno <= 0 || !c->has_index(var, c->context))
        return -1;
    return add_source(c, var);
}

// Begins a leaf: the expression names it, its operands follow. False when there are too many.
static bool begin_leaf(Compiler *c, MaskLeafKind kind, FuncExpr *call)
{
    if (c->sites == UINT16_MAX)
        return false;
    put_op(c, ProgramOp::leaf_num);
    put_le<uint16_t>(c, c->sites++);
    c->cp_calls = lappend(c->cp_calls, call);
    put_u8(&c->leaves, uint8_t(kind));
    return true;
}

Part compile_overlap(Compiler *c, FuncExpr *call, CpKind kind, bool always)
{
    Mark m = mark(c);
    if (c->sites == kMaxSites)
        return unknown_number(c, m);
    int a = mask_source(c, (Node *)linitial(call->args)),
        b = a < 0 ? a : mask_source(c, (Node *)lsecond(call->args));
    if (b < 0 ||
        !begin_leaf(c, kind == CpKind::iou ? MaskLeafKind::iou : MaskLeafKind::iomin, call))
        return unknown_number(c, m);
    put_u8(&c->leaves, a);
    put_u8(&c->leaves, b);
    if (!put_threshold(c, (Node *)lthird(call->args), always))
        return unknown_number(c, m);
    return Part::bounded;
}

Part compile_cp(Compiler *c, FuncExpr *call, const CpFunction &f, bool always)
{
    Mark m = mark(c);
    if (f.form == CpForm::masks_threshold)
        return compile_overlap(c, call, f.kind, always);
    // A record that is no row constructor, or no room.
    if (f.form == CpForm::mask_roi_record || f.form == CpForm::mask_record || c->sites == kMaxSites)
        return unknown_number(c, m);
    const bool has_roi = f.form == CpForm::mask_roi_range || f.form == CpForm::mask_roi,
               has_range = f.form == CpForm::mask_roi_range || f.form == CpForm::mask_range;
    int source = mask_source(c, (Node *)linitial(call->args));
    if (source < 0 ||
        !begin_leaf(c, f.kind == CpKind::count ? MaskLeafKind::cp : MaskLeafKind::pixel_sum, call))
        return unknown_number(c, m);
    put_u8(&c->leaves, source);
    if (!put_roi(c, has_roi ? (Node *)lsecond(call->args) : nullptr, always))
        return unknown_number(c, m);
    for (int i = 0; i < 2; i++) {
        if (!has_range) { // all values
            put_u8(&c->leaves, 0);
            put_le<double>(&c->leaves, i == 0 ? -HUGE_VAL : HUGE_VAL);
        } else if (!put_threshold(c, (Node *)list_nth(call->args, (has_roi ? 2 : 1) + i), always)) {
            return unknown_number(c, m);
        }
    }
    return Part::bounded;
}

} // namespace mq::compiling
