#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The part of D-Bus that we need to ask a bus about the names on it and a service manager about
/// its units (D-Bus Specification, "Message Protocol"): calls with string arguments, and their
/// answers. All of it is pure.
namespace notifybridge::bus {

/// The name of the bus itself: the destination of calls to it, and the sender of its answers.
inline constexpr std::string_view bus_name = "org.freedesktop.DBus";

/// The method to call. `destination` is empty for a manager that has a socket of its own.
struct Call {
    std::string_view path;
    std::string_view destination;
    std::string_view interface;
    std::string_view member;
};

struct Message {
    enum class Type : std::uint8_t { call = 1, answer = 2, error = 3, signal = 4 };

    Type type = Type::call;
    std::uint32_t serial = 0;
    std::uint32_t reply_serial = 0;  ///< The serial of the call that this answers; 0: none.
    std::string member;
    std::string sender;
    std::string signature;             ///< The types in the body.
    std::string body;                  ///< Read it with a `Reader`.
    std::vector<std::string> strings;  ///< The body if it consists of strings only.
};

/// Returns the first bytes that a client sends: it authenticates without waiting for the answer
/// ("Authentication Protocol"). The other side answers with a line that begins with "OK ".
std::string encode_greeting();

std::string encode_call(std::uint32_t serial, const Call& call,
                        const std::vector<std::string>& arguments = {});

/// Returns the size of the message that `bytes` begins with, nullopt if `bytes` is too short to
/// tell, or 0 if it is not a message in this machine's byte order.
std::optional<std::uint64_t> message_size(std::string_view bytes);

/// Returns nullopt if `bytes` is not exactly one well-formed message.
std::optional<Message> decode_message(std::string_view bytes);

}  // namespace notifybridge::bus
