#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/message.hpp"
#include "base/bus/reader.hpp"
#include "base/bus/writer.hpp"

/// Answers to D-Bus calls, before they are sent.
namespace notifybridge::dbus {

/// The values of an answer, or an error.
struct Answer {
    std::string signature;
    bus::Writer values;
    std::string error;  ///< The name of the error; empty if there is none.
    std::string text;   ///< The error's text for people.

    bool is_error() const { return !error.empty(); }
};

Answer failure(std::string_view error, std::string_view text);
Answer text_answer(std::string_view text);
Answer path_answer(std::string_view path);

/// Returns the full name of an error. General errors have the prefix of D-Bus, and all other errors
/// have systemd's prefix.
std::string error_name(std::string_view last_part);

/// Returns the message that answers `call`.
bus::Message to_message(const bus::Message& call, Answer answer);

/// Returns a reader of the values of a message. The caller has checked the signature.
inline bus::Reader reader_of(const bus::Message& message) {
    return bus::Reader(message.body, 0, message.is_swapped);
}
/// Reads an array of strings.
std::vector<std::string> read_strings(bus::Reader& reader);

}  // namespace notifybridge::dbus
