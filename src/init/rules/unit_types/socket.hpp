#pragma once

#include <optional>
#include <string>
#include <vector>

#include "init/rules/unit_types/alarm.hpp"
#include "init/rules/unit_types/connections.hpp"
#include "init/rules/unit_types/process_unit.hpp"
#include "init/rules/unit_types/result.hpp"
#include "init/rules/unit_types/socket_state.hpp"
#include "init/rules/unit_types/sockets.hpp"

namespace notifybridge::unit_types {

/// A socket: the state machine of systemd 252 (systemd.socket(5)). Traffic starts its service. If
/// Accept=yes, each connection starts a service.
class Socket final : public ProcessUnit {
public:
    Socket(manager::Engine& engine, Processes& processes, Sockets& sockets,
           load::LoadedUnit loaded);

    manager::ActiveState active_state() const override { return unit_types::active_state(state_); }
    std::string_view sub_state() const override { return to_string(state_); }
    manager::Verdict start() override;
    manager::Verdict stop() override;
    void reset_failed() override;
    bool is_in_use() const override { return connections() > 0; }
    void start_limited() override;
    void settings_changed() override;
    std::uint64_t deadline() const override;
    void deadline_passed() override;

    void process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) override;
    void processes_gone() override;
    void sockets_opened() override;
    void traffic(std::size_t listener) override;
    void trigger_changed(manager::Unit& triggered) override;

    // These functions return values for `systemctl show`. They have the names of the D-Bus
    // properties.
    SocketState state() const { return state_; }
    /// Returns NAccepted, the number of all connections that were handed over to a service.
    unsigned accepted() const { return accepted_; }
    unsigned refused() const { return refused_; }
    /// Returns NConnections, the number of current connections.
    unsigned connections() const { return connections_.count(); }

private:
    using State = SocketState;

    // Defined in socket.cpp.
    void set_state(State state);
    const unit::SocketSettings& socket() const { return settings().socket; }
    const unit::Commands& commands_of(const unit::Settings& settings,
                                      CommandKind kind) const override {
        return commands(settings.socket, kind);
    }
    manager::Unit* its_service() const;
    bool is_refused_by_service() const;

    // Defined in socket_steps.cpp: the steps from one state to the next.
    void enter_start_pre();
    bool open();
    void enter_start_chown();
    void enter_start_post();
    void enter_listening();
    bool watch();
    void enter_stop_pre(Result result);
    void enter_stop_post(Result result);
    void enter_signal(State state, Result result);
    void continue_after(State state, Result result);
    void enter_dead(Result result);
    bool begin(CommandKind kind, State state);
    bool run(CommandKind kind, std::size_t index);
    bool run_next();
    void after_control(Result result);
    void timed_out() override;

    // Defined in socket_traffic.cpp.
    bool is_triggered_too_often();
    bool is_polled_too_often();
    void start_service();
    void start_connection(std::size_t listener);
    bool has_place_for(const std::string& source);
    manager::Unit* service_for(const Connection& connection);
    void refuse();

    Sockets& sockets_;
    State state_ = State::dead;
    bool is_watched_ = false;
    manager::RateLimit trigger_limit_;
    manager::RateLimit poll_limit_;
    Alarm poll_alarm_;  ///< The time to watch the sockets again after PollLimitBurst= was exceeded.
    Connections connections_;
    unsigned accepted_ = 0;
    unsigned refused_ = 0;
};

}  // namespace notifybridge::unit_types
