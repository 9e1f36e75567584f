#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bus/reader.hpp"

namespace notifybridge::bus {

/// Returns the length of the first complete type in `types`, or 0 if there is none.
std::size_t size_of_type(std::string_view types);

/// Reads a value of the first type in `types`, and removes that type from `types`. Returns the
/// value as `systemctl show` prints it. Words are separated by spaces, booleans are "yes" and "no",
/// and bytes are hexadecimal digits. A command is printed without its times. The reader fails if
/// the value is not well-formed.
std::string read_text(Reader& reader, std::string_view& types);

/// Returns the name and text of each property in an answer to Properties.GetAll. Returns an empty
/// list if `body` is not well-formed. Time spans are printed like "1min 30s".
std::vector<std::pair<std::string, std::string>> read_properties(std::string_view body);

/// Returns each unit's name and object path from an answer to Manager.ListUnits.
std::vector<std::pair<std::string, std::string>> read_unit_paths(std::string_view body);

/// Returns the object path of a unit (org.freedesktop.systemd1(5)).
std::string unit_path(std::string_view name);

}  // namespace notifybridge::bus
