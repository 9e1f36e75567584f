#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "init/execute/step.hpp"

namespace notifybridge::execute {

/// Describes how far a process that prepares itself has come. The process writes a report to a
/// pipe. The pipe is closed when the process executes its program, or ends.
struct StartReport {
    enum class Kind {
        vanished,  ///< The process ended earlier, because somebody killed it.
        executed,
        /// The process ends with the status of the step, or with 0 if the failure is ignored.
        failed,
        refused,  ///< The process could not be created: the unit fails with result "resources".
    };
    Kind kind = Kind::vanished;
    Failure failure;
    bool is_ignored = false;
    std::string reason;  ///< The reason why the process could not be created.

    bool operator==(const StartReport&) const = default;
};

/// Parses all bytes that the process has written.
StartReport parse_report(std::string_view written);

/// Report the progress of this process. `report_execution` says that it executes its program next,
/// and does not allocate. The others say that a step or execve(2) failed, or that the process could
/// not be prepared.
void report_execution(system::Fd report) noexcept;
void report_failure(system::Fd report, const Failure& failure, bool is_ignored) noexcept;
void report_refusal(system::Fd report, std::string_view reason);

}  // namespace notifybridge::execute
