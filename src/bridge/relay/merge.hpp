#pragma once

#include <deque>
#include <utility>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// Kinds of messages. In a flood, the newest message of a kind replaces a queued one.
enum class Mergeable {
    no,
    status,    ///< The message is only STATUS=….
    watchdog,  ///< The message is only WATCHDOG=1.
};

inline Mergeable mergeable(const notify::Message& message) {
    if (message.tags().size() != 1)
        return Mergeable::no;
    if (message.tags().front().key == notify::Key::status)
        return Mergeable::status;
    return message.has("WATCHDOG=1") ? Mergeable::watchdog : Mergeable::no;
}

/// Swaps `item` with the queued message of its kind (`mergeable`) if only status texts and pings
/// are queued after that message. Returns false if there is no such message.
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
