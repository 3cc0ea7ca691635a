// The leaves that are calls of functions of masks: cp, pixel_sum, mask_iou and mask_iomin; and the
// bounds of a CHI entry as what is known of them.
#pragma once

#include "core/chi/bounds/overlap.h"
#include "core/chi/bounds/sum_bounds.h"
#include "core/program/leaf.h"

namespace mq
{

// Numbers of the kinds in mask_leaves.
enum class MaskLeafKind : uint8_t {
    cp,        // roi, lv, uv
    pixel_sum, // roi, lv, uv
    iou,       // threshold
    iomin,     // threshold
};

extern const LeafKind kCpLeaf, kPixelSumLeaf, kIouLeaf, kIominLeaf;
extern const LeafTable mask_leaves;

// What is known of a call over a mask with these bounds.
Num count_number(const CountBounds &b);
Num sum_number(const SumBounds &b);
Num overlap_number(const RatioBounds &b);

} // namespace mq
