// A mask leaf in the executor: which rows of a group are members, and their index entries.
#include "nodes/common/child_columns.h"
#include "nodes/group/leaves/group_mask.h"
#include "types/roi/roi.h"

extern "C" {
#include "miscadmin.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

GroupLeaf *open_mask(const List *fields)
{
    const MaskFields f = unpack_fields<MaskFields>(fields);
    MaskLeaf *m = (MaskLeaf *)palloc0(sizeof(MaskLeaf));
    m->leaf.passes = 2;
    m->context = CurrentMemoryContext;
    m->group_context =
        AllocSetContextCreate(m->context, "masks of a group", ALLOCSET_DEFAULT_SIZES);
    m->cache = (SetsCache *)palloc0(sizeof(SetsCache));
    m->call.kind = f.kind;
    m->share = f.share;
    m->member_comparison = f.member_comparison;
    m->call.members_compared = f.member_comparison >= 0;
    m->call.result_compared = f.result_comparison >= 0;
    if (m->call.result_compared)
        m->call.result_comparison = Comparison(f.result_comparison);
    m->source = open_row_program(f.source, ProgramBody::number);
    m->member_threshold = open_expression(f.member_threshold);
    m->weight = open_expression(f.weight);
    m->filter = open_expression(f.filter);
    m->roi = open_expression(f.roi);
    m->lv = open_expression(f.lv);
    m->uv = open_expression(f.uv);
    m->result_threshold = open_expression(f.result_threshold);
    return &m->leaf;
}

void begin_mask(GroupLeaf *leaf, const GroupPass &pass)
{
    MaskLeaf *m = (MaskLeaf *)leaf;
    m->stage = pass.stage;
    if (pass.number > 0)
        return;
    MemoryContextReset(m->group_context);
    m->started = m->overflown = m->adding = m->is_null = m->is_error = false;
    m->known = true;
    m->members = GroupMembers{};
    m->stored = m->last = nullptr;
    m->stored_size = 0;
}

// A float8 expression; `missing` when there is none.
double evaluate(ExprState *e, ExprContext *context, double missing, bool *is_null)
{
    *is_null = false;
    if (e == nullptr)
        return missing;
    Datum value = ExecEvalExprSwitchContext(e, context, is_null);
    return *is_null ? missing : DatumGetFloat8(value);
}

// The arguments of cp: the same for all rows of the group.
void evaluate_call(MaskLeaf *m, ExprContext *context)
{
    bool null_roi = false, null_lv, null_uv, null_threshold;
    m->call.roi = kFullRoi;
    if (m->roi) {
        Datum roi = ExecEvalExprSwitchContext(m->roi, context, &null_roi);
        if (!null_roi)
            m->call.roi = datum_get_roi(roi);
    }
    m->call.lv = evaluate(m->lv, context, 0, &null_lv);
    m->call.uv = evaluate(m->uv, context, 0, &null_uv);
    m->call.result_threshold = evaluate(m->result_threshold, context, 0, &null_threshold);
    m->is_null = null_roi || null_lv || null_uv || null_threshold;
    m->is_error = !(m->call.lv <= m->call.uv) || std::isnan(m->call.result_threshold);
}

const ChiBins *keep_bins(MaskLeaf *m, const ChiBins &bins)
{
    for (KnownBins *k = m->bins; k; k = k->next)
        if (k->bins == bins)
            return &k->bins;
    KnownBins *k = (KnownBins *)MemoryContextAlloc(m->context, sizeof(KnownBins));
    k->bins = bins;
    k->next = m->bins;
    m->bins = k;
    return &k->bins;
}

// The row's mask as a member of the group. False when it is none; m->known turns false when nothing
// is known of it. The entry lives until the next row.
bool find_member(MaskLeaf *m, ExprContext *context, const GroupPass &pass, AggregateMember *out)
{
    bool is_null;
    if (m->filter) {
        Datum in = ExecEvalExprSwitchContext(m->filter, context, &is_null);
        if (is_null || !DatumGetBool(in))
            return false;
    }
    set_row_sources(m->source, context->ecxt_scantuple, pass.last_chance);
    out->comparison = Comparison(Max(m->member_comparison, 0));
    out->threshold = evaluate(m->member_threshold, context, 0, &is_null);
    if (is_null)
        return false;
    out->weight = evaluate(m->weight, context, 1, &is_null);
    bool null_mask;
    slot_getattr(context->ecxt_scantuple, m->source->sources[0].mask, &null_mask);
    if (is_null || null_mask)
        return false;
    RowEntry *e = &m->source->bounds->sources[0].entry;
    out->entry = &m->entry;
    if (!e->known || !chi_whole_row(e->row, &m->entry) || std::isnan(out->threshold)) {
        m->known = false;
        return false;
    }
    out->bins = keep_bins(m, *e->bins);
    return true;
}

void store_member(MaskLeaf *m, const AggregateMember &member)
{
    const size_t bytes = entry_data_size(*member.entry), size = sizeof(StoredMember) + bytes;
    if (m->overflown || m->stored_size + size > size_t(work_mem) * 1024) {
        m->overflown = true;
        m->stored = m->last = nullptr;
        MemoryContextReset(m->group_context);
        return;
    }
    m->stored_size += size;
    StoredMember *s = (StoredMember *)MemoryContextAlloc(m->group_context, size);
    uint8_t *data = (uint8_t *)(s + 1);
    memcpy(data, member.entry->data, bytes);
    s->member = member;
    s->entry = *member.entry;
    s->entry.data = data;
    s->member.entry = &s->entry;
    s->next = nullptr;
    if (m->last)
        m->last->next = s;
    else
        m->stored = s;
    m->last = s;
}

void add_mask(GroupLeaf *leaf, ExprContext *context, const GroupPass &pass)
{
    MaskLeaf *m = (MaskLeaf *)leaf;
    AggregateMember member;
    if (pass.number == 0) {
        if (!m->started)
            evaluate_call(m, context);
        m->started = true;
        if (!find_member(m, context, pass, &member) || !m->known)
            return;
        m->known = survey_member(m->call, member, &m->members);
        if (m->known)
            store_member(m, member);
    } else if (m->overflown && m->known && !m->is_null && !m->is_error) {
        if (!find_member(m, context, pass, &member) || !m->known)
            return;
        count_member(m, member);
    }
}

} // namespace

const GroupLeafKind mask_leaf = {compile_mask_leaf, open_mask, begin_mask, add_mask, value_of_mask};

} // namespace mq
