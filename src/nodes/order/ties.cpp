#include "nodes/order/ties.h"

namespace mq
{

int compare_positions(const TieKeys *ties, const Position &a, const Position &b)
{
    if (a.rank != b.rank)
        return a.rank < b.rank ? -1 : 1;
    if (ties == nullptr || ties->n == 0)
        return 0;
    if (a.ties == nullptr || b.ties == nullptr)
        return int(a.ties != nullptr) - int(b.ties != nullptr);
    for (int i = 0; i < ties->n; i++) {
        const NullableDatum &x = a.ties[i], &y = b.ties[i];
        int c =
            ApplySortComparator(x.value, x.isnull, y.value, y.isnull, &ties->keys->support[i + 1]);
        if (c != 0)
            return c;
    }
    return 0;
}

} // namespace mq
