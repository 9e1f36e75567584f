#pragma once

#include <string>

#include "base/util/log.hpp"
#include "init/rules/manager/job.hpp"

/// Returns systemd's log messages about jobs, with identical texts, because people and programs
/// search for these texts.
namespace notifybridge::manager {

/// Returns the message about the beginning of a start, stop or reload: "Starting foo.service - Does
/// foo...".
std::string start_message(const Unit& unit, JobType type);

/// Returns a message such as "Started foo.service - Does foo." Returns an empty text if systemd
/// logs nothing.
std::string end_message(const Unit& unit, JobType type, JobResult result);
util::Severity end_severity(JobResult result) noexcept;

}  // namespace notifybridge::manager
