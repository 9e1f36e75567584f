#include "bridge/channel/health.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::channel {
namespace {

constexpr auto health_states =
    std::to_array<std::string_view>({"starting", "healthy", "unhealthy"});

}  // namespace

std::string_view name(HealthState state) {
    return health_states[static_cast<std::size_t>(state)];
}

std::string say_last_ping(std::uint64_t last_usec, std::uint64_t now_usec) {
    const std::uint64_t tenths = now_usec > last_usec ? (now_usec - last_usec) / 100'000 : 0;
    return last_usec == 0 ? std::string()
                          : util::concat("the last WATCHDOG=1 was sent ", tenths / 10, '.',
                                         tenths % 10, " s before");
}

void write_health(const Health& health, util::KeyValueWriter& out) {
    out.add("HEALTH", name(health.state));
    out.add("HEALTH_FAILING_STREAK", health.failing_streak);
    if (health.exit_status)
        out.add("HEALTH_EXIT_STATUS", *health.exit_status);
    out.add("HEALTH_OUTPUT", health.output);
}

bool read_health_line(std::optional<Health>& health, std::string_view key,
                      const std::string& value) {
    if (!key.starts_with("HEALTH"))
        return false;
    if (!health)
        health.emplace();
    if (key == "HEALTH") {
        const auto found = std::ranges::find(health_states, value);
        if (found != health_states.end())
            health->state = static_cast<HealthState>(found - health_states.begin());
    } else if (key == "HEALTH_FAILING_STREAK") {
        health->failing_streak = util::parse_number<unsigned>(value).value_or(0);
    } else if (key == "HEALTH_EXIT_STATUS") {
        health->exit_status = util::parse_number<std::uint8_t>(value);
    } else if (key == "HEALTH_OUTPUT") {
        health->output = value;
    }
    return true;
}

}  // namespace notifybridge::channel
