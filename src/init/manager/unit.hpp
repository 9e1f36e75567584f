#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/message.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/datagram.hpp"
#include "base/util/rare.hpp"
#include "init/directive/property_text.hpp"
#include "init/manager/dependencies.hpp"
#include "init/manager/job.hpp"
#include "init/manager/rate_limit.hpp"
#include "init/manager/state.hpp"
#include "init/manager/surroundings.hpp"

namespace notifybridge::manager {

class Engine;
class SocketActivated;

/// The processes that a unit waits for by their pids; 0 if there is none.
struct OwnProcesses {
    pid_t main = 0;
    pid_t control = 0;

    bool has(pid_t pid) const { return pid == main || pid == control; }
};

enum class KillWhom {
    main,
    control,
    all,
    all_or_fail,  ///< Like `all`, but an error if there is no process.
};

/// A unit: its settings, its edges to other units, and its state. Its type decides what it does.
/// Nothing here waits, or touches the system except through the interfaces that a type gets.
class Unit {
public:
    Unit(Engine& engine, load::LoadedUnit loaded);
    virtual ~Unit() = default;
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

    const std::string& id() const { return loaded_.id.text(); }
    /// Returns the id that the unit had when it became active. Its processes, output and sockets
    /// are known by this id, because new files may give the unit another name.
    const std::string& key() const { return first_id_->empty() ? id() : *first_id_; }
    unit::UnitType type() const { return loaded_.id.type(); }
    const load::LoadedUnit& loaded() const { return loaded_; }
    const unit::Settings& settings() const { return loaded_.settings; }
    /// Grows with each loaded unit. The lower one comes first among equals.
    std::uint64_t serial() const { return serial_; }
    /// "foo.service - Does foo": as systemd names it in its log.
    std::string label() const;

    // The interface of a unit type, for the engine.
    virtual ActiveState active_state() const = 0;
    virtual std::string_view sub_state() const = 0;  ///< "running", "start-pre", "listening", ...
    virtual std::string_view result() const { return "success"; }
    /// The engine calls this after it has checked jobs, conditions and limits.
    virtual Verdict start() = 0;
    virtual Verdict stop() = 0;
    /// A unit that only propagates a reload has completed it at once.
    virtual Verdict reload() { return Verdict::already; }
    /// Returns whether units of this type work here at all.
    virtual bool is_supported() const { return true; }
    /// Returns whether a reload does something: the unit's own reload, or passing it on.
    virtual bool can_reload() const { return dependencies.has(Effect::propagate_reload); }
    virtual void reset_failed() {}
    /// Notes that a start was refused because of the start limit: `start_limit_hit` is set already.
    virtual void start_limited() {}
    /// Returns nullopt for a unit that never has processes.
    virtual std::optional<OwnProcesses> own_processes() const { return std::nullopt; }
    /// Returns whether it has processes or connections, even if it is down.
    virtual bool is_in_use() const { return false; }
    /// Returns whether a unit that reports its end starts again by itself. Then OnFailure= and
    /// OnSuccess= start nothing.
    virtual bool will_restart() const { return false; }
    /// Returns when `deadline_passed` must be called, by system::Moment::monotonic; 0: never.
    virtual std::uint64_t deadline() const { return 0; }
    virtual void deadline_passed() {}
    /// Returns the status of its main process, if that has ended, for FailureAction=exit: 255 after
    /// a signal.
    virtual std::optional<std::uint8_t> exit_status() const { return std::nullopt; }
    /// Called after the files were read again, with new settings(). Must correct pointers into the
    /// old ones, and indexes of their lists.
    virtual void settings_replaced(const unit::Settings& /*before*/) {}
    /// Called after all units have had `settings_replaced`, with the edges of the new files.
    virtual void settings_changed() {}

    // Events. A process that was pending when it was started has executed its program.
    virtual void process_executed(pid_t) {}
    /// A pending process could not be prepared, and ends: the unit lacks resources.
    virtual void process_refused(pid_t) {}
    virtual void process_ended(pid_t, process::ExitStatus, bool /*dumped_core*/) {}
    virtual void processes_gone() {}  ///< No process is left except main and control, if any.
    virtual void notified(const system::Credentials&, const notify::Message&, std::size_t /*fds*/) {
    }
    virtual void bus_name_changed(bool /*has_owner*/) {}  ///< Reports the changes of
                                                          ///< Processes::watch_bus_name.
    virtual void pid_file_changed() {}  ///< Reports the changes of Processes::watch_pid_file.
    virtual void traffic(std::size_t /*listener*/) {}  ///< A connection, a datagram, an open FIFO.
    /// A unit that it triggers changed its state, is not started any more, or has another job.
    virtual void trigger_changed(Unit&) {}

    /// Returns what a socket unit needs of this unit in order to start it; null if sockets cannot
    /// start units of this type.
    virtual SocketActivated* socket_activated() { return nullptr; }

    /// Returns the variables MONITOR_… for the units of its OnFailure= and OnSuccess=
    /// (systemd.exec(5)).
    virtual std::vector<std::string> monitor_environment() const { return {}; }
    /// Returns the variables TRIGGER_… for the unit that this one has just started
    /// (systemd.exec(5)).
    virtual std::vector<std::string> trigger_environment() const { return {}; }
    /// Returns the last run of a command of settings(), for `show`; an empty one if it never ran.
    virtual directive::CommandRun last_run(const unit::Command& /*command*/) const { return {}; }

    system::Moment now() const;
    /// Writes to the unit's log and to ours.
    void say(util::Severity severity, std::string_view text) const;
    void warn(std::string_view text) const { say(util::Severity::warning, text); }

    /// Returns whether a job of this type waits or runs.
    bool has_job(JobType type) const { return job && job->type == type; }

    // For the engine: the content of the files that were read again.
    void replace(load::LoadedUnit loaded);
    /// Forgets the id that it came up with: nothing is known by that any more.
    void forget_first_id() { first_id_ = {}; }

    // Kept for the engine.
    Dependencies dependencies;
    Job* job = nullptr;
    Job* nop_job = nullptr;
    struct Times {
        system::Moment condition, assert, inactive_exit, active_enter, active_exit, inactive_enter,
            state_change;
    } times;
    bool condition_result = false;
    bool assert_result = false;
    bool start_limit_hit = false;  ///< The last start exceeded the start limit (StartLimitBurst=).
    /// The conditions and asserts that the last start did not meet.
    util::Rare<unit::UnmetConditions> unmet_conditions, unmet_asserts;
    RateLimit start_limit;
    RateLimit automatic_limit;  ///< Limits starts and stops that were not requested.
    std::string invocation_id;  ///< 32 hexadecimal digits, of the last activation.

protected:
    Engine& engine() const { return engine_; }
    Surroundings& surroundings() const;

    /// Must be called after every change of state or sub-state. Ends jobs, and enqueues those that
    /// follow. Calls no function of this unit before the caller has returned.
    void changed(ActiveState before, bool reload_failed = false);

    /// Another Description=, until the files are read again.
    void set_description(std::string text) { loaded_.settings.unit.description = std::move(text); }

    /// Must be called when `deadline` became sooner without a change of state. A later deadline
    /// needs no call: the engine asks again.
    void deadline_changed();

    /// Must be called when `is_in_use` or Surroundings::has_processes became false without a change
    /// of state.
    void use_ended();

private:
    Engine& engine_;
    load::LoadedUnit loaded_;
    util::Rare<std::string> first_id_;  ///< Empty if it equals id().
    std::uint64_t serial_;
};

}  // namespace notifybridge::manager
