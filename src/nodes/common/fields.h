// What a path or a plan carries in custom_private: a List of DefElem, by name. It is made of nodes
// only, so cached plans copy it, and parallel workers get it in writing, like the rest of a plan.
//
// A struct says once what its fields are called:
//
//     struct SomeFields {
//         List *columns;
//         bool descending;
//         template <typename Visitor> void visit(Visitor &v)
//         {
//             v("columns", &columns);
//             v("descending", &descending);
//         }
//     };
//
// A field is a pointer to a node, which may be null, a number that an int holds, or a struct that
// has fields itself. The names of one struct differ.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
}

#include <type_traits>

namespace mq
{

// Adds a field. Its value, which may be null, is not copied.
List *put_field(List *fields, const char *name, Node *value);

// The value of a field. ereport(ERROR) when there is none of this name.
Node *get_field(const List *fields, const char *name);

List *put_number(List *fields, const char *name, int n);
// ereport(ERROR) when the field is no number.
int get_number(const List *fields, const char *name);

// The fields of a struct, as a list.
template <typename Fields> List *pack_fields(Fields fields);

// The struct of a list that pack_fields() made.
template <typename Fields> Fields unpack_fields(const List *fields);

struct FieldWriter {
    List *fields;

    template <typename T> void operator()(const char *name, T **node)
    {
        fields = put_field(fields, name, (Node *)*node);
    }
    template <typename T> void operator()(const char *name, T *value)
    {
        if constexpr (std::is_class_v<T>)
            fields = put_field(fields, name, (Node *)pack_fields(*value));
        else
            fields = put_number(fields, name, int(*value));
    }
};

struct FieldReader {
    const List *fields;

    template <typename T> void operator()(const char *name, T **node)
    {
        *node = (T *)get_field(fields, name);
    }
    template <typename T> void operator()(const char *name, T *value)
    {
        if constexpr (std::is_class_v<T>)
            *value = unpack_fields<T>((const List *)get_field(fields, name));
        else
            *value = T(get_number(fields, name));
    }
};

template <typename Fields> List *pack_fields(Fields fields)
{
    FieldWriter writer = {NIL};
    fields.visit(writer);
    return writer.fields;
}

template <typename Fields> Fields unpack_fields(const List *fields)
{
    Fields result = {};
    FieldReader reader = {fields};
    result.visit(reader);
    return result;
}

} // namespace mq
