#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/signals.hpp"
#include "base/event/wakeup.hpp"
#include "init/answers/calls/calls.hpp"
#include "init/answers/control/server.hpp"
#include "init/answers/dbus/bus.hpp"
#include "init/daemon/generators.hpp"
#include "init/daemon/host_notifier.hpp"
#include "init/daemon/notify_port.hpp"
#include "init/daemon/progress.hpp"
#include "init/daemon/role.hpp"
#include "init/files/install/unit_files.hpp"
#include "init/hands/perform/host.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::daemon {

/// The service manager. It runs the units in one event loop, from the boot to the end of the
/// system.
class Init final {
public:
    struct Settings {
        std::string root;  ///< The root directory of all paths; empty for the system's own.
        std::string unit_path;
        std::string generator_path;  ///< SYSTEMD_GENERATOR_PATH; empty for the usual directories.
        std::string unit = "default.target";
        Role role = Role::separate;  ///< Set by the constructor of Init.
        HostNotifier::Destination host;
    };

    explicit Init(Settings settings);
    ~Init();

    /// Runs the manager until the system ends. Returns the exit status.
    int run();

private:
    properties::Daemon daemon();
    bool owns_transient_units() const;
    void remove_transient_file(const std::string& path) const;
    load::LoadedUnit load(const unit::UnitName& name);
    bool boot();
    void listen_to_system_log();
    void take(notify::Datagram& datagram, const notify::Message& message);
    bool reap();
    std::string_view system_state() const;
    event::Awaitable<> manage_files();
    event::Awaitable<> read_files_again();
    event::Awaitable<> generate_units();
    void reload_files(std::function<void()> done);
    void open_control_socket();
    void restore_control_socket();
    void end(std::uint8_t status);
    void plan_end(properties::PlannedEnd planned);
    void arm_timer();
    void notify_host_of_target(const manager::Unit& unit, manager::ActiveState before);
    std::string where_units_are() const;
    bool enqueue(std::string_view name, manager::JobType type, unit::JobMode mode);
    event::Awaitable<> run_engine();
    event::Awaitable<> handle_signals();
    void handle_signal(int signal);
    event::Awaitable<> reap_more();
    void note_abort(int signal);
    void shut_down(std::string_view why);
    bool is_going_down();
    void notify_host_of_end();
    void advance_progress();
    void report_ready();
    std::uint8_t exit_status() const;
    event::Awaitable<> finish();

    Settings settings_;
    event::Loop loop_;
    event::Signals signals_;
    install::UnitFiles files_;
    /// The lock of the run directory. The manager acquires this lock before it changes anything in
    /// the directory.
    system::UniqueFd claim_;
    HostNotifier host_notifier_;
    perform::Host host_;
    NotifyPort port_;
    manager::Engine engine_;
    calls::Calls calls_;
    dbus::Bus bus_;
    /// The server of the control socket comes last. The others served sockets that were removed.
    std::list<control::Server> servers_;
    Generators generators_;
    event::Wakeup reload_;
    /// The functions to call after the next reload of the files.
    std::vector<std::function<void()>> reloads_;
    event::Wakeup due_;
    /// Raised if more processes have ended than one turn of the loop reaps.
    event::Wakeup more_ended_;
    event::Deadline timer_;
    event::Deadline planned_end_timer_;
    properties::PlannedEnd planned_end_;
    Progress progress_;
    system::Moment boot_end_;
};

}  // namespace notifybridge::daemon
