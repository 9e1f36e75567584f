#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace notifybridge::util {

/// Returns the enumerator called `name`. `names` must have the order of the enumeration.
template <typename Enum, typename Names>
constexpr std::optional<Enum> named(const Names& names, std::string_view name) noexcept {
    for (std::size_t at = 0; at < names.size(); ++at)
        if (names[at] == name)
            return static_cast<Enum>(at);
    return std::nullopt;
}

}  // namespace notifybridge::util
