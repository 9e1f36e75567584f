#pragma once

#include <sys/types.h>

#include <string>

#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"

namespace notifybridge::unit_types {

/// The last run of a command: when it began, and when and how it ended.
struct ExecStatus {
    pid_t pid = 0;  ///< 0 if the command never ran.
    bool has_ended = false;
    bool dumped_core = false;
    process::ExitStatus status;
    system::Moment start;
    system::Moment exit;

    static ExecStatus started(pid_t pid, system::Moment now) {
        ExecStatus run;
        run.pid = pid;
        run.start = now;
        return run;
    }
    void ended(process::ExitStatus how, bool with_core, system::Moment now);

    /// Returns ExecMainCode: CLD_EXITED, CLD_KILLED or CLD_DUMPED (sigaction(2)). Returns 0 before
    /// the end of the process.
    int code() const noexcept;
    /// Returns ExecMainStatus, which is the exit status or the signal.
    int number() const noexcept { return status.signal ? status.signal : status.code; }
    /// Returns EXIT_CODE (systemd.exec(5)): "exited", "killed" or "dumped".
    std::string_view code_name() const noexcept;
    /// Returns EXIT_STATUS (systemd.exec(5)): an exit status such as "1", or a signal such as
    /// "TERM".
    std::string number_name() const;
    /// Returns the end of a sentence about the process, for people: " ended: exited, status 1."
    std::string end_text() const;
};

}  // namespace notifybridge::unit_types
