#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::system {

/// 16 random bytes, like an id of sd-id128(3).
struct RandomId {
    std::array<std::byte, 16> bytes{};

    bool operator==(const RandomId&) const = default;
};

/// Creates a new id. Throws std::system_error on failure.
RandomId make_random_id();

/// Returns the id as 32 hexadecimal digits.
std::string to_string(const RandomId& id);
std::optional<RandomId> parse_random_id(std::string_view text);

}  // namespace notifybridge::system
