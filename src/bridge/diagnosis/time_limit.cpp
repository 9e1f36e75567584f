#include "bridge/diagnosis/time_limit.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// Returns the time span in our first error that has these words around it: "not ready within 5s
/// (--ready-timeout)". Returns an empty text if there is no such error.
std::string_view span_in_error(const Symptoms& symptoms, std::string_view before,
                               std::string_view after) {
    for (const LogLine& line : symptoms.log) {
        const std::string_view text = line.text;
        const std::size_t begin = text.find(before);
        const std::size_t end = text.find(after);
        if (line.kind == LogLine::Kind::error && begin != text.npos && end != text.npos
            && begin + before.size() < end) {
            const std::string_view span =
                text.substr(begin + before.size(), end - begin - before.size());
            // The container may have written the line, so accept nothing but a time span.
            if (util::parse_time_span(span))
                return span;
        }
    }
    return {};
}

std::string_view span_of_wrap(const Symptoms& symptoms) {
    return span_in_error(symptoms, "not ready within ", " (--ready-timeout)");
}

std::string_view span_of_wait(const Symptoms& symptoms) {
    return span_in_error(symptoms, "READY=1 did not arrive within ", " (TIMEOUT, --timeout)");
}

/// Returns whether the last STATUS shows that more time than TimeoutStartSec= had passed: "waiting
/// for the health check (13 s)".
bool was_extended(const UnitFacts& unit) {
    const std::string_view status = unit.status_text;
    const std::size_t open = status.rfind(" (");
    const std::size_t close = status.find(" s)", open);
    const auto limit = util::parse_time_span(unit.timeout_start);
    if (open == status.npos || close == status.npos || !limit)
        return false;
    const auto seconds = util::parse_number<int>(status.substr(open + 2, close - open - 2));
    return seconds && std::chrono::seconds(*seconds) > *limit;
}

constexpr auto limits = std::to_array<TimeLimit>({
    {[](const Symptoms& symptoms) { return !span_of_wrap(symptoms).empty(); },
     [](const Symptoms& symptoms) {
         return concat("--ready-timeout= (", util::escape(span_of_wrap(symptoms)), ')');
     },
     [](const Symptoms& symptoms) { return change_option(symptoms, "a longer --ready-timeout="); }},
    // If TIMEOUT= is in the unit, the app may be the reader that is meant.
    {[](const Symptoms& symptoms) {
         return !span_of_wait(symptoms).empty()
                && !variable_in_unit(symptoms.unit, "TIMEOUT").empty()
                && symptoms.command.timeout.empty();
     },
     [](const Symptoms& symptoms) {
         return concat("Environment=TIMEOUT= (", util::escape(span_of_wait(symptoms)),
                       "), which `wait` reads");
     },
     [](const Symptoms& symptoms) {
         return concat(give_option(symptoms, "--timeout=infinity"),
                       ", so that TIMEOUT= is only for the app");
     }},
    {[](const Symptoms& symptoms) { return !span_of_wait(symptoms).empty(); },
     [](const Symptoms& symptoms) {
         return concat("--timeout= (", util::escape(span_of_wait(symptoms)), ')');
     },
     [](const Symptoms& symptoms) { return change_option(symptoms, "a longer --timeout="); }},
    {[](const Symptoms& symptoms) {
         return symptoms.unit.result == "timeout" && !was_active(symptoms.unit);
     },
     [](const Symptoms& symptoms) {
         const UnitFacts& unit = symptoms.unit;
         return concat("TimeoutStartSec= (", unit.timeout_start, ')',
                       !was_extended(unit) ? ""
                       : unit.status_text.find("the health check") != std::string::npos
                           ? " and the start period of the health check"
                           : " and the time that was added (EXTEND_TIMEOUT_USEC=)");
     },
     [](const Symptoms& symptoms) { return set_setting(symptoms, "a longer TimeoutStartSec="); }},
});

}  // namespace

const TimeLimit* passed_limit(const Symptoms& symptoms) {
    const auto passed = [&](const TimeLimit& limit) { return limit.is_passed(symptoms); };
    const auto found = std::ranges::find_if(limits, passed);
    return found == limits.end() ? nullptr : &*found;
}

std::string more_time(const Symptoms& symptoms) {
    if (const TimeLimit* const passed = passed_limit(symptoms))
        return passed->longer(symptoms);
    // The unit is still starting, and --ready-timeout= extends TimeoutStartSec=.
    return symptoms.command.ready_timeout.empty() ? limits.back().longer(symptoms)
                                                  : limits.front().longer(symptoms);
}

}  // namespace notifybridge::diagnosis
