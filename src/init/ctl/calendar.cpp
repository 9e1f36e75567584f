#include <algorithm>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/amounts.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/calendar/event.hpp"
#include "init/files/calendar/next_time.hpp"
#include "init/files/calendar/zones.hpp"

/// Implements `calendar`: prints the next times of calendar events, as `systemd-analyze calendar`
/// does.
namespace notifybridge::ctl {
namespace {

using util::concat;
using util::TimeSpan;

/// Returns the time after which the printed times begin. Throws Failure if --base-time= is not a
/// complete date.
TimeSpan base_time(const Options& options, std::uint64_t now, calendar::Zones& zones) {
    if (options.base_time.empty())
        return TimeSpan(now);
    const auto event = calendar::parse(options.base_time);
    const auto is_single = [](const calendar::Field& field) {
        return field.size() == 1 && field.front().step == 0;
    };
    const auto time =
        event && is_single(event->year) && is_single(event->month) && is_single(event->day)
            ? calendar::next_time(*event, TimeSpan(-1), zones.find(event->zone))
            : std::nullopt;
    if (!time)
        throw Failure(concat("Failed to parse --base-time= parameter: ", options.base_time));
    return *time;
}

/// Prints a line with its label right-aligned.
void print_line(std::string_view label, std::string_view text) {
    constexpr std::size_t width = 15;
    system::out() << std::string(width - std::min(label.size(), width), ' ') << label << ": "
                  << text << '\n';
}

void print_time(std::string_view label, TimeSpan time, std::uint64_t now,
                const calendar::Zone& local) {
    const auto realtime = static_cast<std::uint64_t>(time.count());
    print_line(label, system::to_local_time(realtime));
    if (local.name(false) != "UTC" || local.name(true) != "UTC")
        print_line("(in UTC)", system::to_utc(realtime, "%a %Y-%m-%d %H:%M:%S UTC"));
    print_line("From now", relative(now, realtime));
}

void print_event(const std::string& text, const calendar::Event& event, const Options& options,
                 std::uint64_t now, calendar::Zones& zones) {
    const std::string normalized = to_string(event);
    if (text != normalized)
        print_line("Original form", text);
    print_line("Normalized form", normalized);
    TimeSpan time = base_time(options, now, zones);
    for (unsigned iteration = 1; iteration <= options.iterations; ++iteration) {
        const auto found = calendar::next_time(event, time, zones.find(event.zone));
        if (!found) {
            if (iteration == 1)
                print_line("Next elapse", "never");
            return;
        }
        time = *found;
        print_time(iteration == 1 ? "Next elapse" : concat("Iter. #", iteration), time, now,
                   zones.find(""));
    }
}

}  // namespace

int show_calendar(const Context& context) {
    const std::uint64_t now = system::now().realtime;
    calendar::Zones zones;
    int status = 0;
    bool is_first = true;
    for (const std::string& text : context.operands) {
        if (!std::exchange(is_first, false))
            system::out() << '\n';
        if (const auto event = calendar::parse(text)) {
            print_event(text, *event, context.options, now, zones);
        } else {
            const std::string why = calendar::explain_unknown_zone(text);
            system::err() << "Failed to parse calendar specification '" << text
                          << "': " << (why.empty() ? "Invalid argument" : why) << '\n';
            status = status_failure;
        }
    }
    return status;
}

}  // namespace notifybridge::ctl
