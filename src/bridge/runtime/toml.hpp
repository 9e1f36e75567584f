#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"

namespace notifybridge::runtime {

/// A setting of a TOML file, such as hooks_dir in section "engine".
struct TomlSetting {
    std::string_view section;  ///< The text between the brackets; empty before the first section.
    std::string_view key;
    std::vector<std::string> strings;  ///< The value, or the elements of the array.
};

/// Calls `take` for each setting in `text` whose value is a string or an array of strings. Other
/// values have no strings. Reads only what podman's configuration files need: strings are not
/// unescaped.
void read_toml(std::string_view text, util::FunctionRef<void(TomlSetting&)> take);

}  // namespace notifybridge::runtime
