#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "init/execute/step.hpp"

namespace notifybridge::execute {

/// How far a process came that prepared itself, by what it wrote to a pipe that is closed when it
/// executes its program, or ends.
struct StartReport {
    enum class Kind {
        vanished,  ///< It ended before, as somebody killed it.
        executed,
        failed,   ///< It ends with the step's status, or with 0 where that is ignored.
        refused,  ///< There was no way to make it: the unit fails for resources.
    };
    Kind kind = Kind::vanished;
    Failure failure;
    bool is_ignored = false;
    std::string reason;  ///< Why it was refused.

    bool operator==(const StartReport&) const = default;
};

/// Reads all that was written.
StartReport parse_report(std::string_view written);

/// For the process that reports: its program is executed next, which allocates nothing; a step
/// failed, or execve(2) did; it could not be prepared.
void report_execution(system::Fd report) noexcept;
void report_failure(system::Fd report, const Failure& failure, bool is_ignored) noexcept;
void report_refusal(system::Fd report, std::string_view reason);

}  // namespace notifybridge::execute
