#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace notifybridge::util {

struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
        return std::hash<std::string_view>()(name);
    }
};

/// A map for names that share long prefixes, such as unit names. For each look-up, an ordered map
/// would compare a dozen of them almost to their ends.
template <typename Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

}  // namespace notifybridge::util
