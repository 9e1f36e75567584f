#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "base/event/loop.hpp"
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
#include "bridge/wrap/wrap_plan.hpp"

namespace notifybridge::wrap {

/// Runs the container's side of the bridge. Owns the socket, starts the command, forwards the
/// messages of the command and its descendants, and exits with the command's status.
class Wrap final : public EventSink, private OutletListener {
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
    void happens(const Event& event) override;

    void start();
    std::string open_outlet();
    void open_straight_outlet();
    void open_intake(const std::string& directory);
    void start_command();
    void start_as_pid1(const process::Environment& environment);
    void leave_directory() const;
    event::Awaitable<> await_descriptors();
    void make_sender_gate();
    void hand_over(pid_t named);
    void make_speaker();
    void perform_all(const WrapPlan::Actions& actions);
    void perform(const WrapPlan::Action& action);
    void perform_on_demand(WrapPlan::Action::Kind kind);
    event::Awaitable<> finish(process::ExitStatus status);

    Settings settings_;
    /// Set if the command must be PID 1. Declared before the loop, which must not exist yet when
    /// the handover forks.
    std::optional<process::Pid1Handover> handover_;
    event::Loop loop_;
    process::Supervisor supervisor_;
    WrapPlan plan_;
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
    event::Deadline timer_{loop_};
    relay::NamedFds handed_in_;  ///< Descriptors that `wait` has passed for the command.
};

}  // namespace notifybridge::wrap
