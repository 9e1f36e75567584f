#include <sched.h>

#include <algorithm>
#include <limits>

#include "base/util/lenient_number.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/parse.hpp"

/// Reads the directives of systemd.exec(5), SCHEDULING.
namespace notifybridge::directive::parse {
namespace {

/// Reads one of `Words`, or a number of the kernel up to `most`. Newer kernels may have numbers for
/// which there is no word.
template <const auto& Words>
void choice_or_number(unit::Line& line, std::optional<int>& setting, int most) {
    const auto number = util::parse_lenient_unsigned(line.value());
    if (number && *number <= static_cast<unsigned>(most))
        setting = static_cast<int>(*number);
    else
        choice<Words>(line, setting);
}

}  // namespace

void cpu_scheduling_policy(unit::Line& line) {
    unit::ExecSettings& setting = line.settings().exec.edit();
    if (line.value().empty())
        setting.cpu_scheduling_policy.reset();
    else
        choice_or_number<choices::cpu_scheduling_policy>(line, setting.cpu_scheduling_policy,
                                                         std::numeric_limits<int>::max());
    // The range is 1 to 99 for a real-time policy, and only 0 for other policies (sched(7)). For an
    // unknown policy, both limits are -1.
    const int policy = setting.cpu_scheduling_policy.value_or(SCHED_OTHER);
    setting.cpu_scheduling_priority =
        std::clamp(setting.cpu_scheduling_priority, ::sched_get_priority_min(policy),
                   ::sched_get_priority_max(policy));
}

void cpu_scheduling_priority(unit::Line& line, int& setting) {
    constexpr int most = 99;
    // Do not check the range that the policy allows, because a later line may set the policy.
    const auto number = util::parse_lenient_int(line.value());
    if (number && *number >= 0 && *number <= most)
        setting = *number;
    else
        line.ignore("it is not a number from 0 to 99");
}

void io_scheduling_class(unit::Line& line) {
    unit::ExecSettings& setting = line.settings().exec.edit();
    if (line.value().empty()) {
        setting.io_scheduling_class.reset();
        setting.io_scheduling_priority.reset();
        return;
    }
    constexpr int most = 8;
    choice_or_number<choices::io_scheduling_class>(line, setting.io_scheduling_class, most);
    // The class "none" resets the class and the priority.
    if (setting.io_scheduling_class == 0) {
        setting.io_scheduling_class.reset();
        setting.io_scheduling_priority.reset();
    }
}

void io_scheduling_priority(unit::Line& line, std::optional<int>& setting) {
    if (line.value().empty())
        setting.reset();
    else if (const auto number = util::parse_lenient_int(line.value());
             number && *number >= 0 && *number <= 7)
        setting = number;
    else
        line.ignore("it is not a number from 0 to 7");
}

void nanoseconds(unit::Line& line, std::optional<std::uint64_t>& setting) {
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
        line.ignore("it is not a time span, such as \"50us\"");
}

}  // namespace notifybridge::directive::parse
