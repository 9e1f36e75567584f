#include "init/calls/job_words.hpp"

#include <algorithm>
#include <map>

#include "init/directive/choices.hpp"

namespace notifybridge::calls {

using manager::JobType;

std::optional<JobType> parse_job_type(std::string_view name) {
    static const std::map<std::string_view, JobType> types = {
        {"start", JobType::start},
        {"stop", JobType::stop},
        {"reload", JobType::reload},
        {"restart", JobType::restart},
        {"try-restart", JobType::try_restart},
        {"reload-or-restart", JobType::restart},
        {"try-reload-or-restart", JobType::try_restart},
    };
    const auto found = types.find(name);
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

std::optional<unit::JobMode> parse_job_mode(std::string_view name) {
    const auto& names = directive::choices::job_mode;
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<unit::JobMode>(found - names.begin()));
}

}  // namespace notifybridge::calls
