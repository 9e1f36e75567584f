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

/// A map for names that share long prefixes, such as unit names. An ordered map would compare about
/// a dozen long names for each look-up.
template <typename Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

}  // namespace notifybridge::util
