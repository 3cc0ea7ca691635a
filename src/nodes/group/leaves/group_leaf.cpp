#include "nodes/group/leaves/group_leaf.h"

#include "plan/mask_columns.h"

extern "C" {
#include "optimizer/optimizer.h"
}

namespace mq
{

namespace
{

// A leaf's kind travels as its place in this list.
const GroupLeafKind *const kinds[] = {&scalar_leaf, &mask_leaf};

} // namespace

bool find_leaf(Node *node, void *context, bool *bounded)
{
    LeafList *leaves = (LeafList *)context;
    ListCell *lc;
    foreach (lc, leaves->nodes) {
        if (equal(lfirst(lc), node)) {
            const List *fields = (const List *)list_nth(leaves->fields, foreach_current_index(lc));
            *bounded = unpack_fields<LeafFields>(fields).bounded;
            return true;
        }
    }
    for (size_t i = 0; i < lengthof(kinds); i++) {
        List *fields = kinds[i]->compile(leaves->root, node, bounded);
        if (fields == NIL)
            continue;
        leaves->nodes = lappend(leaves->nodes, node);
        leaves->fields = lappend(leaves->fields, pack_fields(LeafFields{int(i), *bounded, fields}));
        return true;
    }
    return false;
}

GroupLeaf *open_leaf(const List *fields)
{
    const LeafFields f = unpack_fields<LeafFields>(fields);
    const GroupLeafKind *kind = kinds[f.kind];
    GroupLeaf *leaf = kind->open(f.fields);
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
