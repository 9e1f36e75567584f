#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "init/hands/execute/step.hpp"

namespace notifybridge::execute {

/// The progress of a process that prepares itself. The process writes a report to a pipe. The pipe
/// is closed when the process executes its program or ends.
struct StartReport {
    enum class Kind {
        vanished,  ///< The process ended without a report, because something killed it.
        executed,
        /// The process ends with the status of the failed step, or with 0 if the failure is
        /// ignored.
        failed,
        refused,  ///< The process could not be prepared, so the unit fails with result "resources".
    };
    Kind kind = Kind::vanished;
    Failure failure;
    bool is_ignored = false;
    std::string reason;  ///< The reason why the process could not be prepared.

    bool operator==(const StartReport&) const = default;
};

/// Parses the report from all bytes that the process has written.
StartReport parse_report(std::string_view written);

/// Reports that this process executes its program next. Does not allocate memory.
void report_execution(system::Fd report) noexcept;
/// Reports that a step or execve(2) failed in this process.
void report_failure(system::Fd report, const Failure& failure, bool is_ignored) noexcept;
/// Reports that this process could not be prepared.
void report_refusal(system::Fd report, std::string_view reason);

}  // namespace notifybridge::execute
