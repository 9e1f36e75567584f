#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bus/message.hpp"

namespace notifybridge::bus {

/// A parser that splits the bytes from a bus into messages. If a message has more than `longest`
/// bytes, `next` returns the message without its body. `next` returns a malformed message as an
/// empty item. Long and malformed messages do not end the stream, because any client of the bus can
/// send them to us. Only bytes that cannot be split end the stream.
class MessageStream {
public:
    explicit MessageStream(std::size_t longest) : longest_(longest) {}

    /// Adds bytes that arrived. Before the next call of `add`, the caller takes all messages with
    /// `next`.
    void add(std::string_view bytes);

    /// Returns a number of bytes to add that does not reach beyond the current message. The number
    /// is never 0. Before the first message has begun, the number is not limited.
    std::uint64_t wanted() const;

    struct Item {
        std::optional<Message> message;  ///< The message; nullopt if the bytes are not a message.
        bool is_too_long = false;        ///< Whether the message was too long to keep its body.
    };
    /// Returns the next message. Returns nullopt if the message has not arrived completely, or if
    /// the stream `is_broken`.
    std::optional<Item> next();

    /// Returns whether the stream cannot be read any further: the bus did not accept our greeting,
    /// or later bytes do not begin a message.
    bool is_broken() const { return is_broken_; }
    void clear() { *this = MessageStream(longest_); }

private:
    bool read_greeting();
    bool is_held(std::uint64_t size) const { return size <= bytes_.size(); }
    void drop(std::uint64_t size);

    std::size_t longest_;
    std::string bytes_;
    std::uint64_t to_skip_ = 0;  ///< How many bytes of a long message have not arrived yet; `add`
                                 ///< drops them.
    bool is_greeted_ = false;
    bool has_message_ = false;  ///< Whether the first message has begun.
    bool is_broken_ = false;
};

}  // namespace notifybridge::bus
