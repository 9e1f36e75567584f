#pragma once

#include <deque>
#include <utility>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// Kinds of messages whose newest one replaces a queued one in a flood.
enum class Mergeable {
    no,
    status,    ///< Only STATUS=….
    watchdog,  ///< Only WATCHDOG=1.
};

inline Mergeable mergeable(const notify::Message& message) {
    if (message.tags().size() != 1)
        return Mergeable::no;
    if (message.tags().front().key == notify::Key::status)
        return Mergeable::status;
    return message.has("WATCHDOG=1") ? Mergeable::watchdog : Mergeable::no;
}

/// Swaps `item` with the queued message of its kind (`mergeable`) if only status texts and pings
/// are queued after it. Returns false if there is none.
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
