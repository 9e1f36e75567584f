#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::channel {

/// Identifies one run of `wrap`: 16 random bytes.
struct RunId {
    std::array<std::byte, 16> bytes{};

    bool operator==(const RunId&) const = default;
};

RunId make_run_id();

/// Returns 32 hexadecimal digits.
std::string to_string(const RunId& id);
std::optional<RunId> parse_run_id(std::string_view text);

}  // namespace notifybridge::channel
