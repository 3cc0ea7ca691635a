// Leaves that are cp of an aggregate of masks: what the plan tells the executor, and the state of
// one. group.md says what they claim, src/core/chi/README.md proves it.
#pragma once

#include "core/chi/aggregate/aggregate_bounds.h"
#include "nodes/group/leaves/group_leaf.h"

namespace mq
{

// Whether the leaf is cp of an intersection, divided by the same cp of the union of the same masks,
// and what becomes of a division by zero.
enum class MaskShare : int { none, error, null };

// What the executor gets.
struct MaskFields {
    MaskAggregate kind;
    MaskShare share;
    int member_comparison; // Comparison of the members with member_threshold, or -1
    int result_comparison; // likewise of the aggregate
    List *source;          // row_program_fields() of the mask column
    // Of a row; null when there is none:
    Node *member_threshold; // float8
    Node *weight;           // float8
    Node *filter;           // boolean
    // Of the group:
    Node *roi;              // null: the whole mask
    Node *lv, *uv;          // float8, as the next one
    Node *result_threshold; // null when there is none
    template <typename Visitor> void visit(Visitor &v)
    {
        v("kind", &kind);
        v("share", &share);
        v("member_comparison", &member_comparison);
        v("result_comparison", &result_comparison);
        v("source", &source);
        v("member_threshold", &member_threshold);
        v("weight", &weight);
        v("filter", &filter);
        v("roi", &roi);
        v("lv", &lv);
        v("uv", &uv);
        v("result_threshold", &result_threshold);
    }
};

// ---- group_mask_plan.cpp ----

List *compile_mask_leaf(PlannerInfo *root, Node *node, bool *bounded);

// ---- in the executor ----

// What was selected last, and for what.
struct SetsCache {
    bool valid;
    PixelFormat format;
    Domain domain;
    const ChiBins *bins;
    Comparison comparison;
    double threshold, weight;
    AggregateLevels levels;
    MemberSets sets;
};

// A mask of the group, its entry copied.
struct StoredMember {
    AggregateMember member;
    ChiEntry entry;
    StoredMember *next;
};

// Bins of the indexes met; copies, which last as long as the leaf.
struct KnownBins {
    ChiBins bins;
    KnownBins *next;
};

struct MaskLeaf {
    GroupLeaf leaf; // first
    AggregateCall call;
    MaskShare share;
    int member_comparison; // Comparison, or -1
    RowProgram *source;
    ExprState *member_threshold, *weight, *filter;
    ExprState *roi, *lv, *uv, *result_threshold;
    MemoryContext context, group_context;
    KnownBins *bins;
    SetsCache *cache;
    // Of the current group:
    Stage stage;
    bool started;   // has had a row
    ChiEntry entry; // of the row
    bool known;     // every mask so far is
    bool is_null;   // an argument of cp is NULL
    bool is_error;  // or impossible
    GroupMembers members;
    StoredMember *stored, *last; // all of them, in order,
    bool overflown;              // unless there was no room: then the second pass adds up counts
    size_t stored_size;
    bool adding;
    GroupBounds bounds;
};

// ---- group_mask_bounds.cpp ----

// Counts a member in, of a group that is gone through a second time because it was too large to be
// kept. m->known turns false when nothing will be known.
void count_member(MaskLeaf *m, const AggregateMember &member);

// REQUIRES: every member is stored, or was given to count_member().
Num value_of_mask(GroupLeaf *leaf);

} // namespace mq
