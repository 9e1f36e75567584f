#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Encodes and decodes D-Bus messages: our calls to a bus or a service manager, and our answers to
/// calls of other programs. Does no I/O. Source: D-Bus Specification, "Message Protocol".
namespace notifybridge::bus {

/// The name of the bus itself: the destination of calls to the bus, and the sender of its answers.
inline constexpr std::string_view bus_name = "org.freedesktop.DBus";

/// The method to call. `destination` is empty if the socket leads directly to a service manager,
/// without a bus.
struct Call {
    std::string_view path;
    std::string_view destination;
    std::string_view interface;
    std::string_view member;
};

struct Message {
    enum class Type : std::uint8_t { call = 1, answer = 2, error = 3, signal = 4 };

    Type type = Type::call;
    bool expects_answer = true;  ///< Whether the caller waits for an answer; used only in calls.
    bool is_swapped = false;     ///< Whether the byte order of the body differs from this
                                 ///< machine's.
    std::uint32_t serial = 0;
    std::uint32_t reply_serial = 0;  ///< The serial of the call that this message answers, or 0.
    std::string path;
    std::string interface;
    std::string member;
    std::string error;  ///< The name of the error.
    std::string destination;
    std::string sender;
    std::string signature;             ///< The D-Bus signature of the body.
    std::string body;                  ///< The marshalled body; use a `Reader`.
    std::vector<std::string> strings;  ///< The strings in the body, if the body has no other types.
};

/// Returns the first bytes that a client sends, which authenticate the client ("Authentication
/// Protocol"). The client need not wait for the answer, which is a line that begins with "OK". If
/// `takes_fds` is true, also asks the bus to pass messages that have descriptors. Without this, the
/// bus answers such messages with an error.
std::string encode_greeting(bool takes_fds = false);

std::string encode_call(std::uint32_t serial, const Call& call,
                        const std::vector<std::string>& arguments = {});

/// Returns the bytes of `message` with this serial. `message.body` must be in this machine's byte
/// order. Leaves out empty fields.
std::string encode_message(std::uint32_t serial, const Message& message);

/// The size of the fixed fields: byte order, type, flags, version, size of the body, serial, size
/// of the header fields.
inline constexpr std::size_t fixed_size = 16;

/// Returns the size of the message at the start of `bytes`. Returns nullopt if `bytes` is too short
/// to contain the size. Returns 0 if `bytes` is not a message.
std::optional<std::uint64_t> message_size(std::string_view bytes);
/// Returns the size of the part before the body. Call this only after `message_size` returned a
/// size.
std::uint64_t header_size(std::string_view bytes);

/// Decodes a message. Returns nullopt if `bytes` is not exactly one well-formed message.
std::optional<Message> decode_message(std::string_view bytes);
/// Decodes only the header, for a message whose body is too long to keep.
std::optional<Message> decode_header(std::string_view bytes);

}  // namespace notifybridge::bus
