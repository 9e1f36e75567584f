#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Of D-Bus as much as it takes to ask a bus about the names on it (D-Bus Specification, "Message
/// Protocol"): calls of the bus itself whose arguments are strings, and what it answers.
namespace notifybridge::perform {

/// The bus's own name: the destination of calls of it, and the sender of what it says.
inline constexpr std::string_view bus_name_of_bus = "org.freedesktop.DBus";

struct BusMessage {
    enum class Type : std::uint8_t { call = 1, answer = 2, error = 3, signal = 4 };

    Type type = Type::call;
    std::uint32_t serial = 0;
    std::uint32_t reply_serial = 0;  ///< The call's that it answers; 0: none.
    std::string member;
    std::string sender;
    std::vector<std::string> strings;  ///< The body, where it is nothing but strings.
};

/// A call of one of the bus's methods.
std::string encode_bus_call(std::uint32_t serial, std::string_view member,
                            const std::vector<std::string>& arguments = {});

/// How many bytes the message has that `bytes` begins with; nothing where these are too few to
/// tell. Of what is no message in this machine's byte order it is 0.
std::optional<std::uint64_t> bus_message_size(std::string_view bytes);

/// Nothing where these bytes, all of one message, are not well-formed.
std::optional<BusMessage> decode_bus_message(std::string_view bytes);

}  // namespace notifybridge::perform
