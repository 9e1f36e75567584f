#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bus/writer.hpp"

/// Converts the texts of `systemctl show` to D-Bus values.
namespace notifybridge::dbus {

/// Adds a string. Replaces each byte that is not part of a UTF-8 sequence by "?", because the bus
/// disconnects a client that sends invalid UTF-8.
void add_text(bus::Writer& writer, std::string_view text);
void add_texts(bus::Writer& writer, const std::vector<std::string>& texts);

/// Returns the words of a property that `directive::to_property` has joined.
std::vector<std::string> split_property(std::string_view text);

/// Adds `text` as a value of this type. An empty or malformed text becomes zero, false or an empty
/// value. The supported simple types are b, u, i, t, s, o, as and ay.
///
/// Other types have a special meaning: "(uo)" is the id of a job, "(so)" is the name of a unit, and
/// "(ss)" is an error. "a(ss)" is for lines such as "/run/x.sock (Stream)". "a(sbbsi)" is for the
/// lines of `conditions_text`.
void add_value(bus::Writer& writer, std::string_view type, std::string_view text);

/// Adds `text` as a variant, which consists of the type and a value of this type.
void add_variant(bus::Writer& writer, std::string_view type, std::string_view text);

}  // namespace notifybridge::dbus
