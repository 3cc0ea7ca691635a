#include "learn/candidates/masks.h"

#include <algorithm>

extern "C" {
#include "utils/hsearch.h"
}

namespace mq
{

namespace
{

// More than this a session does not remember.
constexpr long kMaxMasks = 131072;

struct Mask {
    CandidateMask key;
    bool taken;
};

HTAB *masks = nullptr;
uint32 waiting = 0; // not taken

void make_table()
{
    if (masks)
        return;
    HASHCTL info = {};
    info.keysize = sizeof(CandidateMask);
    info.entrysize = sizeof(Mask);
    masks = hash_create("chi candidate masks", 256, &info, HASH_ELEM | HASH_BLOBS);
}

bool comes_before(const CandidateMask &a, const CandidateMask &b)
{
    return a.toast != b.toast ? a.toast < b.toast : a.value < b.value;
}

} // namespace

void note_candidate_mask(const CandidateMask &mask)
{
    make_table();
    bool found;
    HASHACTION action = hash_get_num_entries(masks) < kMaxMasks ? HASH_ENTER : HASH_FIND;
    Mask *m = (Mask *)hash_search(masks, &mask, action, &found);
    if (m && !found) {
        m->taken = false;
        waiting++;
    }
}

void forget_candidate_masks(Oid toast)
{
    HASH_SEQ_STATUS scan;
    make_table();
    hash_seq_init(&scan, masks);
    while (Mask *m = (Mask *)hash_seq_search(&scan))
        if (m->key.toast == toast) {
            waiting -= !m->taken;
            hash_search(masks, &m->key, HASH_REMOVE, nullptr);
        }
}

uint32 waiting_candidate_masks()
{
    return waiting;
}

CandidateMasks take_candidate_masks()
{
    make_table();
    CandidateMasks out = {};
    out.masks = (CandidateMask *)palloc(sizeof(CandidateMask) * (hash_get_num_entries(masks) + 1));
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, masks);
    while (Mask *m = (Mask *)hash_seq_search(&scan)) {
        if (!m->taken)
            out.masks[out.count++] = m->key;
        m->taken = true;
    }
    waiting = 0;
    std::sort(out.masks, out.masks + out.count, comes_before);
    return out;
}

void give_back_candidate_masks(const CandidateMasks &given)
{
    make_table();
    for (uint32 i = 0; i < given.count; i++) {
        Mask *m = (Mask *)hash_search(masks, &given.masks[i], HASH_FIND, nullptr);
        if (m && m->taken) {
            m->taken = false;
            waiting++;
        }
    }
}

} // namespace mq
