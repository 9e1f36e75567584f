#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/cli/live_line.hpp"
#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/guest/guest_voice.hpp"
#include "bridge/guest/message_port.hpp"
#include "bridge/guest/settings.hpp"
#include "bridge/relay/fd_lane.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/forwarder.hpp"
#include "bridge/wait/performer.hpp"
#include "bridge/wait/wait_plan.hpp"

namespace notifybridge::guest {

/// The program `wait --listen`. It starts a virtual machine, and sends the machine's messages to
/// the service manager, as wait::Wait does for containers. Messages arrive over a socket, not
/// through a shared directory. So a guest has no run to resume or to signal.
class Guest {
public:
    /// Opens the listening socket. Throws std::runtime_error if that fails.
    explicit Guest(Settings settings);

    /// Starts the command, if there is one, and forwards messages until this process has to end.
    /// Returns the exit status for this process.
    process::ExitStatus run();

private:
    using Plan = wait::WaitPlan;

    bool has_command() const { return !settings_.wait.command.empty(); }
    void begin();
    void request_time();
    void start_command();
    void enter_sandbox();
    void arrived(MessagePort::Arrival arrival);
    event::Awaitable<> forward_all();
    event::Awaitable<> forward(const std::string& text);
    void sent(const wait::Sent& message);
    void guest_may_have_ended();
    void command_ended(process::ExitStatus status);
    void take_signal(int signal);
    std::string awaited() const;
    std::string why_not_ready() const;
    void explain_late() const;
    void explain_end() const;
    void perform(const Plan::Actions& actions);
    void perform(const Plan::Action& action);
    void finish(process::ExitStatus status);

    Settings settings_;
    event::Loop loop_;
    process::Supervisor supervisor_;
    relay::Uplink uplink_;
    relay::FdLane lane_;  ///< The lane stays closed, because a guest cannot send descriptors.
    wait::Forwarder forwarder_;
    GuestVoice voice_;
    MessagePort port_;
    std::deque<MessagePort::Arrival> queue_;
    event::Wakeup queued_;
    wait::Performer performer_;
    Plan plan_;
    event::Deadline timer_;
    /// Expires `stop_timeout` after STOPPING=1. Used only if `wait` has no command, because the end
    /// of a command shows that no more messages will arrive.
    event::Deadline farewell_;
    std::optional<cli::LiveLine> live_line_;
    /// The result of `why_unreachable`, stored early because the sandbox later forbids this check.
    std::string why_unreachable_;
    bool has_come_ = false;     ///< Whether a message has arrived.
    bool has_dropped_ = false;  ///< Whether a message was too long.
    bool command_has_ended_ = false;
    bool is_over_ = false;  ///< Whether to report `caught_up` when `queue_` is empty.
    process::ExitStatus result_;
};

}  // namespace notifybridge::guest
