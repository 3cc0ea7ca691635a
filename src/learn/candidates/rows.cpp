#include "learn/candidates/rows.h"

#include <algorithm>

extern "C" {
#include "port/pg_bitutils.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
}

namespace mq
{

namespace
{

// More than this a session does not remember. 5 MB of blocks: a scan of 4 million rows, when a page
// has 128 of them.
constexpr long kMaxBlocks = 32768;

struct BlockKey {
    IndexFile file;
    BlockNumber block;
};

struct Block {
    BlockKey key;
    bool local;
    uint64 now[kRowWords];    // noted by this statement
    uint64 before[kRowWords]; // by an earlier one
    uint64 taken[kRowWords];  // by either, and taken since
};

HTAB *blocks = nullptr;
bool any_now = false;  // a bit of `now` may be set
uint32 waiting = 0;    // rows that are not local and not taken
Block *last = nullptr; // the block noted last

void make_table()
{
    if (blocks)
        return;
    HASHCTL info = {};
    info.keysize = sizeof(BlockKey);
    info.entrysize = sizeof(Block);
    blocks = hash_create("chi candidate rows", 256, &info, HASH_ELEM | HASH_BLOBS);
}

Block *find_block(const IndexFile &file, BlockNumber number)
{
    make_table();
    BlockKey key;
    memset(&key, 0, sizeof key); // hashed as bytes
    key.file = file;
    key.block = number;
    if (last && memcmp(&last->key, &key, sizeof key) == 0)
        return last;

    bool found;
    HASHACTION action = hash_get_num_entries(blocks) < kMaxBlocks ? HASH_ENTER : HASH_FIND;
    Block *block = (Block *)hash_search(blocks, &key, action, &found);
    if (block && !found)
        memset((char *)block + sizeof key, 0, sizeof *block - sizeof key);
    if (block)
        last = block;
    return block;
}

} // namespace

Encounter note_candidate_row(const IndexFile &file, const ItemPointerData *root, bool local)
{
    OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(root);
    if (offset < FirstOffsetNumber || offset > MaxHeapTuplesPerPage)
        return Encounter::first;
    Block *b = find_block(file, ItemPointerGetBlockNumberNoCheck(root));
    if (!b)
        return Encounter::first;
    int word = (offset - 1) / 64;
    uint64 bit = UINT64CONST(1) << (offset - 1) % 64;
    b->local = local;
    if (b->now[word] & bit)
        return Encounter::now;
    if ((b->before[word] | b->taken[word]) & bit)
        return Encounter::again;
    b->now[word] |= bit;
    any_now = true;
    if (!local)
        waiting++;
    return Encounter::first;
}

void take_candidate_row(const IndexFile &file, const ItemPointerData *root)
{
    Block *b = find_block(file, ItemPointerGetBlockNumberNoCheck(root));
    int i = ItemPointerGetOffsetNumberNoCheck(root) - 1;
    uint64 bit = UINT64CONST(1) << i % 64;
    if (!b || !(b->before[i / 64] & bit))
        return;
    b->before[i / 64] &= ~bit;
    b->taken[i / 64] |= bit;
    if (!b->local && waiting > 0) // it was not counted while the index was local
        waiting--;
}

void end_candidate_rows()
{
    if (!any_now)
        return;
    any_now = false;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, blocks);
    while (Block *b = (Block *)hash_seq_search(&scan))
        for (int i = 0; i < kRowWords; i++) {
            b->before[i] |= b->now[i];
            b->now[i] = 0;
        }
}

void make_room_for_candidate_rows()
{
    Assert(!any_now);
    if (!blocks || hash_get_num_entries(blocks) < kMaxBlocks)
        return;
    for (bool all = false;; all = true) {
        HASH_SEQ_STATUS scan;
        hash_seq_init(&scan, blocks);
        while (Block *b = (Block *)hash_seq_search(&scan)) {
            uint64 left = 0;
            for (int i = 0; i < kRowWords; i++)
                left |= b->before[i];
            if (all || left == 0)
                hash_search(blocks, &b->key, HASH_REMOVE, nullptr);
        }
        last = nullptr;
        if (all || hash_get_num_entries(blocks) < kMaxBlocks)
            break;
    }
    if (hash_get_num_entries(blocks) == 0)
        waiting = 0;
}

uint32 waiting_candidate_rows()
{
    return waiting;
}

static bool block_before(const CandidateBlock &a, const CandidateBlock &b)
{
    if (a.file.index != b.file.index)
        return a.file.index < b.file.index;
    if (a.file.number != b.file.number)
        return a.file.number < b.file.number;
    return a.block < b.block;
}

CandidateRows take_candidate_rows()
{
    make_table();
    CandidateRows out = {};
    out.blocks =
        (CandidateBlock *)palloc(sizeof(CandidateBlock) * (hash_get_num_entries(blocks) + 1));

    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, blocks);
    while (Block *b = (Block *)hash_seq_search(&scan)) {
        if (b->local)
            continue;
        CandidateBlock *taken = &out.blocks[out.count];
        uint64 any = 0;
        *taken = CandidateBlock{b->key.file, b->key.block, 0, {}};
        for (int i = 0; i < kRowWords; i++) {
            taken->rows[i] = b->now[i] | b->before[i];
            any |= taken->rows[i];
            b->taken[i] |= taken->rows[i];
            b->now[i] = b->before[i] = 0;
        }
        if (any)
            out.count++;
    }
    waiting = 0;
    std::sort(out.blocks, out.blocks + out.count, block_before);
    return out;
}

// Makes rows of a block ones that were noted before and not taken.
static void add_block(const CandidateBlock &from, bool given_back)
{
    Block *b = find_block(from.file, from.block);
    if (!b)
        return;
    for (int i = 0; i < kRowWords; i++) {
        if (given_back)
            b->taken[i] &= ~from.rows[i];
        uint64 added = from.rows[i] & ~(b->now[i] | b->before[i] | b->taken[i]);
        b->before[i] |= added;
        waiting += pg_popcount64(added);
    }
}

void add_candidate_rows(const CandidateRows &rows)
{
    for (uint32 i = 0; i < rows.count; i++)
        add_block(rows.blocks[i], false);
}

void give_back_candidate_rows(const CandidateRows &rows)
{
    for (uint32 i = 0; i < rows.count; i++)
        add_block(rows.blocks[i], true);
}

} // namespace mq
