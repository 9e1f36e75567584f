#include "bridge/diagnosis/job.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/start_command.hpp"

namespace notifybridge::diagnosis {
namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// Parses the time since boot. systemctl prints a span, and show_units_of_user a number of
/// microseconds. Returns nullopt if the timer does not use this clock.
std::optional<std::uint64_t> read_monotonic(const std::string& text) {
    const auto number = util::parse_number<std::uint64_t>(text);
    if (number)
        return *number == 0 || *number == never ? std::nullopt : number;
    const auto span = util::parse_time_span(text);
    return span && *span != util::infinity
               ? std::optional(static_cast<std::uint64_t>(span->count()))
               : std::nullopt;
}

/// Returns whether notifybridge waits for anything but the end of the command.
bool awaits_readiness(const UnitFacts& unit) {
    return waits_until_ready(unit)
           || std::ranges::any_of(read_exec_start(unit.exec_start).ready_when,
                                  [](const std::string& probe) { return probe != "exit"; });
}

}  // namespace

bool waits_until_ready(const UnitFacts& unit) {
    return unit.exec_start.find(" --until") != std::string::npos;
}

bool is_job(const UnitFacts& unit) {
    if (unit.type == "oneshot")
        return !awaits_readiness(unit);
    return (unit.type == "simple" || unit.type == "exec") && !triggers_of(unit, ".timer").empty();
}

std::string next_start(const UnitFacts& timer, system::Moment now) {
    const auto number = util::parse_number<std::uint64_t>(timer.next_elapse);
    if (number && *number != 0 && *number != never)
        return system::to_local_time(*number);
    // systemctl prints "n/a" for a time that is not set.
    if (!number && !timer.next_elapse.empty() && timer.next_elapse != "n/a")
        return timer.next_elapse;
    const auto monotonic = read_monotonic(timer.next_elapse_monotonic);
    return monotonic && *monotonic >= now.monotonic
               ? system::to_local_time(now.realtime + (*monotonic - now.monotonic))
               : std::string();
}

}  // namespace notifybridge::diagnosis
