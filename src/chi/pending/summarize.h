// Building pending entries: chi_summarize() and VACUUM.
#pragma once

#include "chi/chi.h"

namespace mq
{

// Defines maskquery.vacuum_summarize.
void define_summarize_setting();

// What VACUUM does: builds up to maskquery.vacuum_summarize pending entries. Whatever is in the way
// (a mask that cannot be read, no room for entries, another session at the same work) makes it do
// less, not fail.
void vacuum_summarize(Relation heap, Relation index);

} // namespace mq
