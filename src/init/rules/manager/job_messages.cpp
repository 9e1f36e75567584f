#include "init/rules/manager/job_messages.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "init/files/load/type_row.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {
namespace {

using util::concat;

/// The text before and after a unit's label.
struct Frame {
    std::string_view before, after = ".";
};

Frame start_frame(const load::JobWords& words, JobResult result) {
    switch (result) {
        case JobResult::done:
            return {words.started};
        case JobResult::timeout:
            return {"Timed out starting "};
        case JobResult::failed:
            return {words.failed_to_start};
        case JobResult::dependency:
            return {"Dependency failed for "};
        case JobResult::assertion:
            return {"Assertion failed for "};
        case JobResult::unsupported:
            return {"Starting of ", " unsupported."};
        default:
            return {};
    }
}

Frame stop_frame(const load::JobWords& words, JobResult result) {
    switch (result) {
        case JobResult::done:
            return {words.stopped};
        case JobResult::timeout:
            return {"Timed out stopping "};
        case JobResult::failed:
            return {words.failed_to_stop};
        default:
            return {};
    }
}

Frame reload_frame(JobResult result) {
    switch (result) {
        case JobResult::done:
            return {"Reloaded "};
        case JobResult::failed:
            return {"Reload failed for "};
        case JobResult::timeout:
            return {"Timed out reloading "};
        default:
            return {};
    }
}

Frame end_frame(const Unit& unit, JobType type, JobResult result) {
    const load::JobWords words = load::type_row(unit.type()).words(unit.settings());
    switch (type) {
        case JobType::start:
            return start_frame(words, result);
        case JobType::stop:
        case JobType::restart:
            return stop_frame(words, result);
        case JobType::reload:
            return reload_frame(result);
        case JobType::verify_active:
            return result == JobResult::skipped ? Frame{"", " is inactive."} : Frame{"", ""};
        default:
            return {"", ""};
    }
}

std::string skip_message(const Unit& unit) {
    const unit::UnmetConditions& unmet = unit.unmet_conditions;
    const auto found =
        std::ranges::find_if(unmet, [](const auto* each) { return !each->is_trigger; });
    if (found == unmet.end())
        return concat(unit.label(), " was skipped because no trigger condition checks were met.");
    return concat(unit.label(), " was skipped because of an unmet condition check (Condition",
                  (*found)->type, '=', (*found)->is_negated ? "!" : "", (*found)->parameter, ").");
}

}  // namespace

std::string start_message(const Unit& unit, JobType type) {
    const bool stops = type == JobType::stop || type == JobType::restart;
    return concat(stops                     ? "Stopping "
                  : type == JobType::reload ? "Reloading "
                                            : "Starting ",
                  unit.label(), "...");
}

std::string end_message(const Unit& unit, JobType type, JobResult result) {
    if (type == JobType::start && result == JobResult::done && !unit.condition_result)
        return skip_message(unit);
    const Frame frame = end_frame(unit, type, result);
    if (frame.before.empty() && frame.after.size() <= 1)
        return {};
    return concat(frame.before, unit.label(), frame.after);
}

util::Severity end_severity(JobResult result) noexcept {
    switch (result) {
        case JobResult::timeout:
        case JobResult::failed:
        case JobResult::once:
            return util::Severity::error;
        case JobResult::dependency:
        case JobResult::assertion:
        case JobResult::unsupported:
            return util::Severity::warning;
        case JobResult::skipped:
            return util::Severity::notice;
        default:
            return util::Severity::info;
    }
}

}  // namespace notifybridge::manager
