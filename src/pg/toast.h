// What a TOAST pointer says.
#pragma once

#include "pg/pg.h"

extern "C" {
#include "access/detoast.h"
}

namespace mq
{

// True when the value lies in a TOAST table; *pointer then says where.
inline bool get_toast_pointer(const struct varlena *value, struct varatt_external *pointer)
{
    if (!VARATT_IS_EXTERNAL_ONDISK(value))
        return false;
    VARATT_EXTERNAL_GET_POINTER(*pointer, value);
    return true;
}

// Size of the value before TOAST, its varlena header left out.
inline size_t toast_value_size(const struct varatt_external &pointer)
{
    return size_t(pointer.va_rawsize) - VARHDRSZ;
}

// VARATT_EXTERNAL_IS_COMPRESSED, without its comparison of signed and unsigned.
inline bool toast_is_compressed(const struct varatt_external &pointer)
{
    return VARATT_EXTERNAL_GET_EXTSIZE(pointer) < toast_value_size(pointer);
}

} // namespace mq
