#pragma once

#include <string>

#include "base/util/log.hpp"
#include "init/manager/job.hpp"

/// What systemd says of jobs in its log, word for word, as people and programs look for it.
namespace notifybridge::manager {

/// "Starting foo.service - Does foo...", of a job by which a unit begins to start, stop or reload.
std::string start_message(const Unit& unit, JobType type);

/// "Started foo.service - Does foo."; empty where nothing is said.
std::string end_message(const Unit& unit, JobType type, JobResult result);
util::Severity end_severity(JobResult result) noexcept;

}  // namespace notifybridge::manager
