// The chi access method as the rest of the extension sees it.
#pragma once

#include "store/store.h"

namespace mq
{

// Registers the index options and maskquery.threads; called once, when the library is loaded.
void chi_init();

// OID of the access method, InvalidOid when the extension is not installed in this database.
Oid chi_am_oid();

// Summarises the rows of the given root TIDs (as chi_lookup_row gives them) that are pending and
// visible to the active snapshot: fetches and detoasts them, builds their entries on
// maskquery.threads threads and publishes them. Returns how many it published; the others of `n`
// were built already, or are not visible and stay pending. TIDs in heap order are fetched fastest.
// A mask that is damaged gives a WARNING and stays pending. REQUIRES: heap and index are locked by
// AccessShareLock or more; the active snapshot may use the index (indcheckxmin); not
// RecoveryInProgress().
int64 chi_summarize_tids(Relation heap, Relation index, const ItemPointerData *roots, int n);

// False when no entry of the index is pending, nor will be. Reads the metapage.
bool chi_may_learn(Relation index);

// Looks for rows that are pending and whose mask, as it stands in the tuple, is wanted; a part of
// the table a call, so that the caller may release its locks in between. `next` is 0 at first, and
// `ended` is set by the call that has seen the last row. Returns how many root TIDs it put into
// `roots`, which has room for kMaxFound; they are for chi_summarize_tids. REQUIRES: as
// chi_summarize_tids; the index is on a plain column, and still in the file of the first call.
struct PendingSearch {
    bool (*wanted)(Datum mask, void *arg); // must not touch the index
    void *arg;
    uint32_t next; // place of the next page of the TID map
    bool ended;
};
constexpr int kMaxFound = 4096;
int chi_find_pending(Relation heap, Relation index, PendingSearch *search, ItemPointerData *roots);

} // namespace mq
