// Counters of the current statement, and of the session.
#include "stats/stats.h"
#include "pg/guard.h"
#include "pg/result_row.h"
#include "stats/statement.h"

extern "C" {
#include "access/htup_details.h"
#include "funcapi.h"
}

namespace mq
{

namespace
{

Counters current;            // of the statement that used cp last, this process's share
Counters finished;           // of all statements before it
int64 statements = 0;        // statements that used cp, the current one included
bool statement_open = false; // the running statement has used cp already

// The rows judged most recently, so that a second clause over the same row corrects the first one's
// count instead of adding a mask. Direct-mapped and small: a row that comes back after many others
// (the inner side of a nested loop) counts again.
struct JudgedRow {
    Oid relid;
    ItemPointerData tid;
    Verdict verdict;
};
constexpr int kJudgedRows = 256;
JudgedRow judged[kJudgedRows];

// TOAST relations of tables whose masks were judged: loads from others are masks that no guard has
// counted.
constexpr int kJudgedTables = 16;
Oid judged_toast[kJudgedTables];
int judged_tables = 0;
bool judged_inline = false;

// Counting starts a statement's counters afresh only now, so that maskquery_last_query() itself, or
// any statement without cp, leaves the last one's figures to be read.
void open_statement()
{
    if (statement_open)
        return;
    statement_open = true;
    add_counters(&finished, current);
    current = Counters{};
    memset(judged, 0, sizeof judged);
    judged_tables = 0;
    judged_inline = false;
    statements++;
}

int64 *counter_of(Verdict v)
{
    return v == Verdict::pruned     ? &current[Counter::pruned]
           : v == Verdict::accepted ? &current[Counter::accepted]
                                    : nullptr;
}

bool is_judged_table(Oid toastrelid)
{
    if (!OidIsValid(toastrelid))
        return judged_inline;
    for (int i = 0; i < judged_tables; i++)
        if (judged_toast[i] == toastrelid)
            return true;
    return false;
}

} // namespace

void begin_statement()
{
    // No worker of the last statement is left; make room for this one's.
    add_counters(&current, worker_counters());
    clear_worker_counters();
    statement_open = false;
}

void end_statement()
{
    // Workers may have counted where the leader has not.
    Counters c = worker_counters();
    if (c[Counter::masks] > 0 || c[Counter::loaded] > 0)
        open_statement();
}

Counters statement_counters()
{
    Counters c = current;
    add_counters(&c, worker_counters());
    return c;
}

const Counters &local_counters()
{
    return current;
}

Counters session_totals()
{
    Counters c = finished;
    add_counters(&c, statement_counters());
    return c;
}

Counters process_counters()
{
    Counters c = finished;
    add_counters(&c, current);
    return c;
}

void stats_mask_loaded(Oid toastrelid)
{
    open_statement();
    current[Counter::loaded]++;
    if (!is_judged_table(toastrelid))
        current[Counter::masks]++;
}

void stats_pixel_bytes(size_t bytes)
{
    open_statement();
    current[Counter::pixel_bytes] += bytes;
}

static void remember_judged_table(Oid toastrelid)
{
    judged_inline = true;
    if (OidIsValid(toastrelid) && !is_judged_table(toastrelid) && judged_tables < kJudgedTables)
        judged_toast[judged_tables++] = toastrelid;
}

void stats_masks_pruned(Oid toastrelid, int64 masks)
{
    if (masks == 0)
        return;
    open_statement();
    remember_judged_table(toastrelid);
    current[Counter::masks] += masks;
    current[Counter::pruned] += masks;
}

void stats_mask_judged(Oid relid, ItemPointer tid, Oid toastrelid, Verdict verdict)
{
    open_statement();
    remember_judged_table(toastrelid);

    uint32 hash =
        (ItemPointerGetBlockNumberNoCheck(tid) * 291u + ItemPointerGetOffsetNumberNoCheck(tid)) ^
        relid;
    JudgedRow *row = &judged[hash % kJudgedRows];
    if (row->relid != relid || !ItemPointerEquals(&row->tid, tid)) {
        *row = JudgedRow{relid, *tid, verdict};
        current[Counter::masks]++;
        if (int64 *n = counter_of(verdict))
            ++*n;
        return;
    }
    // The verdicts are ordered by how much they outweigh: pruned once is pruned, accepted lasts
    // while every clause accepts.
    if (verdict <= row->verdict)
        return;
    if (int64 *n = counter_of(row->verdict))
        --*n;
    if (int64 *n = counter_of(verdict))
        ++*n;
    row->verdict = verdict;
}

int64 stats_statement()
{
    return statements;
}

void stats_masks_reopened(int64 statement, int64 masks, Verdict verdict)
{
    if (statement != statements)
        return;
    current[Counter::pruned] -= masks;
    if (int64 *n = counter_of(verdict))
        *n += masks;
}

} // namespace mq

using namespace mq;

static Datum counters_record(FunctionCallInfo fcinfo, const Counters &c, bool with_statements)
{
    Datum values[1 + kCounters];
    bool nulls[1 + kCounters] = {};
    int n = 0;
    if (with_statements)
        values[n++] = Int64GetDatum(statements);
    for_each_counter(CounterGroup::chi, [&](Counter k) { values[n++] = Int64GetDatum(c[k]); });
    return HeapTupleGetDatum(heap_form_tuple(result_row(fcinfo, n), values, nulls));
}

MQ_FUNCTION(mq_last_query)
{
    return counters_record(fcinfo, statement_counters(), false);
}

MQ_FUNCTION(mq_session_stats)
{
    return counters_record(fcinfo, session_totals(), true);
}
