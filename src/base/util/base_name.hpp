#pragma once

#include <string_view>

namespace notifybridge::util {

/// Returns the part of a path after its last "/", or the whole path if it has none.
constexpr std::string_view base_name(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
}

}  // namespace notifybridge::util
