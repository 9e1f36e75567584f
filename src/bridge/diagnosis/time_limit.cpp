#include "bridge/diagnosis/time_limit.hpp"

#include <span>
#include <string_view>

#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Returns the time span in our first error that has these words around it: "not ready within 5s
/// (--ready-timeout)". Returns an empty text if there is no such error.
std::string span_in_error(const Symptoms& symptoms, std::string_view before,
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
                return util::escape(span);
        }
    }
    return {};
}

std::string span_of_wrap(const Symptoms& symptoms) {
    return span_in_error(symptoms, "not ready within ", " (--ready-timeout)");
}

std::string span_of_wait(const Symptoms& symptoms) {
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

/// Whether the start of a unit took longer than systemd allows.
bool passed_timeout(Facts& facts) {
    return timed_out(facts) && !was_active(facts.unit);
}

}  // namespace

/// The cause of a row is the name of the limit, and the remedy is how the user can set more time.
std::span<const Cause> tables::limits() {
    static const Cause rows[] = {
        {[](Facts& f) { return f.keep(span_of_wrap(f.symptoms)); }, "--ready-timeout= ({found})",
         "{change a longer --ready-timeout=}"},
        // If TIMEOUT= is in the unit, the app may be the reader that is meant.
        {[](Facts& f) {
             return f.keep(span_of_wait(f.symptoms)) && !variable_in_unit(f.unit, "TIMEOUT").empty()
                    && f.command.timeout.empty();
         },
         "Environment=TIMEOUT= ({found}), which `wait` reads",
         "{give --timeout=infinity}, so that TIMEOUT= is only for the app"},
        {[](Facts& f) { return f.keep(span_of_wait(f.symptoms)); }, "--timeout= ({found})",
         "{change a longer --timeout=}"},
        {[](Facts& f) {
             return passed_timeout(f) && was_extended(f.unit)
                    && f.unit.status_text.find("the health check") != std::string::npos;
         },
         "TimeoutStartSec= ({timeout_start}) and the start period of the health check",
         "{set a longer TimeoutStartSec=}"},
        {[](Facts& f) { return passed_timeout(f) && was_extended(f.unit); },
         "TimeoutStartSec= ({timeout_start}) and the time that was added (EXTEND_TIMEOUT_USEC=)",
         "{set a longer TimeoutStartSec=}"},
        {passed_timeout, "TimeoutStartSec= ({timeout_start})", "{set a longer TimeoutStartSec=}"},
    };
    return rows;
}

std::optional<Diagnosis> passed_limit(const Symptoms& symptoms) {
    return first_of(tables::limits(), symptoms);
}

std::string more_time(const Symptoms& symptoms) {
    if (const auto passed = passed_limit(symptoms))
        return passed->remedy;
    // The unit is still starting, and --ready-timeout= extends TimeoutStartSec=.
    return fill_in(symptoms.command.ready_timeout.empty() ? "{set a longer TimeoutStartSec=}"
                                                          : "{change a longer --ready-timeout=}",
                   Facts(symptoms));
}

}  // namespace notifybridge::diagnosis
