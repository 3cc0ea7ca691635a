// Where a statement begins, and how parallel workers report to their leader.
//
// No preloaded library means no shared memory of our own, so the leader makes a small dynamic
// shared memory segment when it first starts a parallel plan that may meet masks, keeps it for the
// session, and names it to its workers in a GUC, since the values of GUCs are what every worker
// gets from its leader. Workers add their counts atomically before they end; the leader reads them
// when asked. Only the leader's own workers know the handle, and the segment carries a magic number
// besides.
#include "session/statement.h"

#include "learn/learn.h"
#include "learn/candidates/shared.h"
#include "pg/optional.h"
#include "session/parallel_plan.h"
#include "stats/statement.h"
#include "work/handover.h"

extern "C" {
#include "access/parallel.h"
#include "executor/executor.h"
#include "port/atomics.h"
#include "storage/dsm.h"
#include "utils/guc.h"
}

namespace mq
{

namespace
{

int run_depth = 0;                   // ExecutorRun calls under way
const void *running_query = nullptr; // QueryDesc of the statement being counted; compared only

constexpr uint64 kSharedMagic = UINT64CONST(0x6d61736b71727901);

// What workers tell their leader: this, and SharedCandidates behind it.
struct Report {
    uint64 magic;
    SharedCounters counters;
};
constexpr size_t kReportSize = MAXALIGN(sizeof(Report));

size_t segment_size()
{
    return kReportSize + shared_candidates_size();
}

dsm_segment *segment = nullptr; // leader: own; worker: the leader's
int shared_handle = 0;          // maskquery.worker_counters, as int4
bool attached = false;          // worker: tried

Report *shared_report()
{
    return segment ? (Report *)dsm_segment_address(segment) : nullptr;
}

SharedCandidates *shared_candidates()
{
    Report *report = shared_report();
    return report ? (SharedCandidates *)((char *)report + kReportSize) : nullptr;
}

// Without a segment workers' counts are lost, nothing else.
void make_segment()
{
    dsm_segment *made = dsm_create(segment_size(), DSM_CREATE_NULL_IF_MAXSEGMENTS);
    if (made == nullptr)
        return;
    Report *shared = (Report *)dsm_segment_address(made);
    init_shared_counters(&shared->counters);
    init_shared_candidates((SharedCandidates *)((char *)shared + kReportSize));
    shared->magic = kSharedMagic;
    dsm_pin_mapping(made);
    segment = made;
}

// Sees to it that the workers of a plan find a segment when they may need one.
void prepare_segment(const PlannedStmt *plan)
{
    static OptionalWork work = {"make shared memory for the counters of parallel workers"};
    if (!segment) {
        if (!workers_may_count(plan) || !try_optional(&work, [] { make_segment(); }) || !segment)
            return;
    }
    int handle = (int)dsm_segment_handle(segment);
    if (handle != shared_handle) { // first time, or a transaction that set it was rolled back
        char text[16];
        snprintf(text, sizeof text, "%d", handle);
        SetConfigOption("maskquery.worker_counters", text, PGC_SUSET, PGC_S_SESSION);
    }
}

void attach_segment()
{
    attached = true;
    if (shared_handle == 0)
        return;
    dsm_segment *seg = dsm_attach((dsm_handle)shared_handle);
    if (seg == nullptr)
        return;
    if (dsm_segment_map_length(seg) < segment_size() ||
        ((Report *)dsm_segment_address(seg))->magic != kSharedMagic) {
        dsm_detach(seg);
        return;
    }
    dsm_pin_mapping(seg);
    segment = seg;
}

// A worker runs one statement and ends, so its counters are added once.
void report_to_leader()
{
    if (Report *shared = shared_report())
        give_counters(&shared->counters, local_counters());
}

} // namespace

void before_executor_start(const QueryDesc *query, int eflags)
{
    if (run_depth == 0)
        running_query = nullptr; // a QueryDesc may be made where an old one was
    if (query->plannedstmt->parallelModeNeeded && !(eflags & EXEC_FLAG_EXPLAIN_ONLY) &&
        !IsInParallelMode())
        prepare_segment(query->plannedstmt);
}

void before_executor_run(const QueryDesc *query)
{
    // A cursor's later fetches belong to the statement that opened it.
    if (run_depth == 0 && query != running_query) {
        running_query = query;
        begin_statement();
    }
    if (run_depth == 0)
        learn_begin_statement();
    run_depth++;
}

void leave_executor_run()
{
    run_depth--;
}

void after_executor_run()
{
    if (run_depth > 0)
        return;
    const Counters &c = local_counters();
    if (IsParallelWorker() && !attached &&
        (c[Counter::masks] > 0 || c[Counter::loaded] > 0 || c[Counter::pixel_bytes] > 0))
        attach_segment();
    learn_end_statement(shared_candidates());
    hand_over_work();
    learn_after_hand_over();
    if (IsParallelWorker())
        report_to_leader();
    else
        end_statement();
}

Counters worker_counters()
{
    Report *shared = IsParallelWorker() ? nullptr : shared_report();
    return shared ? read_shared_counters(&shared->counters) : Counters{};
}

void clear_worker_counters()
{
    Report *shared = IsParallelWorker() ? nullptr : shared_report();
    if (shared)
        clear_shared_counters(&shared->counters);
}

void define_statement_settings()
{
    DefineCustomIntVariable(
        "maskquery.worker_counters",
        "Shared memory segment in which parallel workers report to their leader.", nullptr,
        &shared_handle, 0, INT_MIN, INT_MAX, PGC_SUSET,
        GUC_NO_SHOW_ALL | GUC_NO_RESET_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE, nullptr,
        nullptr, nullptr);
}

} // namespace mq
