// An index file: an OID may be given a new file by REINDEX, which knows nothing of what was learnt
// for the old one.
#pragma once

#include "pg/compat.h"
#include "pg/pg.h"

extern "C" {
#include "utils/rel.h"
}

namespace mq
{

struct IndexFile {
    Oid index;
    RelFileNumber number;
};

inline IndexFile file_of(Relation index)
{
    return IndexFile{RelationGetRelid(index), relation_file_number(index)};
}

inline bool same_file(const IndexFile &a, const IndexFile &b)
{
    return a.index == b.index && a.number == b.number;
}

} // namespace mq
