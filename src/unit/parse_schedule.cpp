#include <sched.h>

#include <algorithm>

#include "unit/choices.hpp"
#include "unit/parse.hpp"
#include "util/lenient_number.hpp"

/// The values of systemd.exec(5), SCHEDULING.
namespace notifybridge::unit::parse {
namespace {

/// Real-time policies have priorities, and others none (sched(7)).
bool has_priority(const ExecSettings& setting) {
    const int policy = setting.cpu_scheduling_policy.value_or(SCHED_OTHER);
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

}  // namespace

void cpu_scheduling_policy(Line& line, ExecSettings& setting) {
    if (line.value().empty())
        setting.cpu_scheduling_policy.reset();
    else
        choice<choices::cpu_scheduling_policy>(line, setting.cpu_scheduling_policy);
    // The least that the policy has, unless there is a better one.
    setting.cpu_scheduling_priority =
        has_priority(setting) ? std::max(setting.cpu_scheduling_priority, 1) : 0;
}

void cpu_scheduling_priority(Line& line, ExecSettings& setting) {
    const auto number = util::parse_lenient_int(line.value());
    const int least = has_priority(setting) ? 1 : 0;
    if (number && *number >= least && *number <= least * 99)
        setting.cpu_scheduling_priority = *number;
    else
        line.ignore(least == 1
                        ? "it is no number from 1 to 99"
                        : "only after CPUSchedulingPolicy=fifo or rr it can be other than 0");
}

void io_scheduling_class(Line& line, ExecSettings& setting) {
    if (line.value().empty()) {
        setting.io_scheduling_class.reset();
        setting.io_scheduling_priority.reset();
    } else {
        choice<choices::io_scheduling_class>(line, setting.io_scheduling_class);
    }
}

void io_scheduling_priority(Line& line, std::optional<int>& setting) {
    if (line.value().empty())
        setting.reset();
    else if (const auto number = util::parse_lenient_int(line.value());
             number && *number >= 0 && *number <= 7)
        setting = number;
    else
        line.ignore("it is no number from 0 to 7");
}

void nanoseconds(Line& line, std::optional<std::uint64_t>& setting) {
    std::string_view text = line.value();
    for (const std::string_view unit : {"nsec", "ns"})
        if (text.ends_with(unit)) {
            text.remove_suffix(unit.size());
            break;
        }
    if (const auto bare = util::parse_lenient_unsigned(text)) {
        setting = *bare;
        return;
    }
    const auto span = util::parse_time_span(line.value());
    if (span && *span != util::infinity)
        setting = static_cast<std::uint64_t>(span->count()) * 1000;
    else
        line.ignore("it is no time span, such as \"50us\"");
}

}  // namespace notifybridge::unit::parse
