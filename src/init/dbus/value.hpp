#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bus/writer.hpp"

/// Marshals properties, which we have as the texts of `systemctl show`.
namespace notifybridge::dbus {

/// Adds a string. Replaces each byte that is not part of a UTF-8 sequence by "?", because the bus
/// disconnects a client that sends another string.
void add_text(bus::Writer& writer, std::string_view text);
void add_texts(bus::Writer& writer, const std::vector<std::string>& texts);

/// Returns the words of a property that `directive::to_property` has joined.
std::vector<std::string> split_property(std::string_view text);

/// Adds the value that `text` stands for, as a value of this type. An empty text is zero, false or
/// empty. A text of another type is that, too. Types: b, u, i, t, s, o, as, ay, and "(uo)" of a
/// job's id and "(ss)" of an error.
void add_value(bus::Writer& writer, std::string_view type, std::string_view text);

/// Does the same, with the type in front: a variant.
void add_variant(bus::Writer& writer, std::string_view type, std::string_view text);

}  // namespace notifybridge::dbus
