#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/process/exit_status.hpp"
#include "base/system/pipe.hpp"
#include "init/hands/execute/start.hpp"
#include "init/hands/execute/start_report.hpp"
#include "units.hpp"

namespace notifybridge::execute::test {

/// The result of running a unit's command.
struct Run {
    Failure failure;
    bool is_ignored = false;
    process::ExitStatus end;
    std::string output;  ///< The output that would go to the journal.
    pid_t pid = 0;
    std::optional<StartReport> report;  ///< Set if the process does its preparations itself.
};

/// Waits for the end of `child` and reaps it.
inline process::ExitStatus end_of(const process::Child& child) {
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WEXITED);
    return process::ExitStatus::of(info);
}

/// Runs the last ExecStart= of a unit, and waits for the end. `change` may modify the request.
inline Run run(const Units& units, const load::LoadedUnit& unit,
               const std::function<void(StartRequest&)>& change = {}) {
    system::Pipe log = system::make_pipe();
    const unit::Environment manager = manager_environment("");
    StartRequest request{.exec = unit.settings.exec,
                         .command = unit.settings.service.exec_start->back(),
                         .facts = units.facts,
                         .manager_environment = manager};
    request.log = log.writing;
    if (change)
        change(request);
    const Started started = start(request);
    log.writing.reset();
    Run run{started.failure, started.is_ignored, {}, {}, started.child.pid, {}};
    // Reading only after the end is safe, because the output of these tests fits in a pipe.
    run.end = end_of(started.child);
    char buffer[65536];
    if (started.report) {
        const ssize_t reported = ::read(started.report.get(), buffer, sizeof buffer);
        run.report.emplace(
            parse_report({buffer, static_cast<std::size_t>(std::max<ssize_t>(reported, 0))}));
        run.failure = run.report->failure;
        run.is_ignored = run.report->is_ignored;
    }
    const ssize_t size = ::read(log.reading.get(), buffer, sizeof buffer);
    run.output.assign(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
    return run;
}

/// Runs a shell script in a service with these lines.
inline Run run_script(const Units& units, const std::string& lines, const std::string& script,
                      const std::function<void(StartRequest&)>& change = {}) {
    units.directory.write("script", script);
    return run(units, units.service(lines + "\nExecStart=/bin/sh @/script"), change);
}

}  // namespace notifybridge::execute::test
