#include "nodes/common/sort_keys.h"

#include "nodes/common/child_columns.h"
#include "plan/catalog/operators.h"
#include "plan/compile/compile.h"

extern "C" {
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"
}

namespace mq
{

SortFields sort_fields(const Query *parse, List *ordering)
{
    SortFields sort = {};
    CompareOp direction = CompareOp::lt;
    find_comparison(linitial_oid(ordering), &direction);
    sort.ordering = ordering;
    sort.descending = direction == CompareOp::gt;
    sort.with_ties = parse->limitOption == LIMIT_OPTION_WITH_TIES;
    // What a LockRows drops would have to be made up for.
    if (parse->limitCount != nullptr && parse->rowMarks == NIL && is_steady(parse->limitCount) &&
        is_steady(parse->limitOffset)) {
        sort.limit = parse->limitCount;
        sort.offset = parse->limitOffset;
    }
    return sort;
}

List *append_ordering(List *ordering, const SortGroupClause *clause, Node *key)
{
    ordering = lappend_oid(ordering, clause->sortop);
    ordering = lappend_oid(ordering, exprCollation(key));
    return lappend_oid(ordering, clause->nulls_first);
}

namespace
{

void open_sort_keys(SortKeys *keys, const List *columns, const List *ordering)
{
    const int n = list_length(columns);
    keys->n = n;
    keys->support = (SortSupport)palloc0(sizeof(SortSupportData) * n);
    keys->columns = (AttrNumber *)palloc(sizeof(AttrNumber) * n);
    keys->operators = (Oid *)palloc(sizeof(Oid) * n);
    keys->collations = (Oid *)palloc(sizeof(Oid) * n);
    keys->nulls_first = (bool *)palloc(sizeof(bool) * n);
    for (int i = 0; i < n; i++) {
        keys->columns[i] = list_nth_int(columns, i);
        keys->operators[i] = list_nth_oid(ordering, 3 * i);
        keys->collations[i] = list_nth_oid(ordering, 3 * i + 1);
        keys->nulls_first[i] = list_nth_oid(ordering, 3 * i + 2) != 0;
        SortSupport support = &keys->support[i];
        support->ssup_cxt = CurrentMemoryContext;
        support->ssup_collation = keys->collations[i];
        support->ssup_nulls_first = keys->nulls_first[i];
        support->ssup_attno = keys->columns[i];
        PrepareSortSupportFromOrderingOp(keys->operators[i], support);
    }
}

// context: of deparse_expression().
char *describe_sort_key(const SortKeys *keys, int i, Node *key, List *context, bool prefix)
{
    StringInfoData s;
    initStringInfo(&s);
    appendStringInfoString(&s, deparse_expression(key, context, prefix, true));
    TypeCacheEntry *type = lookup_type_cache(exprType(key), TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);
    const Oid op = keys->operators[i];
    const bool reverse = op == type->gt_opr;
    if (OidIsValid(keys->collations[i]) && keys->collations[i] != get_typcollation(exprType(key)))
        appendStringInfo(&s, " COLLATE %s",
                         quote_identifier(get_collation_name(keys->collations[i])));
    if (reverse)
        appendStringInfoString(&s, " DESC");
    else if (op != type->lt_opr)
        appendStringInfo(&s, " USING %s", get_opname(op));
    if (keys->nulls_first[i] != reverse)
        appendStringInfoString(&s, reverse ? " NULLS LAST" : " NULLS FIRST");
    return s.data;
}

} // namespace

void open_order(OrderLoop *o, CustomScanState *node, const OrderMethods *methods,
                const SortFields &sort, TupleDesc pending)
{
    Assert(node->ss.ss_ScanTupleSlot != nullptr);
    TupleDesc scan = node->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
    o->node = node;
    o->methods = methods;
    open_sort_keys(&o->keys, sort.columns, sort.ordering);
    o->key_type = TupleDescAttr(scan, o->keys.columns[0] - 1)->atttypid;
    o->direction = RankOrder{sort.descending, o->keys.nulls_first[0]};
    o->ties = TieKeys{sort.ties, sort.ties == o->keys.n - 1, methods->of_child, &o->keys, scan};
    o->row_ties = (NullableDatum *)palloc(sizeof(NullableDatum) * Max(sort.ties, 1));
    o->with_ties = sort.with_ties;
    o->limit = open_expression(sort.limit);
    o->offset = open_expression(sort.offset);
    o->pending = make_pending_rows(pending, &o->ties);
    o->ready = make_ready_rows(&o->keys, scan);
}

void explain_sort_keys(const SortKeys &keys, CustomScanState *node, List *ancestors,
                       ExplainState *es)
{
    const CustomScan *plan = (const CustomScan *)node->ss.ps.plan;
    List *context = set_deparse_context_plan(es->deparse_cxt, node->ss.ps.plan, ancestors);
    const bool prefix = prefixes_columns(es);
    List *texts = NIL;
    for (int i = 0; i < keys.n; i++) {
        TargetEntry *tle = (TargetEntry *)list_nth(plan->custom_scan_tlist, keys.columns[i] - 1);
        Node *column = (Node *)makeVarFromTargetEntry(INDEX_VAR, tle);
        texts = lappend(texts, describe_sort_key(&keys, i, column, context, prefix));
    }
    ExplainPropertyList("Sort Key", texts, es);
}

} // namespace mq
