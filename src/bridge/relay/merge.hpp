#pragma once

#include <deque>
#include <utility>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// What may take the place of one of its kind that is still queued, in a flood: each says all that
/// the one before it said.
enum class Mergeable {
    no,
    status,    ///< STATUS=… and nothing else.
    watchdog,  ///< WATCHDOG=1 and nothing else.
};

inline Mergeable mergeable(const notify::Message& message) {
    if (message.tags().size() != 1)
        return Mergeable::no;
    if (message.tags().front().key == notify::Key::status)
        return Mergeable::status;
    return message.has("WATCHDOG=1") ? Mergeable::watchdog : Mergeable::no;
}

/// Puts `item` in the place of one of its kind at the end of `queue`, if nothing but status texts
/// and pings lies between: of each there is one, if all were put there so. False where there is
/// none. An item has its kind as `mergeable`; the one that gave way is in `item` then.
template <typename Item>
bool merge_into_tail(std::deque<Item>& queue, Item& item) {
    constexpr int kinds = 2;
    auto queued = queue.rbegin();
    for (int looked = 0; looked < kinds && queued != queue.rend(); ++looked, ++queued) {
        if (queued->mergeable == Mergeable::no || item.mergeable == Mergeable::no)
            return false;
        if (queued->mergeable != item.mergeable)
            continue;
        std::swap(*queued, item);
        return true;
    }
    return false;
}

}  // namespace notifybridge::relay
