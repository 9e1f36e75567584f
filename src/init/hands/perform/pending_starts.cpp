#include "init/hands/perform/pending_starts.hpp"

#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <utility>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/hands/execute/start_report.hpp"

namespace notifybridge::perform {

void PendingStarts::log_start_failure(const manager::Unit& unit, const std::string& program,
                                      const execute::Failure& failure, bool is_ignored) {
    if (is_ignored)
        state_.say(util::Severity::info, &unit,
                   util::concat("Executable ", program,
                                " missing, skipping: ", system::describe(failure.error)));
    else
        state_.say(util::Severity::error, &unit, execute::describe(failure, program));
}

void PendingStarts::follow(pid_t pid, const unit_types::ProcessRequest& request,
                           system::UniqueFd report) {
    const auto error = state_.poller.add(report, EPOLLIN, [this, pid] { read_report(pid); });
    // Only warn, because the report is read when the process ends, at the latest.
    if (error)
        state_.say(
            util::Severity::warning, &request.unit,
            util::concat("cannot watch the start of the program: ", system::describe(error.value()),
                         "; whether the program has started is known only when the process ends"));
    pending_[pid] = {request.unit.key(), request.command.path, std::move(report), {}};
}

void PendingStarts::read_report(pid_t pid) {
    const auto found = pending_.find(pid);
    if (found == pending_.end())
        return;
    char buffer[PIPE_BUF];
    ssize_t size;
    while ((size = ::read(found->second.report.get(), buffer, sizeof buffer)) > 0)
        found->second.written.append(buffer, static_cast<std::size_t>(size));
    if (size < 0)
        return;  // The report is not complete yet.
    const Pending pending = std::move(pending_.extract(found).mapped());
    state_.poller.remove(pending.report);
    const execute::StartReport report = execute::parse_report(pending.written);
    if (report.kind == execute::StartReport::Kind::executed)
        state_.processes.executed(pending.unit, pid);
    state_.tell(pending.unit, [&](manager::Unit& unit) {
        switch (report.kind) {
            case execute::StartReport::Kind::vanished:
                break;
            case execute::StartReport::Kind::executed:
                unit.process_executed(pid);
                break;
            case execute::StartReport::Kind::failed:
                log_start_failure(unit, pending.program, report.failure, report.is_ignored);
                break;
            case execute::StartReport::Kind::refused:
                state_.say(util::Severity::warning, &unit,
                           util::concat("cannot run ", pending.program, ": ", report.reason, '.'));
                unit.process_refused(pid);
                break;
        }
    });
}

}  // namespace notifybridge::perform
