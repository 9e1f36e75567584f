#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/signals.hpp"
#include "base/system/mounts.hpp"
#include "init/execute/dynamic_users.hpp"
#include "init/execute/environment.hpp"
#include "init/execute/streams.hpp"
#include "init/listen/listeners.hpp"
#include "init/manager/unit.hpp"
#include "init/output/output_log.hpp"
#include "init/perform/bus_names.hpp"
#include "init/perform/fd_store.hpp"
#include "init/perform/path_watch.hpp"
#include "init/perform/poller.hpp"
#include "init/perform/running_units.hpp"
#include "init/perform/unit_processes.hpp"
#include "init/unit/specifier.hpp"
#include "init/unit_types/processes.hpp"
#include "init/unit_types/sockets.hpp"

namespace notifybridge::execute {
struct StartRequest;
}

namespace notifybridge::perform {

/// Facts about the surroundings, for the manager.
struct HostSettings {
    const unit::Facts& facts;
    execute::ManagerEnvironment environment;
    std::string notify_socket;  ///< The address that services send to.
    std::optional<execute::Cgroups> cgroups;
    listen::InheritedFds inherited;
};

/// Performs on this system what the manager asks for, and tells its units what happens.
class Host final : public manager::Surroundings,
                   public unit_types::Processes,
                   public unit_types::Sockets,
                   public unit_types::Descriptors,
                   public RunningUnits {
public:
    /// Output of units goes to `output`.
    Host(event::Loop& loop, system::Fd output, HostSettings settings);
    ~Host() override;

    /// Returns the unit with this key, or null: a unit may have gone when an event for it arrives.
    std::function<manager::Unit*(std::string_view key)> find_unit;
    /// Called after units received events: the engine has to run.
    std::function<void()> on_events;
    /// Called when the whole system is to end.
    std::function<void(unit::EmergencyAction action, int status)> on_end;

    /// Must be called on SIGCHLD: reports ended processes to their units, and reaps them. Returns
    /// whether there may be more, for a later turn of the loop.
    bool reap_children();
    /// No job is left: what waited for that goes on.
    void become_idle();
    /// The descriptors that came with the message that is told to a unit next.
    void set_message_fds(std::vector<system::UniqueFd> fds) {
        system::close_at_once(std::exchange(message_fds_, std::move(fds)));
    }
    /// Lets go of all that a unit had.
    void forget(const manager::Unit& unit);

    const std::string& notify_socket() const { return settings_.notify_socket; }
    execute::ManagerEnvironment& environment() { return settings_.environment; }
    output::OutputLog& output() { return output_; }

    /// These must be spawned; they run until the loop ends.
    event::Awaitable<> run_poller() { return poller_.run(); }
    event::Awaitable<> run_output() { return output_.run(); }
    event::Awaitable<> run_writer() { return output_.run_writer(); }

    // RunningUnits
    manager::Unit* unit_of(pid_t pid) override;
    std::vector<pid_t> processes_of(const manager::Unit& unit) override;
    execute::Identity identity_of(const manager::Unit& unit) const override;
    execute::GroupUsage usage_of(const manager::Unit& unit) const override;
    unsigned stored_fds(const manager::Unit& unit) override;
    std::vector<std::string> log(const manager::Unit& unit, std::size_t lines) const override;
    std::string kill_by_hand(const manager::Unit& unit, manager::KillWhom whom,
                             int signal) override;

    // Surroundings
    system::Moment now() const override { return system::now(); }
    bool holds(const manager::Unit& unit, const std::vector<unit::Condition>& conditions,
               unit::UnmetConditions& unmet) override;
    bool has_processes(const manager::Unit& unit) override;
    void end(unit::EmergencyAction action, int status) override;
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text) override;

