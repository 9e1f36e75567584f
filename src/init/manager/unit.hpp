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
#include "init/manager/dependencies.hpp"
#include "init/manager/job.hpp"
#include "init/manager/rate_limit.hpp"
#include "init/manager/state.hpp"
#include "init/manager/surroundings.hpp"

namespace notifybridge::manager {

class Engine;

/// The processes that a unit waits for by their pids; 0 where there is none.
struct OwnProcesses {
    pid_t main = 0;
    pid_t control = 0;

    bool has(pid_t pid) const { return pid == main || pid == control; }
};

enum class KillWhom {
    main,
    control,
    all,
    all_or_fail,  ///< As `all`, but an error where there is no process.
};

/// A unit: what its files say, its place among the others, and where it stands. What it does is up
/// to its type. Nothing here waits, and nothing but what a type is given touches the world.
class Unit {
public:
    Unit(Engine& engine, load::LoadedUnit loaded);
    virtual ~Unit() = default;
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;

    const std::string& id() const { return loaded_.id.text(); }
    /// The id that it came up with: what its processes, its output and its sockets are known by, as
    /// the files may give a unit another name meanwhile.
    const std::string& key() const { return first_id_->empty() ? id() : *first_id_; }
    unit::UnitType type() const { return loaded_.id.type(); }
    const load::LoadedUnit& loaded() const { return loaded_; }
    const unit::Settings& settings() const { return loaded_.settings; }
    /// Grows with each unit that is loaded: what comes first among equals.
    std::uint64_t serial() const { return serial_; }
    /// "foo.service - Does foo": as systemd names it in its log.
    std::string label() const;

    // What the engine asks of a type of units.
    virtual ActiveState active_state() const = 0;
    virtual std::string_view sub_state() const = 0;  ///< "running", "start-pre", "listening", ...
    virtual std::string_view result() const { return "success"; }
    /// The engine has looked at jobs, conditions and limits before it asks.
    virtual Verdict start() = 0;
    virtual Verdict stop() = 0;
    /// A unit that only passes a reload on has done with it at once.
    virtual Verdict reload() { return Verdict::already; }
    /// Whether units of its type can be had here at all.
    virtual bool is_supported() const { return true; }
    /// Whether it has something to do at a reload: of its own, or else passing it on.
    virtual bool can_reload() const { return dependencies.has(Effect::propagate_reload); }
    virtual void reset_failed() {}
    /// A start was refused, as there were too many: `start_limit_hit` is set already.
    virtual void start_limited() {}
    /// Nothing for a unit that never has processes.
    virtual std::optional<OwnProcesses> own_processes() const { return std::nullopt; }
    /// Whether it has to do with processes or connections, though it may be down.
    virtual bool is_in_use() const { return false; }
    /// Whether a unit that reports its end comes up again by itself, so that what OnFailure= and
    /// OnSuccess= name is not started.
    virtual bool will_restart() const { return false; }
    /// The moment that `deadline_passed` is to be called for, by system::Moment::monotonic; 0:
    /// none.
    virtual std::uint64_t deadline() const { return 0; }
    virtual void deadline_passed() {}
    /// Status of its main process, where that has ended, for FailureAction=exit: 255 where a signal
    /// ended it.
    virtual std::optional<std::uint8_t> exit_status() const { return std::nullopt; }
    /// The files were read again, and settings() are others than before: what pointed into those,
    /// or was an index of a list there, is to be set right.
    virtual void settings_replaced(const unit::Settings& /*before*/) {}
    /// All units have had `settings_replaced`, and their edges are those of the files.
    virtual void settings_changed() {}

    // What happened to the unit.
    /// A process that was pending when it was started has executed its program.
    virtual void process_executed(pid_t) {}
    /// A pending process could not be prepared, and ends: the unit lacks resources.
    virtual void process_refused(pid_t) {}
    virtual void process_ended(pid_t, process::ExitStatus, bool /*dumped_core*/) {}
    virtual void processes_gone() {}  ///< None is left but main and control, if any.
    virtual void notified(const system::Credentials&, const notify::Message&, std::size_t /*fds*/) {
    }
    virtual void bus_name_changed(bool /*has_owner*/) {}  ///< What Processes::watch_bus_name tells.
    virtual void pid_file_changed() {}  ///< Of what Processes::watch_pid_file watches.
    virtual void traffic(std::size_t /*listener*/) {}  ///< A connection, a datagram, an open FIFO.
    /// A unit that it triggers changed its state, is started no more, or has another job.
    virtual void trigger_changed(const Unit&) {}

    /// What the units of its OnFailure= and OnSuccess= are told of it: MONITOR_… (systemd.exec(5)).
    virtual std::vector<std::string> monitor_environment() const { return {}; }

    system::Moment now() const;
    /// In the unit's log and ours.
    void say(util::Severity severity, std::string_view text) const;
    void warn(std::string_view text) const { say(util::Severity::warning, text); }

    /// Whether a job of this type is to be done, or is being done.
    bool has_job(JobType type) const { return job && job->type == type; }

    // What the engine keeps of it.
    Dependencies dependencies;
    Job* job = nullptr;
    Job* nop_job = nullptr;
    struct Times {
        system::Moment condition, assert, inactive_exit, active_enter, active_exit, inactive_enter,
            state_change;
    } times;
    bool condition_result = false;
    bool assert_result = false;
    bool start_limit_hit = false;  ///< The last time that it was to start (StartLimitBurst=).
    util::Rare<unit::UnmetConditions> unmet_conditions, unmet_asserts;  ///< By the last start.
    RateLimit start_limit;
    RateLimit automatic_limit;  ///< Of starts and stops that no one asked for.
    std::string invocation_id;  ///< 32 hexadecimal digits, of the last activation.

protected:
    Engine& engine() const { return engine_; }
    Surroundings& surroundings() const;

    /// To be called after every change of state, also of the sub-state. Ends jobs, and enqueues
    /// those that follow from it; asks nothing of this unit before its caller is done.
    void changed(ActiveState before, bool reload_failed = false);

    /// Another Description=, until the files are read again.
    void set_description(std::string text) { loaded_.settings.unit.description = std::move(text); }

    /// To be called when `deadline` is sooner than it was, where nothing else has changed. A later
    /// one needs no call: the engine asks again.
    void deadline_changed();

    /// To be called when `is_in_use`, or what Surroundings::has_processes says, is over, where
    /// nothing else has changed.
    void use_ended();

private:
    friend class UnitGraph;
    void replace(load::LoadedUnit loaded);

    Engine& engine_;
    load::LoadedUnit loaded_;
    util::Rare<std::string> first_id_;  ///< Empty where it is id().
    std::uint64_t serial_;
};

}  // namespace notifybridge::manager
