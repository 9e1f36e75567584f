#include "base/process/command_report.hpp"

#include <signal.h>

#include <cerrno>

#include "base/process/program_file.hpp"
#include "base/process/spawn.hpp"
#include "base/system/error.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"

namespace notifybridge::process {

ExitStatus report_spawn_failure(const std::string& program, const std::error_code& error,
                                std::string_view advice) {
    // clone(2) fails with these errors if a limit on processes or memory is reached.
    const bool no_process = error.value() == EAGAIN || error.value() == ENOMEM;
    std::string why = no_process ? "a limit on processes or memory is reached; check ulimit -u, "
                                   "-d and -v, TasksMax= and podman's --pids-limit"
                                 : why_not_run(program, error.value());
    if (why.empty())
        why = advice;
    util::log(util::Severity::error, util::Topic::process, "cannot run ", util::quote(program),
              ": ", system::describe(error.value()), "; ", why, ' ', tags::cannot_run);
    return ExitStatus::exited(spawn_failure_status(error));
}

void run_beside_command(event::Loop& loop, Supervisor& supervisor) {
    try {
        loop.run();
    } catch (...) {
        supervisor.kill(SIGTERM);
        throw;
    }
}

}  // namespace notifybridge::process
