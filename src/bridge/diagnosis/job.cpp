#include "bridge/diagnosis/job.hpp"

#include <algorithm>
#include <cstdint>

#include "base/util/time_span.hpp"
#include "bridge/diagnosis/start_command.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Returns whether a timer uses the clock on which it starts next at `time`.
bool is_time(std::uint64_t time) {
    return time != 0 && time < static_cast<std::uint64_t>(util::infinity.count());
}

/// Returns whether notifybridge waits for anything but the end of the command.
bool awaits_readiness(const UnitFacts& unit) {
    return waits_until_ready(unit)
           || std::ranges::any_of(read_exec_start(start_words(unit)).ready_when,
                                  [](const std::string& probe) { return probe != "exit"; });
}

}  // namespace

bool waits_until_ready(const UnitFacts& unit) {
    return mentions(unit, " --until");
}

bool is_job(const UnitFacts& unit) {
    if (unit.type == "oneshot")
        return !awaits_readiness(unit);
    return (unit.type == "simple" || unit.type == "exec") && !triggers_of(unit, ".timer").empty();
}

std::string next_start(const UnitFacts& timer, system::Moment now) {
    if (is_time(timer.next_elapse))
        return system::to_local_time(timer.next_elapse);
    const std::uint64_t monotonic = timer.next_elapse_monotonic;
    return is_time(monotonic) && monotonic >= now.monotonic
               ? system::to_local_time(now.realtime + (monotonic - now.monotonic))
               : std::string();
}

}  // namespace notifybridge::diagnosis
