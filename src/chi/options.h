// The index's WITH options.
#pragma once

#include "chi/chi.h"
#include "store/page/page.h"

namespace mq
{

// What CREATE INDEX and REINDEX do about the masks that are there: summarise them, or leave their
// entries pending.
enum class ChiBuild : int { eager = 0, incremental = 1 };

// As add_*_reloption and amoptions lay it out. 0 stands for a pair of cells or grid that was not
// given, NaN (which the server's parser does not take) for an end of the value range that was not
// given.
struct ChiOptions {
    int32 vl_len_;
    int cell_width, cell_height, grid_x, grid_y, bins, extremes;
    int binning; // ChiBinning
    int build;   // ChiBuild
    double value_lo, value_hi;

    bool value_range_given() const { return !std::isnan(value_lo); }
};

// Registers the options. Called once, when the library is loaded.
void register_options();

// The options of an index, defaults where none were given. Errors: invalid_parameter.
ChiOptions index_options(Relation index);

ChiGrid options_grid(const ChiOptions &options);

} // namespace mq
