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
#include "init/files/directive/property_text.hpp"
#include "init/rules/manager/dependencies.hpp"
#include "init/rules/manager/job.hpp"
#include "init/rules/manager/rate_limit.hpp"
#include "init/rules/manager/state.hpp"
#include "init/rules/manager/surroundings.hpp"

namespace notifybridge::manager {

class Engine;
class SocketActivated;

/// The pids of a unit's own processes. A pid is 0 if that process does not exist. The unit waits
/// for the end of these processes.
struct OwnProcesses {
    pid_t main = 0;
    pid_t control = 0;

    bool has(pid_t pid) const { return pid == main || pid == control; }
};

enum class KillWhom {
    main,
    control,
    all,
    all_or_fail,  ///< Like `all`, but the request fails if no process can be signalled.
};

/// A unit: its settings, its edges to other units, and its state. The derived class implements the
/// behaviour of its type.
///
/// No function blocks. A unit acts on the system only through the interfaces that are passed to its
/// class.
class Unit {
public:
    Unit(Engine& engine, load::LoadedUnit loaded);
    virtual ~Unit() = default;
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

    const std::string& id() const { return loaded_.id.text(); }
    /// Returns the id that the unit had when it became active. The result identifies the unit's
    /// processes, output and sockets, because new files may change the id.
    const std::string& key() const { return first_id_->empty() ? id() : *first_id_; }
    unit::UnitType type() const { return loaded_.id.type(); }
    const load::LoadedUnit& loaded() const { return loaded_; }
    const unit::Settings& settings() const { return loaded_.settings; }
    /// Returns the serial of the unit. Each loaded unit gets a higher serial than all units before.
    /// Among otherwise equal units, the lower serial comes first.
    std::uint64_t serial() const { return serial_; }
    /// Returns the unit's name in systemd's log: "foo.service - Does foo".
    std::string label() const;

    // The engine calls the following functions, which the unit's class implements.
    virtual ActiveState active_state() const = 0;
    /// Returns the state by systemd's name: "running", "start-pre", "listening", ...
    virtual std::string_view sub_state() const = 0;
    virtual std::string_view result() const { return "success"; }
    /// Starts the unit. The engine has already checked jobs, conditions and limits.
    virtual Verdict start() = 0;
    virtual Verdict stop() = 0;
    /// Reloads the unit. The default does nothing: some units can only propagate the reload to
    /// others.
    virtual Verdict reload() { return Verdict::already; }
    /// Returns whether we support units of this type.
    virtual bool is_supported() const { return true; }
    /// Returns whether a reload has an effect: the unit reloads itself, or propagates the reload.
    virtual bool can_reload() const { return dependencies.has(Effect::propagate_reload); }
    virtual void reset_failed() {}
    /// Called when the start limit refuses a start. `start_limit_hit` is true already.
    virtual void start_limited() {}
    /// Returns the unit's own processes, or nullopt if a unit of this type never has any.
    virtual std::optional<OwnProcesses> own_processes() const { return std::nullopt; }
    /// Returns whether the unit has processes or connections. These may exist even if the unit is
    /// down.
    virtual bool is_in_use() const { return false; }
    /// Returns when `deadline_passed` must be called (system::Moment::monotonic), or 0 if never.
    virtual std::uint64_t deadline() const { return 0; }
    virtual void deadline_passed() {}
    /// Returns the exit status of the unit's ended main process, for FailureAction=exit. This is
    /// 255 if a signal ended the process.
    virtual std::optional<std::uint8_t> exit_status() const { return std::nullopt; }
    /// Called with the old settings after the files were read again. Must correct pointers and list
    /// indexes that refer to the old settings.
    virtual void settings_replaced(const unit::Settings& /*before*/) {}
    /// Called when `settings_replaced` was called for all units, and the edges of the new files
    /// exist.
    virtual void settings_changed() {}

