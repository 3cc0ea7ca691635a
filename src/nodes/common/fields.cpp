#include "nodes/common/fields.h"

extern "C" {
#include "nodes/makefuncs.h"
}

namespace mq
{

List *put_field(List *fields, const char *name, Node *value)
{
    return lappend(fields, makeDefElem(pstrdup(name), value, -1));
}

Node *get_field(const List *fields, const char *name)
{
    ListCell *lc;
    foreach (lc, fields) {
        const DefElem *field = lfirst_node(DefElem, lc);
        if (strcmp(field->defname, name) == 0)
            return field->arg;
    }
    elog(ERROR, "plan node of maskquery has no field \"%s\"", name);
    return nullptr; // not reached
}

List *put_number(List *fields, const char *name, int n)
{
    return put_field(fields, name, (Node *)makeInteger(n));
}

int get_number(const List *fields, const char *name)
{
    Node *value = get_field(fields, name);
    if (value == nullptr || !IsA(value, Integer))
        elog(ERROR, "field \"%s\" of a plan node of maskquery is no number", name);
    return intVal(value);
}

} // namespace mq
