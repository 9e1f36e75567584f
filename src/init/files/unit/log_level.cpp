#include "init/files/unit/log_level.hpp"

#include <array>
#include <cstddef>

#include "base/util/literal.hpp"
#include "base/util/severity_name.hpp"

namespace notifybridge::unit {

std::optional<std::string_view> our_log_level(std::string_view level) noexcept {
    // The names are in the order of the levels' numbers.
    constexpr std::array<util::Literal, 8> names = {"emerg",   "alert",  "crit", "err",
                                                    "warning", "notice", "info", "debug"};
    for (std::size_t number = 0; number < names.size(); ++number)
        if (const char digit = static_cast<char>('0' + number);
            names[number] == level || level == std::string_view(&digit, 1))
            return util::name_of(util::severity_of_priority(digit));
    return std::nullopt;
}

}  // namespace notifybridge::unit
