#include "read/toast/vanishing_toast.h"

#include "pg/toast.h"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/toast_internals.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
}

namespace mq
{

// Columns of every TOAST table.
constexpr AttrNumber kToastValueId = 1, kToastChunkNumber = 2, kToastChunkData = 3;

// Copies the value's chunks, in order, to `out`; false unless they make up exactly `size` bytes.
static bool copy_chunks(Relation toast, Relation toast_index, Oid value_id, char *out, size_t size)
{
    // As the server sees TOAST rows: a value to which there is a pointer may be read, however old
    // it is.
    SnapshotData any_age = {};
    any_age.snapshot_type = SNAPSHOT_TOAST;

    ScanKeyData key;
    ScanKeyInit(&key, kToastValueId, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(value_id));
    SysScanDesc scan = systable_beginscan_ordered(toast, toast_index, &any_age, 1, &key);
    TupleDesc row = RelationGetDescr(toast);
    HeapTuple tuple;
    size_t done = 0;
    int32 chunks = 0;
    bool whole = true;
    while (whole &&
           HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection))) {
        bool is_null[2];
        int32 number = DatumGetInt32(heap_getattr(tuple, kToastChunkNumber, row, &is_null[0]));
        struct varlena *chunk = (struct varlena *)DatumGetPointer(
            heap_getattr(tuple, kToastChunkData, row, &is_null[1]));
        whole = !is_null[0] && !is_null[1] && number == chunks &&
                VARSIZE_ANY_EXHDR(chunk) <= size - done;
        if (whole) {
            memcpy(out + done, VARDATA_ANY(chunk), VARSIZE_ANY_EXHDR(chunk));
            done += VARSIZE_ANY_EXHDR(chunk);
            chunks++;
        }
    }
    systable_endscan_ordered(scan);
    return whole && done == size;
}

struct varlena *detoast_if_there(Datum value)
{
    struct varatt_external pointer;
    if (!get_toast_pointer((struct varlena *)DatumGetPointer(value), &pointer))
        return PG_DETOAST_DATUM_PACKED(value);

    size_t size = VARATT_EXTERNAL_GET_EXTSIZE(pointer);
    struct varlena *result = (struct varlena *)palloc(size + VARHDRSZ);
    bool compressed = toast_is_compressed(pointer);
    if (compressed)
        SET_VARSIZE_COMPRESSED(result, size + VARHDRSZ);
    else
        SET_VARSIZE(result, size + VARHDRSZ);

    Relation toast = table_open(pointer.va_toastrelid, AccessShareLock);
    Relation *indexes;
    int count;
    int valid = toast_open_indexes(toast, AccessShareLock, &indexes, &count);
    bool whole = copy_chunks(toast, indexes[valid], pointer.va_valueid, VARDATA(result), size);
    toast_close_indexes(indexes, count, AccessShareLock);
    table_close(toast, AccessShareLock);

    if (!whole) {
        pfree(result);
        return nullptr;
    }
    return compressed ? detoast_attr(result) : result;
}

} // namespace mq
