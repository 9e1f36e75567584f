#pragma once

#include <deque>
#include <utility>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// The messages of which, in a flood, a newer one replaces one that is still queued.
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

/// Swaps `item` with the queued one of its kind (`mergeable`), if nothing but status texts and
/// pings is queued after that: one of each, if all were merged so. False where there is none.
template <typename Item>
bool merge_into_tail(std::deque<Item>& queue, Item& item) {
    for (auto queued = queue.rbegin(); queued != queue.rend(); ++queued) {
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
