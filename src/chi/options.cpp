#include <limits>

#include "chi/am.h"
#include "chi/options.h"

extern "C" {
#include "access/reloptions.h"
}

namespace mq
{

constexpr int kMinCell = 4;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

static relopt_kind option_kind;

static relopt_enum_elt_def binning_names[] = {{"equi_width", int(ChiBinning::equi_width)},
                                              {"equi_depth", int(ChiBinning::equi_depth)},
                                              {nullptr, 0}};

static relopt_enum_elt_def build_names[] = {
    {"eager", int(ChiBuild::eager)}, {"incremental", int(ChiBuild::incremental)}, {nullptr, 0}};

void register_options()
{
    // Options take effect when the index is built; changing them only has to keep builds away.
    LOCKMODE lock = ShareUpdateExclusiveLock;

    option_kind = add_reloption_kind();
    add_int_reloption(option_kind, "cell_width", "Width of a cell in pixels", 0, kMinCell, kMaxSide,
                      lock);
    add_int_reloption(option_kind, "cell_height", "Height of a cell in pixels", 0, kMinCell,
                      kMaxSide, lock);
    add_int_reloption(option_kind, "grid_x", "Number of cells across a mask", 0, 1, kMaxGrid, lock);
    add_int_reloption(option_kind, "grid_y", "Number of cells down a mask", 0, 1, kMaxGrid, lock);
    add_int_reloption(option_kind, "bins", "Number of value bins", kDefaultBins, kMinBins, kMaxBins,
                      lock);
    add_int_reloption(option_kind, "extremes",
                      "Side in pixels of the tiles whose extremes an entry holds, 0 for none, -1 "
                      "to choose it by the size of an entry",
                      kAutoExtremes, kAutoExtremes, kMaxSide, lock);
    add_enum_reloption(option_kind, "binning", "How the value range is cut into bins",
                       binning_names, int(ChiBinning::equi_width),
                       "Valid values are \"equi_width\" and \"equi_depth\".", lock);
    add_enum_reloption(option_kind, "build", "When masks that exist are summarised", build_names,
                       int(ChiBuild::eager), "Valid values are \"eager\" and \"incremental\".",
                       lock);
    add_real_reloption(option_kind, "value_lo", "Low end of the binned values", kUnset, -kInfinity,
                       kInfinity, lock);
    add_real_reloption(option_kind, "value_hi", "High end of the binned values", kUnset, -kInfinity,
                       kInfinity, lock);
}

[[noreturn]] static void invalid_options(const char *message, const char *detail, const char *hint)
{
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", message),
                    errdetail_internal("%s", detail), errhint("%s", hint)));
    pg_unreachable();
}

// What no single option can check.
static void check_options(const ChiOptions &o)
{
    bool cells = o.cell_width || o.cell_height, grid = o.grid_x || o.grid_y;

    if (cells && grid)
        invalid_options(
            "cell_width and cell_height cannot be combined with grid_x and grid_y",
            psprintf(
                "Given are cell_width %d, cell_height %d, grid_x %d, grid_y %d (0: not given).",
                o.cell_width, o.cell_height, o.grid_x, o.grid_y),
            "Give the size of a cell for masks of one size, or the number of cells for mixed "
            "sizes.");
    if (cells && (!o.cell_width || !o.cell_height))
        invalid_options("cell_width and cell_height must be given together",
                        psprintf("Given are cell_width %d, cell_height %d (0: not given).",
                                 o.cell_width, o.cell_height),
                        "Give both, or neither.");
    if (grid && (!o.grid_x || !o.grid_y))
        invalid_options(
            "grid_x and grid_y must be given together",
            psprintf("Given are grid_x %d, grid_y %d (0: not given).", o.grid_x, o.grid_y),
            "Give both, or neither.");

    if (o.build == int(ChiBuild::incremental) && o.binning == int(ChiBinning::equi_depth))
        invalid_options(
            "build = incremental cannot be combined with binning = equi_depth",
            "Bins of equal depth are chosen from pixels, and an incremental build reads none.",
            "Use binning = equi_width, or build = eager.");

    if (std::isnan(o.value_lo) != std::isnan(o.value_hi))
        invalid_options("value_lo and value_hi must be given together",
                        std::isnan(o.value_lo) ? "Only value_hi is given."
                                               : "Only value_lo is given.",
                        "Give both, or neither to take the domain of the masks found at build.");
    if (!o.value_range_given())
        return;
    const char *detail = psprintf("value_lo is %g, value_hi is %g.", o.value_lo, o.value_hi);
    const char *hint =
        "Give the range that holds most pixel values; values beyond it stay correct.";
    if (!(o.value_lo < o.value_hi))
        invalid_options("value_lo must be less than value_hi", detail, hint);
    if (!std::isfinite(o.value_hi - o.value_lo))
        invalid_options("the range from value_lo to value_hi must be finite", detail, hint);
}

extern "C" bytea *chi_options(Datum reloptions, bool validate)
{
    static const relopt_parse_elt elements[] = {
        {"cell_width", RELOPT_TYPE_INT, offsetof(ChiOptions, cell_width)},
        {"cell_height", RELOPT_TYPE_INT, offsetof(ChiOptions, cell_height)},
        {"grid_x", RELOPT_TYPE_INT, offsetof(ChiOptions, grid_x)},
        {"grid_y", RELOPT_TYPE_INT, offsetof(ChiOptions, grid_y)},
        {"bins", RELOPT_TYPE_INT, offsetof(ChiOptions, bins)},
        {"extremes", RELOPT_TYPE_INT, offsetof(ChiOptions, extremes)},
        {"binning", RELOPT_TYPE_ENUM, offsetof(ChiOptions, binning)},
        {"build", RELOPT_TYPE_ENUM, offsetof(ChiOptions, build)},
        {"value_lo", RELOPT_TYPE_REAL, offsetof(ChiOptions, value_lo)},
        {"value_hi", RELOPT_TYPE_REAL, offsetof(ChiOptions, value_hi)},
    };
    bytea *parsed = (bytea *)build_reloptions(reloptions, validate, option_kind, sizeof(ChiOptions),
                                              elements, lengthof(elements));
    if (validate && parsed)
        check_options(*(const ChiOptions *)parsed);
    return parsed;
}

ChiOptions index_options(Relation index)
{
    ChiOptions options;
    if (index->rd_options)
        options = *(const ChiOptions *)index->rd_options;
    else {
        memset(&options, 0, sizeof options);
        options.bins = kDefaultBins;
        options.extremes = kAutoExtremes;
        options.value_lo = options.value_hi = kUnset;
    }
    return options;
}

ChiGrid options_grid(const ChiOptions &options)
{
    ChiGrid grid;
    if (options.cell_width) {
        grid.cell_width = options.cell_width;
        grid.cell_height = options.cell_height;
        grid.grid_x = grid.grid_y = 0;
    } else if (options.grid_x) {
        grid.grid_x = options.grid_x;
        grid.grid_y = options.grid_y;
    }
    grid.extremes = options.extremes;
    return grid;
}

} // namespace mq
