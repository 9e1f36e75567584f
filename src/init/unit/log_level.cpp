#include "init/unit/log_level.hpp"

#include <array>

namespace notifybridge::unit {

std::optional<std::string_view> our_log_level(std::string_view level) noexcept {
    constexpr auto levels = std::to_array<std::array<std::string_view, 3>>({
        {"emerg", "0", "error"},
        {"alert", "1", "error"},
        {"crit", "2", "error"},
        {"err", "3", "error"},
        {"warning", "4", "warning"},
        {"notice", "5", "notice"},
        {"info", "6", "info"},
        {"debug", "7", "debug"},
    });
    for (const auto& [name, number, ours] : levels)
        if (level == name || level == number)
            return ours;
    return std::nullopt;
}

}  // namespace notifybridge::unit
