#pragma once

#include <optional>
#include <string>
#include <vector>

#include "init/rules/manager/socket_activated.hpp"
#include "init/rules/unit_types/command_runner.hpp"
#include "init/rules/unit_types/connections.hpp"
#include "init/rules/unit_types/kill_plan.hpp"
#include "init/rules/unit_types/process_unit.hpp"
#include "init/rules/unit_types/result.hpp"
#include "init/rules/unit_types/service_messages.hpp"
#include "init/rules/unit_types/service_state.hpp"
#include "init/rules/unit_types/sockets.hpp"
#include "init/rules/unit_types/watchdog.hpp"

namespace notifybridge::unit_types {

/// A service: the state machine of systemd 252 (systemd.service(5)), with settings of later
/// releases. The functions are in several files: service.cpp and service_….cpp.
class Service final : public ProcessUnit, public manager::SocketActivated {
public:
    Service(manager::Engine& engine, Processes& processes, Descriptors& descriptors,
            load::LoadedUnit loaded);

    manager::ActiveState active_state() const override;
    std::string_view sub_state() const override;
    manager::Verdict start() override;
    manager::Verdict stop() override;
    manager::Verdict reload() override;
    bool can_reload() const override;
    void reset_failed() override;
    void start_limited() override;
    std::optional<manager::OwnProcesses> own_processes() const override {
        return manager::OwnProcesses{main_.pid(), control_.pid()};
    }
    bool is_in_use() const override { return main_.pid() > 0 || control_.pid() > 0; }
    std::uint64_t deadline() const override;
    void deadline_passed() override;
    void settings_replaced(const unit::Settings& before) override;
    void settings_changed() override;
    std::optional<std::uint8_t> exit_status() const override;

    void process_executed(pid_t pid) override;
    void process_refused(pid_t pid) override { refused_pid_ = pid; }
    void process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) override;
    void processes_gone() override;
    void notified(const system::Credentials& sender, const notify::Message& message,
                  std::size_t fds) override;
    void pid_file_changed() override;
    void bus_name_changed(bool has_owner) override;
    std::vector<std::string> monitor_environment() const override;

    // The following functions return values for `systemctl show`. They have the names of the D-Bus
    // properties.
    ServiceState state() const { return state_; }
    pid_t main_pid() const { return main_.pid(); }
    const ExecStatus& exec_main() const { return exec_main_; }
    Result reload_result() const { return reload_result_; }
    unsigned restarts() const { return restarts_; }
    const ServiceMessages& messages() const { return messages_; }
    unit::NotifyAccess notify_access() const;
    system::Moment watchdog_timestamp() const { return watchdog_.last_ping(); }
    util::TimeSpan watchdog_span() const { return watchdog_.span(); }
    ExecStatus exec_status(CommandKind kind, std::size_t index) const override;

    manager::SocketActivated* socket_activated() override { return this; }
    manager::SocketUse socket_use() const override { return unit_types::socket_use(state_); }
    bool take_connection(Connections::Place place, const std::string& peer) override;
    void close_connection() override;

private:
    using State = ServiceState;

    // Defined in service.cpp.
    void set_state(State state);
    void clean_up_for(State state);
    const unit::ServiceSettings& service() const { return settings().service; }
    const unit::Commands& commands_of(const unit::Settings& settings,
                                      CommandKind kind) const override {
        return commands(settings.service, kind);
    }
    bool is_notifying() const;
    bool is_on_bus() const { return service().type == unit::ServiceType::dbus; }

    // Defined in service_start.cpp: the start, and the return from a reload to the active state.
    void enter_condition();
    void enter_start_pre();
    void enter_start();
    void enter_start_post();
    void enter_running(Result result);
    void enter_reload();
    void enter_reload_by_notify();
    bool may_start_beside_leftovers();
    void arm_running();

    // Defined in service_stop.cpp: the stop.
    void enter_stop(Result result);
    void enter_stop_by_notify();
    void enter_signal(State state, Result result);
    void enter_stop_post(Result result);
    void enter_dead(Result result, bool may_restart);
    void enter_auto_restart();
    void enter_restart();
    bool has_any_process() const;
    KillOperation kill_operation(State state) const;

    // Defined in service_timeout.cpp.
    util::TimeSpan time_limit(State state) const;
    void arm(State state);
    void timed_out() override;
    void stopping_timed_out();
    void end_by(unit::TimeoutFailureMode mode, bool is_final);
    void kill_or_continue(bool is_final);
    void reload_timed_out();

    // Defined in service_exit.cpp: ends of processes.
    Result service_result(const ExecStatus& run, ProcessKind kind,
                          const unit::Command* command) const;
    void main_ended();
    void control_ended(const ExecStatus& run);
    Result condition_result_of(Result result, const ExecStatus& run);
    void after_main(Result result);
    void after_main_in_start(Result result);
    void after_control(State state, Result result);
    void after_forking(Result result);
    void after_start_post(Result result);
    void after_reload(Result result);

    // Defined in service_process.cpp: starts of processes, and the main process.
    enum class Life { dead, alive, unknown };
    Life main_life() const;
    bool is_good() const;
    bool begin(CommandKind kind);
    std::optional<StartedProcess> run(CommandKind kind, std::size_t index);
    bool run_next_control();
    bool run_next_main();
    void failed_next_control();
    std::vector<std::string> environment(CommandKind kind) const;
    void set_main_pid(pid_t pid);
    enum class PidFileOutcome { none, same, changed };
    PidFileOutcome load_pid_file(bool explains);
    bool demand_pid_file();
    void find_main_pid();
    bool has_lost_daemon();

    // Defined in service_notify.cpp.
    bool accepts(pid_t sender) const;
    void take_main_pid(const system::Credentials& sender, const notify::Message& message);
    void take_phase(const notify::Message& message);
    void take_ready(const notify::Message& message);
    bool answers_reload(const notify::Message& message) const;
    void take_watchdog(const notify::Message& message);
    void take_access(const notify::Message& message);
    void take_fds(const notify::Message& message, std::size_t fds);

    Descriptors& descriptors_;
    State state_ = State::dead;
    Result reload_result_ = Result::success;
    Watchdog watchdog_;

    /// The main process. It is not always the process that was started: for Type=forking,
    /// ExecStart= is a control process that leaves the main process behind.
    CommandRunner main_;
    ExecStatus exec_main_;
    /// The pid of the main or control process if lack of resources prevented the start of its
    /// program, and 0 otherwise.
    pid_t refused_pid_ = 0;
    unsigned restarts_ = 0;
    ServiceMessages messages_;
    std::uint64_t reload_begin_ = 0;
    bool main_pid_known_ = false;
    bool waits_for_pid_file_ = false;
    bool has_bus_name_ = false;

    bool forbids_restart_ = false;    ///< Whether a requested stop forbids a restart.
    bool restarts_directly_ = false;  ///< Whether RestartMode=direct has requested a start.
    bool forgets_restarts_ = false;   ///< Whether the next start resets the count of restarts.

    Connections::Place connection_;
};

}  // namespace notifybridge::unit_types