    // Processes
    unit_types::StartedProcess start_process(const unit_types::ProcessRequest& request) override;
    bool kill(const manager::Unit& unit, const unit_types::KillRequest& request) override;
    PidFile read_pid_file(const manager::Unit& unit, const std::string& path) override;
    void watch_pid_file(const manager::Unit& unit, const std::string& path, bool watched) override;
    pid_t guess_main_pid(const manager::Unit& unit) override;
    bool owns(const manager::Unit& unit, pid_t pid) override;
    bool watch_process(const manager::Unit& unit, pid_t pid) override;
    void watch_bus_name(const manager::Unit& unit) override;
    void clean_up(const manager::Unit& unit, bool will_restart) override;

    // Sockets
    void open_sockets(const manager::Unit& unit) override;
    void watch_sockets(const manager::Unit& unit, bool watched) override;
    void close_sockets(const manager::Unit& unit) override;
    void flush_sockets(const manager::Unit& unit) override;
    std::optional<unit_types::Connection> accept(const manager::Unit& socket,
                                                 std::size_t listener) override;
    void hand_over(const manager::Unit& socket, const manager::Unit& service) override;
    void refuse(const manager::Unit& socket) override;

    // Descriptors
    void store_fds(const manager::Unit& unit, std::string_view name, bool polled) override;
    void remove_fds(const manager::Unit& unit, std::string_view name) override;
    void release_fds(const manager::Unit& unit) override;
    void close_connection(const manager::Unit& service) override;

private:
    /// The resources of a unit on this system.
    struct Possessions {
        std::vector<listen::Listener> listeners;
        bool are_watched = false;
        system::UniqueFd connection;  ///< Of a service.
        FdStore stored;
    };
    /// A process that prepares itself, until it has executed its program.
    struct Starting {
        std::string unit;
        std::string program;
        system::UniqueFd report;
        std::string written;  ///< To it, so far.
    };

    /// Null for most, which have nothing.
    Possessions* possessions_of(const manager::Unit& unit);
    Possessions& make_possessions_of(const manager::Unit& unit) { return possessions_[unit.key()]; }
    std::string key_of(pid_t pid);
    std::span<listen::Listener> listeners_of(const manager::Unit& unit);
    system::Fd idle_event();
    execute::DynamicIds acquire_ids(const manager::Unit& unit);
    void collect_fds(const unit_types::ProcessRequest& request, execute::StartRequest& start);
    std::vector<execute::NamedFd> sockets_of(const manager::Unit& service);
    void tell(const std::string& key, const std::function<void(manager::Unit&)>& event);
    std::set<std::string> tell_of_end(const EndedProcess& ended);
    void tell_if_none_is_left(const std::set<std::string>& units);
    bool watch_other(pid_t pid);
    void follow_start(pid_t pid, const unit_types::ProcessRequest& request,
                      system::UniqueFd report);
    void read_report(pid_t pid);
    void say_of_failure(const manager::Unit& unit, const std::string& program,
                        const execute::Failure& failure, bool is_ignored);
    void look_after_forks();
    void drop(std::vector<FdStore::Stored> stored);

    HostSettings settings_;
    const sigset_t ignored_signals_ = event::ignored_signals();
    Poller poller_;
    system::Mounts mounts_;
    PathWatch paths_;
    BusNames bus_;
    output::OutputLog output_;
    UnitProcesses processes_;
    execute::DynamicUsers dynamic_users_;
    std::map<std::string, Possessions> possessions_;
    std::map<pid_t, std::string> children_;  ///< That we started for units, until reaped.
    std::map<pid_t, Starting> starting_;
    std::set<pid_t> forking_;                          ///< Started for services of Type=forking.
    Others others_;                                    ///< That are watched.
    std::map<pid_t, std::set<std::string>> watchers_;  ///< Units that took it as their main one.
    std::vector<system::UniqueFd> message_fds_;
    system::UniqueFd accepted_;  ///< By a socket unit, and neither handed over nor refused yet.
    event::Deadline next_look_;
    system::UniqueFd idle_event_;  ///< For the processes that wait until no job is left.
};

}  // namespace notifybridge::perform
