#include "nodes/common/sort_keys.h"

#include "plan/catalog/operators.h"
#include "plan/compile/compile.h"

extern "C" {
#include "lib/stringinfo.h"
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

void open_sort_keys(SortKeys *keys, List *columns, List *ordering)
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

} // namespace mq
