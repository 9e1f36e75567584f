#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bus/message.hpp"

namespace notifybridge::bus {

/// Splits what a bus sends into messages, and keeps no more than `longest` bytes. A bus passes on
/// what any of its clients sends to us: a message that is too long, or not well-formed, is left
/// out. Only bytes that cannot be split end the stream.
class MessageStream {
public:
    explicit MessageStream(std::size_t longest) : longest_(longest) {}

    /// Adds bytes that arrived. Take all messages before the next call.
    void add(std::string_view bytes);

    struct Item {
        std::optional<Message> message;  ///< Without a value if the bytes are not a message.
        bool is_too_long = false;        ///< The message has no body: that was too long to keep.
    };
    /// Returns the next message. Returns nullopt if its bytes have not arrived, or `is_broken`.
    std::optional<Item> next();

    /// Returns whether the first bytes were not the answer to our greeting, or later bytes do not
    /// begin a message.
    bool is_broken() const { return is_broken_; }
    void clear() { *this = MessageStream(longest_); }

private:
    bool read_greeting();
    bool is_held(std::uint64_t size) const { return size <= bytes_.size(); }
    void drop(std::uint64_t size);

    std::size_t longest_;
    std::string bytes_;
    std::uint64_t to_skip_ = 0;  ///< The rest of a message that is too long.
    bool is_greeted_ = false;
    bool is_broken_ = false;
};

}  // namespace notifybridge::bus
