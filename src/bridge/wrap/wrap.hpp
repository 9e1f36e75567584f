#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/event/loop.hpp"
#include "base/event/timer.hpp"
#include "base/process/pid1_handover.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/wrap/on_demand.hpp"
#include "bridge/wrap/outlet.hpp"
#include "bridge/wrap/ready_descriptor.hpp"
#include "bridge/wrap/ready_gate.hpp"
#include "bridge/wrap/sender_gate.hpp"
#include "bridge/wrap/settings.hpp"
#include "bridge/wrap/socket_place.hpp"
#include "bridge/wrap/speaker.hpp"

namespace notifybridge::wrap {

/// Runs the container's side of the bridge. Owns the socket, starts the command, forwards the
/// messages of the command and its descendants, and exits with the command's status.
class Wrap final : private OutletListener {
public:
    /// Forks if the command must be PID 1, and returns only in the child.
    explicit Wrap(Settings settings);

    /// Runs the command until its end. Returns the exit status for this process. If the bridge
    /// cannot be set up, or if an error ends the loop, records the run as failed and throws.
    process::ExitStatus run();

private:
    void room_came() override;
    void signal_came(int signal) override;
    void host_changed() override;
    void on(const process::CommandEnding& event);
    void on(const process::CommandEnded& event);
    void on(const process::SignalCame& event);
    void on(const process::SignalUnclaimed& event);
    void on(const process::EndAsked& event);
    void on(const process::StopComes& event);
    void on(const process::SignalPassed& event);
    void on(const process::WindowChanged& event);

    void start();
    std::string open_outlet();
    void open_straight_outlet();
    void open_intake(const std::string& directory);
    void start_command();
    void start_as_pid1(const process::Environment& environment);
    void leave_directory() const;
    void hold_back_command();
    event::Awaitable<> start_with_handed_in();
    void make_sender_gate();
    void hand_over(pid_t named);
    void make_speaker();
    void make_on_demand();
    void request_stop_time();
    void kill_command();
    void end_command(int signal);
    void end_idle_command();
    void limit_command(std::chrono::microseconds patience);
    void command_ended(process::ExitStatus status);
    void warn_of_passed_signal(process::ExitStatus status) const;
    void explain_end() const;
    event::Awaitable<> finish(process::ExitStatus status);

    Settings settings_;
    /// Set if the command must be PID 1. Declared before the loop, which must not exist yet when
    /// the handover forks.
    std::optional<process::Pid1Handover> handover_;
    event::Loop loop_;
    process::Supervisor supervisor_;
    channel::ContainerStatus status_;
    system::UniqueFd directory_;
    std::optional<PrivateDirectory> private_directory_;
    std::unique_ptr<Outlet> outlet_;
    /// Declared after the outlet, so that the name is removed before the journal's lock is
    /// released. The next process with the lock creates a socket with this name.
    std::optional<SocketName> socket_;
    std::optional<ReadyDescriptor> ready_descriptor_;
    std::optional<ReadyGate> gate_;
    std::optional<SenderGate> sender_gate_;
    std::optional<Speaker> speaker_;
    std::unique_ptr<OnDemand> on_demand_;  ///< Serves the sockets of --proxy; null without that
                                           ///< option.
    std::optional<Intake> intake_;
    event::Timer kill_timer_{loop_};
    relay::NamedFds handed_in_;  ///< Descriptors that `wait` has passed for the command.
    /// `held_back`: the command waits for its descriptors. `ended`: the command has ended, or a
    /// signal has ended the run, before the command's start or while the command is PID 1.
    enum class Phase { preparing, held_back, started, ended };
    Phase phase_ = Phase::preparing;
    /// Whether the host ended the command with SIGKILL, or --idle-timeout ended it.
    bool asked_to_end_ = false;
    /// Whether --idle-timeout has ended the command, which counts as success.
    bool is_idle_ = false;
    process::ExitStatus result_;
};

}  // namespace notifybridge::wrap
