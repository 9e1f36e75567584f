#pragma once

#include <string>
#include <string_view>

#include "base/util/take_until.hpp"

namespace notifybridge::util {

/// Returns `path` without duplicate slashes, "." components and a slash at the end. Keeps "..",
/// because the component before it may be a symbolic link.
inline std::string simplify_path(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    if (path.starts_with('/'))
        out += '/';
    while (!path.empty()) {
        const std::string_view component = take_until(path, '/');
        if (component.empty() || component == ".")
            continue;
        if (!out.empty() && out.back() != '/')
            out += '/';
        out += component;
    }
    return out;
}

}  // namespace notifybridge::util
