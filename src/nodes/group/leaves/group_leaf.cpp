#include "nodes/group/leaves/group_leaf.h"

#include "plan/mask_columns.h"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
}

namespace mq
{

namespace
{

// A leaf's kind travels as its place in this list.
const LeafKind *const kinds[] = {&scalar_leaf, &mask_leaf};

} // namespace

bool find_leaf(Node *node, void *context, bool *bounded)
{
    LeafList *leaves = (LeafList *)context;
    ListCell *lc;
    foreach (lc, leaves->nodes) {
        if (equal(lfirst(lc), node)) {
            List *parts = (List *)list_nth(leaves->parts, foreach_current_index(lc));
            *bounded = DatumGetBool(((Const *)lsecond(parts))->constvalue);
            return true;
        }
    }
    for (size_t i = 0; i < lengthof(kinds); i++) {
        List *parts = kinds[i]->compile(leaves->root, node, bounded);
        if (parts == NIL)
            continue;
        Const *kind = makeConst(INT4OID, -1, InvalidOid, 4, Int32GetDatum(i), false, true);
        leaves->nodes = lappend(leaves->nodes, node);
        leaves->parts =
            lappend(leaves->parts, list_make3(kind, makeBoolConst(*bounded, false), parts));
        return true;
    }
    return false;
}

GroupLeaf *open_leaf(List *parts)
{
    const LeafKind *kind = kinds[DatumGetInt32(((Const *)linitial(parts))->constvalue)];
    GroupLeaf *leaf = kind->open((List *)lthird(parts));
    leaf->kind = kind;
    return leaf;
}

List *masks_of_leaves(const LeafList *leaves)
{
    List *masks = NIL;
    ListCell *lc;
    foreach (lc, pull_var_clause((Node *)leaves->nodes,
                                 PVC_RECURSE_AGGREGATES | PVC_RECURSE_PLACEHOLDERS)) {
        const Var *var = (const Var *)lfirst(lc);
        if (var->varattno > 0 && column_has_index(var, leaves->root))
            masks = list_append_unique(masks, (void *)var);
    }
    return masks;
}

} // namespace mq
