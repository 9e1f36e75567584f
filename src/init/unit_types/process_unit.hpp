#pragma once

#include <optional>
#include <string_view>

#include "init/manager/unit.hpp"
#include "init/unit_types/alarm.hpp"
#include "init/unit_types/command_runner.hpp"
#include "init/unit_types/kill_plan.hpp"
#include "init/unit_types/result.hpp"

namespace notifybridge::unit_types {

/// The part that services and sockets share: commands that run one at a time as the control
/// process, a time limit for each state, a result, and the signals of systemd.kill(5). The type
/// decides what follows from an event.
class ProcessUnit : public manager::Unit {
public:
    std::string_view result() const override { return to_string(result_); }
    std::optional<manager::OwnProcesses> own_processes() const override {
        return manager::OwnProcesses{0, control_.pid()};
    }
    /// A list continues after the running command, at its place in the new list. If it is not in
    /// the new list, the list ends with it. (systemd 252 does so for services. It takes the first
    /// command of a socket's list for the running one, and would run others twice.)
    void settings_replaced(const unit::Settings& before) override;
    std::uint64_t deadline() const override { return alarm_.moment(); }
    void deadline_passed() override;
    directive::CommandRun last_run(const unit::Command& command) const override;

    pid_t control_pid() const { return control_.pid(); }
    /// Returns the last run of a command by its place in its list.
    virtual ExecStatus exec_status(CommandKind kind, std::size_t index) const {
        return control_.last_run(kind, index);
    }

protected:
    ProcessUnit(manager::Engine& engine, Processes& processes, load::LoadedUnit loaded)
        : manager::Unit(engine, std::move(loaded)), processes_(processes) {}

    /// Returns a list of these settings, which may be those of the files before a reload.
    virtual const unit::Commands& commands_of(const unit::Settings& settings,
                                              CommandKind kind) const = 0;
    /// The state lasts too long. The alarm is cleared already.
    virtual void timed_out() = 0;

    const unit::Commands& list(CommandKind kind) const { return commands_of(settings(), kind); }
    /// Returns the command of the control process; null if new files no longer have it.
    const unit::Command* control_command() const { return control_.command(list(control_.kind())); }
    /// Returns the number of the command after it; nullopt if it is the last of its list.
    std::optional<std::size_t> next_control() const;

    /// Keeps the result. The first failure is the one that counts.
    void note(Result result);
    /// Logs the result if it is a failure. Returns whether it is.
    bool report_failure() const;
    /// Logs how a process ended, at debug level if that is a success.
    void log_end(std::string_view what, const ExecStatus& run, Result result) const;
    /// Warns of leftover processes of an earlier run. Returns whether there are any.
    bool warn_of_leftovers() const;
    /// Sends the signals that the settings have for `operation`. Returns whether the end of a
    /// process has to be waited for.
    bool signal_processes(KillOperation operation);

    Processes& processes_;
    Result result_ = Result::success;
    Alarm alarm_;  ///< The end of the time that the state has.
    CommandRunner control_;
};

}  // namespace notifybridge::unit_types
