#include "facts/refine_row.h"

#include "core/chi/bounds/refine.h"
#include "core/leaves/mask_leaves.h"
#include "core/mask/measure/count.h"
#include "read/tile_reader.h"
#include "pg/guard.h"

#include <new>

namespace mq
{

bool enable_ladder = true;

namespace
{

// Masks that may be open at once (tile_reader.h).
constexpr int kMaxReaders = 2;

// A stored tile that the roi of a cp touches.
enum class TileState : uint8_t { decided, undecided, read };

// One cp of the program for the current row.
struct Site {
    bool called;  // its operands are known, so its mask can tell
    bool matters; // to the clause as it stands
    const LeafCall *call;
    int source;
    ChiEntry entry;          // the row's, with the counts of the site's edges; or a blank one
    SelectedEdges *selected; // with an entry
    Refinement bounds;
    int32 tx0, ty0, tx1, ty1; // tiles touched; none: tx0 = tx1
    TileState *tiles;         // row-major
};

struct RowRefinement {
    RowBounds *row;
    MaskReader *readers[kMaxReaders];
    Site *sites;
    LeafValue *values; // by site; the rests are what the index says
    // For questions: intervals as they would be, had only this share of their widths been left; of
    // one site or (-1) of all.
    double share;
    int only;

    uint8_t evaluate_row();
    uint8_t evaluate_as_if(double share_left, int site);
};

// What is known of a site, or would be.
Num number_of_site(const RowRefinement &l, int i)
{
    CountBounds b{l.sites[i].bounds.lo, l.sites[i].bounds.hi};
    if (l.share < 1 && (l.only < 0 || l.only == i)) {
        uint64_t less = uint64_t(double(b.hi - b.lo) * (1 - l.share) / 2);
        b.lo += less;
        b.hi = Max(b.lo, b.hi - less);
    }
    return count_number(b);
}

uint8_t RowRefinement::evaluate_row()
{
    for (int i = 0; i < row->program.sites; i++)
        if (sites[i].called)
            values[i].number = number_of_site(*this, i);
    return evaluate(row->program, row->inputs, values);
}

uint8_t RowRefinement::evaluate_as_if(double share_left, int site)
{
    share = share_left;
    only = site;
    uint8_t outcomes = evaluate_row();
    share = 1;
    return outcomes;
}

constexpr TileFacts kNoFacts{};

// What the index says of the site's mask. Only the counts that its range needs are read: those of
// all edges take several pages each. False when it says nothing.
bool open_entry(RowRefinement *l, Site *site, const MaskHeader &h)
{
    RowEntry *e = &l->row->sources[site->source].entry;
    // An entry of another shape or format is not this mask's; chi_check() reports it.
    const ChiEntry &shape = e->row->shape;
    if (!e->known || shape.format != h.format || !(shape.domain == h.domain) ||
        shape.grid.width != h.width || shape.grid.height != h.height)
        return false;
    site->selected = select_for(&l->row->leaves.edges, int(site - l->sites), 0, e->bins, shape,
                                site->call->numbers[0], site->call->numbers[1]);
    if (!chi_row_edges(e->row, site->selected->edges, &site->entry))
        return false;
    // The next site over the mask has other edges put together in the same place.
    const size_t size = entry_data_size(site->entry);
    site->entry.data = (const uint8_t *)memcpy(palloc(size), site->entry.data, size);
    return true;
}

// Starts a site's bounds with its index entry and the mask's tile directory.
void open_site(RowRefinement *l, Site *site)
{
    const MaskReader &reader = *l->readers[site->source];
    const MaskHeader &h = reader.header();
    const LeafCall &call = *site->call;
    const double lv = call.numbers[0], uv = call.numbers[1];
    if (open_entry(l, site, h)) {
        size_t cells = refined_cells(site->entry.grid, call.roi);
        start_refinement(site->entry, *site->selected->bins, site->selected->edges,
                         selected_facts(&l->row->leaves.edges, site->selected), call.roi, lv, uv,
                         (RefinedCell *)palloc(sizeof(RefinedCell) * Max(cells, 1)), &site->bounds);
    } else {
        ChiBins bins;
        bins.bins = kMinBins;
        site->entry = blank_entry(h);
        start_refinement(site->entry, bins, kBlankEdges, kNoFacts, call.roi, lv, uv,
                         (RefinedCell *)palloc(sizeof(RefinedCell)), &site->bounds);
    }
    const PixelRect &rect = site->bounds.rect;
    if (rect.empty())
        return;
    site->tx0 = rect.x0 / h.tile_width;
    site->tx1 = (rect.x1 - 1) / h.tile_width + 1;
    site->ty0 = rect.y0 / h.tile_height;
    site->ty1 = (rect.y1 - 1) / h.tile_height + 1;
    site->tiles = (TileState *)palloc(size_t(site->tx1 - site->tx0) *
                                      size_t(site->ty1 - site->ty0) * sizeof(TileState));
    OrdinalRange range = ordinal_range(h.format, h.domain, lv, uv);
    TileState *state = site->tiles;
    for (int32 ty = site->ty0; ty < site->ty1; ty++)
        for (int32 tx = site->tx0; tx < site->tx1; tx++, state++) {
            uint32 tile = uint32(ty) * h.tiles_x + tx;
            TileVerdict verdict = judge_tile(reader.directory(), tile, range);
            *state = verdict == TileVerdict::undecided ? TileState::undecided : TileState::decided;
            if (verdict != TileVerdict::undecided)
                refine_whole(&site->bounds, h.tile_rect(tile), verdict == TileVerdict::all);
        }
}

// Whether the clause is undecided because of a site's interval. Only a hint which tiles to read
// first.
void find_what_matters(RowRefinement *l, uint8_t outcomes)
{
    const int sites = l->row->program.sites;
    bool any = false;
    for (int i = 0; i < sites; i++) {
        Site *site = &l->sites[i];
        site->matters = site->called && site->bounds.lo < site->bounds.hi &&
                        (sites == 1 || l->evaluate_as_if(0, i) != outcomes);
        any = any || site->matters;
    }
    for (int i = 0; i < sites && !any; i++)
        l->sites[i].matters = l->sites[i].called;
}

// Which share of what could be learnt to read next: a little less than is likely to decide the
// clause, if the counts lie in the middle of their intervals. Reading one tile after the other
// fetches as much, for chunks hold parts of several tiles, in many more fetches; all of the share
// at once fetches a fifth more.
constexpr double kCaution = 0.7;
double share_to_read(RowRefinement *l)
{
    for (double left : {0.75, 0.6, 0.45, 0.3, 0.15, 0.0})
        if (is_decided(l->evaluate_as_if(left, -1)))
            return kCaution * (1 - left);
    return 0.5;
}

struct Candidate {
    uint32 tile;
    uint32 chunks; // to fetch
    uint64 gain;   // by how much the sites that matter can narrow
};

// Best first: tiles at hand, then those that tell most for a chunk.
int compare_candidates(const void *a, const void *b)
{
    const Candidate *x = (const Candidate *)a, *y = (const Candidate *)b;
    uint64 left = x->gain * y->chunks, right = y->gain * x->chunks;
    if (left != right)
        return left > right ? -1 : 1;
    return x->tile < y->tile ? -1 : x->tile > y->tile;
}

int compare_tiles(const void *a, const void *b)
{
    uint32 x = *(const uint32 *)a, y = *(const uint32 *)b;
    return x < y ? -1 : x > y;
}

// Tiles of one source from which a site that matters can learn, each once, best first.
Candidate *gather_candidates(const RowRefinement *l, int source, size_t *n)
{
    const MaskReader &reader = *l->readers[source];
    const MaskHeader &h = reader.header();
    size_t room = 0;
    for (int i = 0; i < l->row->program.sites; i++) {
        const Site &site = l->sites[i];
        if (site.called && site.matters && site.source == source)
            room += size_t(site.tx1 - site.tx0) * size_t(site.ty1 - site.ty0);
    }
    Candidate *all = (Candidate *)palloc(Max(room, 1) * sizeof(Candidate));
    size_t count = 0;
    for (int i = 0; i < l->row->program.sites; i++) {
        const Site &site = l->sites[i];
        if (!site.called || !site.matters || site.source != source)
            continue;
        const TileState *state = site.tiles;
        for (int32 ty = site.ty0; ty < site.ty1; ty++)
            for (int32 tx = site.tx0; tx < site.tx1; tx++, state++) {
                uint32 tile = uint32(ty) * h.tiles_x + tx;
                uint64 gain = *state == TileState::undecided
                                  ? refinement_gain(site.bounds, h.tile_rect(tile))
                                  : 0;
                if (gain > 0)
                    all[count++] = Candidate{tile, 0, gain};
            }
    }
    qsort(all, count, sizeof(Candidate), [](const void *a, const void *b) {
        return compare_tiles(&((const Candidate *)a)->tile, &((const Candidate *)b)->tile);
    });
    *n = 0;
    for (size_t k = 0; k < count; k++) {
        if (*n > 0 && all[*n - 1].tile == all[k].tile) {
            all[*n - 1].gain += all[k].gain;
            continue;
        }
        all[*n] = all[k];
        all[*n].chunks = uint32(reader.chunks_missing(all[k].tile));
        ++*n;
    }
    qsort(all, *n, sizeof(Candidate), compare_candidates);
    return all;
}

struct VisitState {
    RowRefinement *refinement;
    int source;
};

// A tile's pixels are here: every site over its mask learns from them.
void learn_tile(uint32_t tile, const void *pixels, void *arg)
{
    VisitState *state = (VisitState *)arg;
    RowRefinement *l = state->refinement;
    const MaskHeader &h = l->readers[state->source]->header();
    int32 tx = int32(tile % h.tiles_x), ty = int32(tile / h.tiles_x);
    for (int i = 0; i < l->row->program.sites; i++) {
        Site *site = &l->sites[i];
        if (!site->called || site->source != state->source || tx < site->tx0 || tx >= site->tx1 ||
            ty < site->ty0 || ty >= site->ty1)
            continue;
        TileState *known = &site->tiles[size_t(ty - site->ty0) * size_t(site->tx1 - site->tx0) +
                                        size_t(tx - site->tx0)];
        if (*known == TileState::undecided) {
            refine_pixels(&site->bounds, h.tile_rect(tile), pixels);
            *known = TileState::read;
        }
    }
}

// Reads the best tiles of one mask, as many as hold the given share of what could be learnt. False
// when there are none.
bool read_tiles(RowRefinement *l, double share)
{
    int source = -1;
    Candidate *best = nullptr;
    size_t candidates = 0;
    for (int s = 0; s < l->row->program.sources; s++) {
        if (!l->readers[s])
            continue;
        size_t n;
        Candidate *mine = gather_candidates(l, s, &n);
        if (n > 0 && (!best || compare_candidates(&mine[0], &best[0]) < 0)) {
            if (best)
                pfree(best);
            source = s;
            best = mine;
            candidates = n;
        } else {
            pfree(mine);
        }
    }
    if (!best)
        return false;
    uint64 total = 0, taken = 0;
    for (size_t k = 0; k < candidates; k++)
        total += best[k].gain;
    uint32 *tiles = (uint32 *)palloc(candidates * sizeof(uint32));
    size_t n = 0;
    do {
        taken += best[n].gain;
        tiles[n] = best[n].tile;
        n++;
    } while (n < candidates && (best[n].chunks == 0 || double(taken) < share * double(total)));
    qsort(tiles, n, sizeof(uint32), compare_tiles);
    l->row->sources[source].pixels_read = true;
    l->readers[source]->count_loaded();
    VisitState state{l, source};
    l->readers[source]->visit_tiles(tiles, n, learn_tile, &state);
    pfree(tiles);
    pfree(best);
    return true;
}

uint8_t refine_by_tiles(RowBounds *b)
{
    RowRefinement l{};
    l.row = b;
    l.share = 1;
    l.sites = (Site *)palloc0(sizeof(Site) * Max(b->program.sites, 1));
    l.values = (LeafValue *)palloc(sizeof(LeafValue) * Max(b->program.sites, 1));
    find_rests(&b->leaves, true);
    memcpy(l.values, b->leaves.values, sizeof(LeafValue) * b->program.sites);
    for (int i = 0; i < b->program.sites; i++) {
        Site *site = &l.sites[i];
        site->call = &b->leaves.calls[i];
        site->source = site->call->leaf->sources[0];
        site->called = site->call->state == CallState::usable;
        if (!site->called)
            continue;
        int s = site->source;
        if (!l.readers[s])
            l.readers[s] = new (palloc(sizeof(MaskReader)))
                MaskReader(MaskReader::look(b->sources[s].mask, &b->reader_site));
        open_site(&l, site);
    }
    for (;;) {
        uint8_t outcomes = l.evaluate_row();
        if (is_decided(outcomes))
            return outcomes;
        find_what_matters(&l, outcomes);
        if (!read_tiles(&l, share_to_read(&l)))
            return outcomes;
    }
}

} // namespace

// Tiles narrow counts only; an undecided sum is as well left to pixel_sum.
static bool is_of_counts(const Program &program)
{
    for (int i = 0; i < program.sites; i++)
        if (program.leaves[i].kind != &kCpLeaf)
            return false;
    return true;
}

uint8_t refine_row(RowBounds *b)
{
    if (!enable_ladder || b->program.sources > kMaxReaders || !is_of_counts(b->program))
        return kAnyOutcome;
    for (int i = 0; i < b->program.sources; i++)
        if (!b->sources[i].has_mask || b->sources[i].pending)
            return kAnyOutcome;
    if (!b->refining)
        b->refining = AllocSetContextCreate(b->context, "refined masks", ALLOCSET_DEFAULT_SIZES);
    MemoryContextReset(b->refining);
    MemoryContext old = MemoryContextSwitchTo(b->refining);
    uint8_t outcomes = refine_by_tiles(b);
    MemoryContextSwitchTo(old);
    return outcomes;
}

} // namespace mq
