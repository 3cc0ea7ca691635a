// The access method's callbacks, one file each group. See the server's "Index Access Method
// Interface Definition".
#pragma once

#include "chi/chi.h"
#include "core/chi/grid.h"

extern "C" {
#include "access/amapi.h"
#include "commands/progress.h"
#include "nodes/pathnodes.h"
}

namespace mq
{

// Reported in pg_stat_progress_create_index; the first is the server's own number.
enum BuildPhase : int64 {
    phase_initializing = PROGRESS_CREATEIDX_SUBPHASE_INITIALIZE,
    phase_sampling,
    phase_listing,
    phase_summarizing,
    phase_logging,
};

extern "C" {
// build.cpp
IndexBuildResult *chi_build(Relation heap, Relation index, IndexInfo *index_info);
void chi_build_empty(Relation index);
char *chi_build_phase_name(int64 phase);
// insert.cpp
bool chi_insert(Relation index, Datum *values, bool *isnull, ItemPointer heap_tid, Relation heap,
                IndexUniqueCheck check_unique, bool index_unchanged, IndexInfo *index_info);
// vacuum.cpp
IndexBulkDeleteResult *chi_bulk_delete(IndexVacuumInfo *info, IndexBulkDeleteResult *stats,
                                       IndexBulkDeleteCallback callback, void *callback_state);
IndexBulkDeleteResult *chi_vacuum_cleanup(IndexVacuumInfo *info, IndexBulkDeleteResult *stats);
// options.cpp
bytea *chi_options(Datum reloptions, bool validate);
// handler.cpp
bool chi_validate(Oid opclass);
void chi_cost_estimate(struct PlannerInfo *root, struct IndexPath *path, double loop_count,
                       Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
                       double *correlation, double *pages);
}

// True for the type mask and domains over it.
bool is_mask_type(Oid type);

} // namespace mq
