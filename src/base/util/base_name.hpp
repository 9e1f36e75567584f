#pragma once

#include <string_view>

namespace notifybridge::util {

/// What comes after the last "/" of a path; all of it where there is none.
constexpr std::string_view base_name(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
}

}  // namespace notifybridge::util
