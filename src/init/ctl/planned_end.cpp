#include "init/ctl/planned_end.hpp"

#include <ctime>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "init/ctl/amounts.hpp"
#include "init/ctl/json_text.hpp"
#include "init/ctl/names.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr std::uint64_t microseconds_per_second = 1'000'000;
constexpr std::uint64_t seconds_per_minute = 60;

/// Returns the next time after `now` at which the local time is `hour` and `minute`.
std::uint64_t next_time_of_day(int hour, int minute, std::uint64_t now) {
    const auto seconds = static_cast<std::time_t>(now / microseconds_per_second);
    std::tm time{};
    ::localtime_r(&seconds, &time);
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_sec = 0;
    time.tm_isdst = -1;
    std::tm today = time;
    const auto at = [](std::tm& local) {
        return static_cast<std::uint64_t>(std::mktime(&local)) * microseconds_per_second;
    };
    if (const std::uint64_t found = at(today); found > now)
        return found;
    ++time.tm_mday;
    return at(time);
}

void print_planned_end(const std::string& verb, std::uint64_t realtime) {
    const std::string shown = verb == "reboot"                       ? "Reboot"
                              : verb == "poweroff" || verb == "halt" ? "Shutdown"
                                                                     : verb;
    system::err() << shown << " scheduled for " << to_timestamp(realtime, {})
                  << ", use 'shutdown -c' to cancel.\n";
}

}  // namespace

std::optional<std::uint64_t> parse_shutdown_time(std::string_view text, std::uint64_t now) {
    if (text == "now")
        return 0;
    const std::size_t colon = text.find(':');
    if (colon == text.npos) {
        if (text.starts_with('+'))
            text.remove_prefix(1);
        // The microseconds of more minutes would not fit into 64 bits.
        constexpr std::uint64_t most = 100'000'000'000;
        const auto minutes = util::parse_number<std::uint64_t>(text);
        if (!minutes || *minutes > most)
            return std::nullopt;
        return now + *minutes * seconds_per_minute * microseconds_per_second;
    }
    const auto hour = util::parse_number<unsigned>(text.substr(0, colon));
    const auto minute = util::parse_number<unsigned>(text.substr(colon + 1));
    if (!hour || !minute || *hour > 23 || *minute > 59)
        return std::nullopt;
    return next_time_of_day(static_cast<int>(*hour), static_cast<int>(*minute), now);
}

void plan_end(const Context& context, bool is_dry, std::uint64_t realtime) {
    context.call({{"call", "plan-end"},
                  {"verb", context.verb},
                  {"dry", is_dry},
                  {"realtime", static_cast<std::int64_t>(realtime)}});
    // Do not ask the manager, because it may have begun to end.
    print_planned_end(is_dry ? concat("dry-", context.verb) : context.verb, realtime);
}

void cancel_planned_end(const Context& context) {
    context.call({{"call", "plan-end"}, {"verb", ""}});
}

void show_planned_end(const Context& context) {
    std::string verb;
    std::uint64_t realtime = 0;
    context.call({{"call", "planned-end"}}, [&](const json::object& answer) {
        verb = answer.contains("dry") && answer.at("dry").as_bool()
                   ? concat("dry-", text(answer, "verb"))
                   : std::string(text(answer, "verb"));
        realtime = static_cast<std::uint64_t>(answer.at("realtime").to_number<std::int64_t>());
    });
    if (verb.empty() || verb == "dry-")
        throw Failure("No scheduled shutdown.");
    print_planned_end(verb, realtime);
}

char runlevel(const Context& context) {
    if (is_up(state_of(context, "graphical.target").active))
        return '5';
    if (is_up(state_of(context, "multi-user.target").active))
        return '3';
    if (is_up(state_of(context, "rescue.target").active))
        return '1';
    return 0;
}

}  // namespace notifybridge::ctl
