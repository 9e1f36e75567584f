#include "bridge/diagnosis/time_limit.hpp"

#include <span>
#include <string_view>

#include "base/util/number.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Returns the time span in the line with this tag: "not ready within 5s (--ready-timeout)".
/// Returns an empty text if there is no such line.
std::string span_of(const Facts& facts, tags::Tag tag) {
    const LogLine* const line = last_tagged(facts, tag);
    return line ? time_span_in(line->text) : std::string();
}

/// Returns whether the last STATUS shows that more time than TimeoutStartSec= had passed: "waiting
/// for the health check (13 s)".
bool was_extended(const UnitFacts& unit) {
    const std::string_view status = unit.status_text;
    const std::size_t open = status.rfind(" (");
    const std::size_t close = status.find(" s)", open);
    if (open == status.npos || close == status.npos)
        return false;
    const auto seconds = util::parse_number<int>(status.substr(open + 2, close - open - 2));
    return seconds && std::chrono::seconds(*seconds) > unit.timeout_start;
}

/// Whether the start of a unit took longer than systemd allows.
bool passed_timeout(Facts& facts) {
    return timed_out(facts) && !was_active(facts.unit);
}

}  // namespace

/// The cause of a row is the name of the limit, and the remedy is how the user can set more time.
std::span<const Cause> tables::limits() {
    static const Cause rows[] = {
        {[](Facts& f) { return f.keep(span_of(f, tags::ready_timeout)); },
         "--ready-timeout= ({found})", "{change a longer --ready-timeout=}"},
        // If TIMEOUT= is in the unit, the app may be the reader that is meant.
        {[](Facts& f) {
             return f.keep(span_of(f, tags::timeout))
                    && !variable_in_unit(f.unit, "TIMEOUT").empty() && f.command.timeout.empty();
         },
         "Environment=TIMEOUT= ({found}), which `wait` reads",
         "{give --timeout=infinity}, so that TIMEOUT= is only for the app"},
        {[](Facts& f) { return f.keep(span_of(f, tags::timeout)); }, "--timeout= ({found})",
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
