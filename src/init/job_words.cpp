#include "init/job_words.hpp"

#include <map>

namespace notifybridge::init {

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
    using unit::JobMode;
    static const std::map<std::string_view, JobMode> modes = {
        {"fail", JobMode::fail},
        {"replace", JobMode::replace},
        {"replace-irreversibly", JobMode::replace_irreversibly},
        {"isolate", JobMode::isolate},
        {"flush", JobMode::flush},
        {"ignore-dependencies", JobMode::ignore_dependencies},
        {"ignore-requirements", JobMode::ignore_requirements},
        {"triggering", JobMode::triggering},
        {"restart-dependencies", JobMode::restart_dependencies},
    };
    const auto found = modes.find(name);
    return found == modes.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace notifybridge::init
