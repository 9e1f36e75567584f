#pragma once

#include <optional>
#include <string_view>

#include "init/rules/manager/unit.hpp"
#include "init/rules/unit_types/alarm.hpp"
#include "init/rules/unit_types/command_runner.hpp"
#include "init/rules/unit_types/kill_plan.hpp"
#include "init/rules/unit_types/result.hpp"

namespace notifybridge::unit_types {

/// The part that services and sockets share. It runs commands one at a time as the control process,
/// and limits the time of each state. It records the result, and sends the signals of
/// systemd.kill(5). The derived class decides how to react to an event.
class ProcessUnit : public manager::Unit {
public:
    std::string_view result() const override { return to_string(result_); }
    std::optional<manager::OwnProcesses> own_processes() const override {
        return manager::OwnProcesses{0, control_.pid()};
    }
    /// Continues a list of commands after a reload of the files. The next command is the one after
    /// the running command in the new list. If the new list does not have the running command, the
    /// list ends with this command.
    ///
    /// systemd 252 does the same for services. For sockets, systemd continues after the first
    /// command, and would run some commands twice.
    void settings_replaced(const unit::Settings& before) override;
    std::uint64_t deadline() const override { return alarm_.moment(); }
    void deadline_passed() override;
    directive::CommandRun last_run(const unit::Command& command) const override;

    pid_t control_pid() const { return control_.pid(); }
    /// Returns the last run of command number `index` of a list.
    virtual ExecStatus exec_status(CommandKind kind, std::size_t index) const {
        return control_.last_run(kind, index);
    }

protected:
    ProcessUnit(manager::Engine& engine, Processes& processes, load::LoadedUnit loaded)
        : manager::Unit(engine, std::move(loaded)), processes_(processes) {}

    /// Returns the commands of this kind in `settings`, which may be the settings from before a
    /// reload of the files.
    virtual const unit::Commands& commands_of(const unit::Settings& settings,
                                              CommandKind kind) const = 0;
    /// Called when the time limit of a state has passed. The alarm is cleared already.
    virtual void timed_out() = 0;

    const unit::Commands& list(CommandKind kind) const { return commands_of(settings(), kind); }
    /// Returns the command of the control process. Returns null if a reload of the files has
    /// removed this command.
    const unit::Command* control_command() const { return control_.command(list(control_.kind())); }
    /// Returns the number of the next command. Returns nullopt if the current command is the last
    /// of its list.
    std::optional<std::size_t> next_control() const;

    /// Records the result. Keeps an earlier failure, because only the first failure counts.
    void note(Result result);
    /// Logs the result if it is a failure. Returns whether the result is a failure.
    bool report_failure() const;
    /// Logs how a process ended. Logs a success with the level debug.
    void log_end(std::string_view what, const ExecStatus& run, Result result) const;
    /// Logs that KillMode= or SendSIGKILL= has spared processes, if any are left after the stop.
    void log_spared() const;
    /// Warns of processes that are left from an earlier run. Returns whether there are such
    /// processes.
    bool warn_of_leftovers() const;
    /// Sends the signals that the settings define for `operation`. Returns whether the unit must
    /// wait for the end of a process.
    bool signal_processes(KillOperation operation);

    Processes& processes_;
    Result result_ = Result::success;
    Alarm alarm_;  ///< The moment at which the time limit of the state passes.
    CommandRunner control_;
};

}  // namespace notifybridge::unit_types
