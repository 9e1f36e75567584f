#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "init/execute/step.hpp"

namespace notifybridge::execute {

/// The progress of a process that prepares itself. The process writes it to a pipe, which is closed
/// when it executes its program or ends.
struct StartReport {
    enum class Kind {
        vanished,  ///< It ended before, because someone killed it.
        executed,
        failed,   ///< It ends with the status of the step, or with 0 if the failure is ignored.
        refused,  ///< It could not be created: the unit fails with result "resources".
    };
    Kind kind = Kind::vanished;
    Failure failure;
    bool is_ignored = false;
    std::string reason;  ///< The reason for a refusal.

    bool operator==(const StartReport&) const = default;
};

/// Parses all bytes that were written.
StartReport parse_report(std::string_view written);

/// Report from the process: it executes its program next (without allocating), a step or execve(2)
/// failed, or it could not be prepared.
void report_execution(system::Fd report) noexcept;
void report_failure(system::Fd report, const Failure& failure, bool is_ignored) noexcept;
void report_refusal(system::Fd report, std::string_view reason);

}  // namespace notifybridge::execute
