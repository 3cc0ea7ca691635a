// Leaves: what a program takes from the masks of a row. A leaf is a call of some kind, and a kind
// is a description: what its operands are, what is known where nothing is known, how it is printed.
// The program knows no kind by name; who opens it brings a table of them (core/leaves has those of
// masks), and who evaluates it brings what is known of each leaf.
#pragma once

#include "core/base/roi.h"
#include "core/interval/num.h"

namespace mq
{

enum class LeafType : uint8_t { number, truth };

// An operand in the order of the bytes. All functions behind leaves are strict.
enum class LeafOperand : uint8_t {
    roi,
    number, // float8
    key,    // u32, a constant: names something outside of the program
};

// What a batch has of a leaf for many rows (batch.h).
enum class LeafColumns : uint8_t {
    none,     // it is not followed there: kind's `unknown` for every row
    counts,   // whole numbers below 2^31
    outcomes, // of a truth
};

// What is known of a leaf for one row.
struct LeafValue {
    Num number;       // of a number
    Num rest;         // of a number that is divided by another one, see LeafKind::share; may = 0:
                      // nothing is said of it
    uint8_t outcomes; // of a truth: Outcome bits
};
constexpr LeafValue number_leaf(const Num &number)
{
    return LeafValue{number, any_num(0), 0};
}
constexpr LeafValue truth_leaf(uint8_t outcomes)
{
    return LeafValue{any_num(0), any_num(0), outcomes};
}
// Of either type.
constexpr LeafValue kNullLeaf{any_num(kMayNull), any_num(0), kNull};
constexpr LeafValue kAnyLeaf{any_num(), any_num(0), kAnyOutcome};

constexpr int kMaxLeafSources = 2;
constexpr int kMaxLeafOperands = 4;
constexpr int kMaxLeafNumbers = 2; // operands that are numbers; one roi and one key at most

struct LeafCall;

struct LeafKind {
    const char *name; // as print_program() writes it
    LeafType type;
    LeafColumns columns;
    uint8_t sources; // masks that it reads, 1 to kMaxLeafSources
    uint8_t n_operands;
    LeafOperand operands[kMaxLeafOperands];
    // A call with usable operands over masks that the index does not know.
    LeafValue unknown;
    // Whether the function takes these numbers; of others it may raise an error.
    bool (*is_usable)(const double *numbers);
    // A quotient of two calls of this kind over the same mask, with the same numbers: where the
    // dividend's roi lies inside the divisor's it is x / (x + y), y being over the rest, and x and
    // y may bound it closer than r, which takes the two calls as independent. x: what is known of
    // the dividend, y: of the rest, z: of the divisor, r: of the quotient, whose ends are finite.
    // Null: quotients are nothing special.
    Num (*share)(const Num &x, const Num &y, const Num &z, const Num &r);
};

// Kinds by the number that stands in a program.
struct LeafTable {
    const LeafKind *const *kinds;
    uint8_t n;
};

// A leaf of an open program.
struct Leaf {
    const LeafKind *kind;
    const uint8_t *operands; // the bytes
    uint8_t sources[kMaxLeafSources];
    bool null_if; // the divisor is a NULLIF of that leaf
    int divisor;  // the leaf that this one is divided by, when that may be a share; -1: none
};

// What the operands of a leaf tell, for one row.
enum class CallState : uint8_t {
    usable,  // the leaf depends on the masks
    null,    // one is NULL, and so is the leaf
    unknown, // one is not known exactly, or none that the function takes: it may raise an error
};

struct LeafCall {
    const Leaf *leaf;
    CallState state;
    Roi roi; // kFullRoi without such an operand
    double numbers[kMaxLeafNumbers];
    uint32_t key;

    // What is known of the leaf by its operands alone.
    LeafValue without_masks() const
    {
        return state == CallState::usable ? leaf->kind->unknown
               : state == CallState::null ? kNullLeaf
                                          : kAnyLeaf;
    }
};

} // namespace mq
