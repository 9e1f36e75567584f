#pragma once

#include <string_view>

namespace notifybridge::util {

/// Returns the part of `path` after its last "/". Returns all of `path` if it contains no "/".
constexpr std::string_view base_name(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
}

}  // namespace notifybridge::util
