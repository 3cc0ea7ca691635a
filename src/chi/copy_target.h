#pragma once

namespace mq
{

// From now on entries of the masks that a COPY reads are computed while their pixels are at hand.
// Called once, when the library is loaded.
void watch_copies();

} // namespace mq
