#pragma once

#include <optional>
#include <string_view>

#include "init/manager/unit.hpp"
#include "init/unit_types/alarm.hpp"
#include "init/unit_types/command_runner.hpp"
#include "init/unit_types/kill_plan.hpp"
#include "init/unit_types/result.hpp"

namespace notifybridge::unit_types {

/// The part that services and sockets share. Commands run one at a time as the control process.
/// There are a time limit for each state, a result, and the signals of systemd.kill(5). The derived
/// class decides what follows from an event.
class ProcessUnit : public manager::Unit {
public:
    std::string_view result() const override { return to_string(result_); }
    std::optional<manager::OwnProcesses> own_processes() const override {
        return manager::OwnProcesses{0, control_.pid()};
    }
    /// Lets a list continue after the running command, at its place in the new list. If the new
    /// list does not have the command, the list ends with it.
    ///
    /// systemd 252 does this for services. For sockets, it continues after the first command, and
    /// would run some commands twice.
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

    /// Returns a list of these settings. They may be the settings from before a reload.
    virtual const unit::Commands& commands_of(const unit::Settings& settings,
                                              CommandKind kind) const = 0;
    /// Called when the state has lasted too long. The alarm is cleared already.
    virtual void timed_out() = 0;

    const unit::Commands& list(CommandKind kind) const { return commands_of(settings(), kind); }
    /// Returns the command of the control process. Returns null if new files do not have it any
    /// more.
    const unit::Command* control_command() const { return control_.command(list(control_.kind())); }
    /// Returns the number of the next command. Returns nullopt if the current one is the last of
    /// its list.
    std::optional<std::size_t> next_control() const;

    /// Records the result. Only the first failure counts.
    void note(Result result);
    /// Logs the result if it is a failure. Returns whether the result is a failure.
    bool report_failure() const;
    /// Logs how a process ended. Uses the level debug for a success.
    void log_end(std::string_view what, const ExecStatus& run, Result result) const;
    /// Logs that KillMode= or SendSIGKILL= has spared processes, if any are left after the stop.
    void tell_of_spared() const;
    /// Warns of processes that are left from an earlier run. Returns whether there are any.
    bool warn_of_leftovers() const;
    /// Sends the signals that the settings define for `operation`. Returns whether the unit must
    /// wait for the end of a process.
    bool signal_processes(KillOperation operation);

    Processes& processes_;
    Result result_ = Result::success;
    Alarm alarm_;  ///< The time at which the state has lasted too long.
    CommandRunner control_;
};

}  // namespace notifybridge::unit_types