    // The following functions report events to the unit. A pending process was started, but has not
    // executed its program yet. `process_executed` is called when the process has executed its
    // program.
    virtual void process_executed(pid_t) {}
    /// Called when a pending process could not be prepared, and will end. The unit must fail with
    /// result "resources".
    virtual void process_refused(pid_t) {}
    virtual void process_ended(pid_t, process::ExitStatus, bool /*dumped_core*/) {}
    /// Called when all processes except the main and control processes have ended. Those two may
    /// still run.
    virtual void processes_gone() {}
    virtual void notified(const system::Credentials&, const notify::Message&, std::size_t /*fds*/) {
    }
    /// Called on changes of a name that Processes::watch_bus_name watches.
    virtual void bus_name_changed(bool /*has_owner*/) {}
    /// Called on changes of a file that Processes::watch_pid_file watches.
    virtual void pid_file_changed() {}
    /// Called when Sockets::open_sockets can return its result.
    virtual void sockets_opened() {}
    /// Called when `listener` has a connection, a datagram or other data.
    virtual void traffic(std::size_t /*listener*/) {}
    /// Called when a unit that this unit triggers changes its state, or when the job of that unit
    /// ends or changes.
    virtual void trigger_changed(Unit&) {}

    /// Returns the interface with which a socket unit starts this unit. Returns null if sockets
    /// cannot start this unit.
    virtual SocketActivated* socket_activated() { return nullptr; }

    /// Returns the variables MONITOR_… for the units in its OnFailure= and OnSuccess=
    /// (systemd.exec(5)).
    virtual std::vector<std::string> monitor_environment() const { return {}; }
    /// Returns the variables TRIGGER_… for a unit that this unit has just started
    /// (systemd.exec(5)).
    virtual std::vector<std::string> trigger_environment() const { return {}; }
    /// Returns the last run of a command in settings(), for `systemctl show`. The result is empty
    /// if the command never ran.
    virtual directive::CommandRun last_run(const unit::Command& /*command*/) const { return {}; }

    /// Tells the engine that Surroundings::can_test may return true now.
    void conditions_known();

    system::Moment now() const;
    /// Writes `text` to the unit's log and to our own log.
    void say(util::Severity severity, std::string_view text) const;
    void warn(std::string_view text) const { say(util::Severity::warning, text); }

    /// Returns whether a job of this type waits or runs.
    bool has_job(JobType type) const { return job && job->type == type; }

    /// Replaces the settings after the engine has read the files again.
    void replace(load::LoadedUnit loaded);
    /// Forgets the id that the unit had when it became active. The caller ensures that nothing is
    /// identified by this id any more.
    void forget_first_id() { first_id_ = {}; }

    // The engine maintains the following members.
    Dependencies dependencies;
    Job* job = nullptr;
    Job* nop_job = nullptr;
    struct Times {
        system::Moment condition, assert, inactive_exit, active_enter, active_exit, inactive_enter,
            state_change;
    } times;
    bool condition_result = false;
    bool assert_result = false;
    /// Whether the last start exceeded the start limit (StartLimitBurst=).
    bool start_limit_hit = false;
    /// The conditions and asserts that did not hold at the last start.
    util::Rare<unit::UnmetConditions> unmet_conditions, unmet_asserts;
    /// Whether a start tested the conditions and asserts after the unit's files were last read.
    bool conditions_tested = false, asserts_tested = false;
    RateLimit start_limit;
    RateLimit automatic_limit;  ///< The limit of starts and stops that no user requested.
    std::string invocation_id;  ///< The id of the last activation: 32 hexadecimal digits.
    /// When the last activation began (system::Moment::monotonic).
    std::uint64_t invocation_began = 0;

protected:
    Engine& engine() const { return engine_; }
    Surroundings& surroundings() const;

    /// Tells the engine about a change of state or sub-state. Must be called after every such
    /// change. The engine ends jobs, and enqueues the jobs that follow. It does not start, stop or
    /// reload this unit before the caller has returned.
    void changed(ActiveState before, bool reload_failed = false);

    /// Replaces Description= until the files are read again.
    void set_description(std::string text) { loaded_.settings.unit.description = std::move(text); }

    /// Tells the engine that `deadline` now returns an earlier time, although the state has not
    /// changed. No call is needed if the time becomes later, because the engine calls `deadline`
    /// again.
    void deadline_changed();

    /// Tells the engine that the unit may be forgotten now. Must be called if `is_in_use` or
    /// Surroundings::has_processes becomes false without a change of state.
    void use_ended();

private:
    Engine& engine_;
    load::LoadedUnit loaded_;
    util::Rare<std::string> first_id_;  ///< The first id. Empty if it equals id().
    std::uint64_t serial_;
};

}  // namespace notifybridge::manager
