#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/call.hpp"
#include "manager/engine.hpp"

namespace notifybridge::init {

namespace json = boost::json;

/// What calls ask of the manager that is not the engine's business.
class Household {
public:
    virtual ~Household() = default;

    /// "initializing", "starting", "running", "degraded", "stopping" (systemctl(1),
    /// is-system-running).
    virtual std::string_view system_state() const = 0;
    /// The environment of all services; `assignments` are checked by who calls.
    virtual std::vector<std::string> environment() = 0;
    virtual void set_environment(const std::vector<std::string>& assignments) = 0;
    virtual void unset_environment(const std::vector<std::string>& names) = 0;
    /// The last lines that the unit wrote, the oldest first.
    virtual std::vector<std::string> log(const manager::Unit& unit, std::size_t lines) = 0;
    /// "enabled", "static", ...; empty where the unit has no file.
    virtual std::string unit_file_state(const manager::Unit& unit) = 0;
    /// "enabled" or "disabled", as the distribution would have it; empty where it has no file.
    virtual std::string unit_file_preset(const manager::Unit& unit) = 0;
    /// Where unit files are looked for.
    virtual std::vector<std::string> unit_path() const = 0;
    /// Whether the unit's files are others than those that were read.
    virtual bool files_have_changed(const manager::Unit& unit) = 0;
    /// How many descriptors the unit has in its store.
    virtual unsigned stored_fds(const manager::Unit& unit) = 0;
    virtual void reload_files() = 0;
    /// The whole ends in order, with this status.
    virtual void end(std::uint8_t status) = 0;
    /// Signals processes of the unit. Why not, where that cannot be.
    virtual std::string kill(manager::Unit& unit, manager::KillWhom whom, int signal) = 0;
};

/// Answers the calls that `ctl` makes.
class Calls {
public:
    Calls(manager::Engine& engine, Household& household);
    ~Calls();

    void take(const std::shared_ptr<control::Call>& call);

    // What calls may wait for.
    void job_ended(const manager::Job& job, manager::JobResult result);
    void unit_changed(const manager::Unit& unit);
    void system_state_changed();

private:
    struct Pending;
    using Answer = void (Calls::*)(const std::shared_ptr<control::Call>&);
    struct Entry {
        std::string_view name;
        Answer answer;
        bool changes_things;
    };
    static const Entry entries[];

    void units(const std::shared_ptr<control::Call>& call);
    void sockets(const std::shared_ptr<control::Call>& call);
    void jobs(const std::shared_ptr<control::Call>& call);
    void state(const std::shared_ptr<control::Call>& call);
    void system_state(const std::shared_ptr<control::Call>& call);
    void show(const std::shared_ptr<control::Call>& call);
    void log(const std::shared_ptr<control::Call>& call);
    void environment(const std::shared_ptr<control::Call>& call);
    void set_environment(const std::shared_ptr<control::Call>& call);
    void unset_environment(const std::shared_ptr<control::Call>& call);
    void enqueue(const std::shared_ptr<control::Call>& call);
    void cancel(const std::shared_ptr<control::Call>& call);
    void kill(const std::shared_ptr<control::Call>& call);
    void reset_failed(const std::shared_ptr<control::Call>& call);
    void reload(const std::shared_ptr<control::Call>& call);
    void end(const std::shared_ptr<control::Call>& call);

    void enqueue_one(const std::shared_ptr<Pending>& pending, const std::string& name);
    void settle(const std::shared_ptr<Pending>& pending);

    manager::Engine& engine_;
    Household& household_;
    std::vector<std::shared_ptr<Pending>> pending_;
    std::vector<std::shared_ptr<control::Call>> awaiting_system_;
};

}  // namespace notifybridge::init
