#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bus/reader.hpp"

namespace notifybridge::bus {

/// Reads the value whose type `types` begins with, and takes that type off. Returns it as text,
/// as far as `systemctl show` prints it so: words with a space between two, "yes" and "no", bytes
/// as hexadecimal digits, and of a command what `systemctl show` has of ExecStart=, up to its
/// arguments. The reader fails if the value is not well-formed.
std::string read_text(Reader& reader, std::string_view& types);

/// Name and text of each property, in the body that answers Properties.GetAll. Empty if it is not
/// well-formed. A time span is printed as in "1min 30s".
std::vector<std::pair<std::string, std::string>> read_properties(std::string_view body);

/// Returns the object paths in the body that answers Manager.ListUnits, by the units' names.
std::vector<std::pair<std::string, std::string>> read_unit_paths(std::string_view body);

/// Returns the object path of a unit (org.freedesktop.systemd1(5)).
std::string unit_path(std::string_view name);

}  // namespace notifybridge::bus
