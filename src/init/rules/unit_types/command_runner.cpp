#include "init/rules/unit_types/command_runner.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/util/concat.hpp"

namespace notifybridge::unit_types {

void CommandRunner::forget() {
    pid_ = 0;
    index_ = unknown;
}

std::optional<StartedProcess> CommandRunner::start(Processes& processes,
                                                   const ProcessRequest& request, CommandKind kind,
                                                   std::size_t index) {
    StartedProcess started;
    try {
        started = processes.start_process(request);
    } catch (const std::system_error& error) {
        request.unit.warn(util::concat("cannot run ", to_string(kind), "=: ", error.what(), '.'));
        return std::nullopt;
    }
    pid_ = started.pid;
    kind_ = kind;
    index_ = static_cast<std::uint32_t>(index);
    record(ExecStatus::started(pid_, request.unit.now()));
    return started;
}

ExecStatus CommandRunner::ended(process::ExitStatus status, bool dumped_core, system::Moment now) {
    ExecStatus run = last_run(kind_, index_);
    run.pid = std::exchange(pid_, 0);
    run.ended(status, dumped_core, now);
    record(run);
    return run;
}

void CommandRunner::record(const ExecStatus& run) {
    if (!has_command())
        return;
    std::vector<Run>& runs = runs_.edit();
    const auto known = std::ranges::find_if(
        runs, [this](const Run& each) { return each.kind == kind_ && each.index == index_; });
    if (known == runs.end())
        runs.push_back({kind_, index_, run});
    else
        known->status = run;
}

ExecStatus CommandRunner::last_run(CommandKind kind, std::size_t index) const {
    for (const Run& run : *runs_)
        if (run.kind == kind && run.index == index)
            return run.status;
    return {};
}

void CommandRunner::list_replaced(const unit::Commands& before, const unit::Commands& now) {
    runs_ = {};
    if (!has_command())
        return;
    const auto found = find_again(before, index_, now);
    index_ = found ? static_cast<std::uint32_t>(*found) : unknown;
}

std::optional<std::size_t> find_again(const unit::Commands& before, std::size_t index,
                                      const unit::Commands& now) {
    const unit::Command& sought = before[index];
    const auto is_it = [&sought](const unit::Command& command) {
        return command.path == sought.path && command.argv == sought.argv;
    };
    if (index < now.size() && is_it(now[index]))
        return index;
    const auto found = std::ranges::find_if(now, is_it);
    if (found == now.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - now.begin());
}

}  // namespace notifybridge::unit_types
