// Colours for eyes: maps from [0, 1] to RGB, given by anchors and interpolated between them.
#pragma once

#include <cstdint>

#include "core/io/file/png.h"

namespace mq
{

struct Rgb {
    uint8_t r, g, b;
};

// The 256 colours of a map, lo first. REQUIRES: colormap is not none.
void colormap_table(Colormap colormap, Rgb (&table)[256]);

} // namespace mq
