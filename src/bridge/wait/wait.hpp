#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cli/live_line.hpp"
#include "base/event/deadline.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/channel/token.hpp"
#include "bridge/wait/client_output.hpp"
#include "bridge/wait/container_killer.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/host_plan.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/performer.hpp"
#include "bridge/wait/pull_observer.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge::wait {

/// Runs the host's side of the bridge. Starts the container manager, follows the runs of its
/// containers, and sends their messages to the service manager.
class Wait {
public:
    /// Opens and locks the shared directories. Throws channel::DirectoryError on failure.
    explicit Wait(Settings settings);

    /// Starts the command, if there is one, and follows runs until this process has to end. Returns
    /// the exit status for this process.
    process::ExitStatus run();

private:
    bool has_command() const { return !settings_.command.empty(); }
    bool has_run() const;
    bool is_pulling() const;
    void begin();
    void request_time();
    void start_command();
    void observe_pull();
    void enter_sandbox();
    void output_is_known();
    event::Awaitable<> finish_output();
    void take_signal(int signal);
    bool may_end_client(int signal) const;
    bool may_be_creating() const;
    void hold_ended();
    void pass_held_signals();
    void pass_signal(int signal);
    void command_ended(process::ExitStatus status);
    void happens(const Event& event);
    void run_began(const RunBegan& run);
    std::string awaited() const;
    void explain_late() const;
    void explain_end() const;
    void perform_all(const HostPlan::Actions& actions);
    void perform(const WaitPlan::Action& action);
    void remove_container(ContainerKiller::Request request);
    void perform(const HostPlan::SignalRuns& action);
    void perform(const HostPlan::SignalNext& action);
    void perform(const HostPlan::Say& action);
    void perform(const HostPlan::ReportRemovedDirectory& action);
    void perform(const HostPlan::EndPull& action);
    void finish(process::ExitStatus status);

    Settings settings_;
    event::Loop loop_;
    process::Supervisor supervisor_;
    system::UniqueFd directory_;
    relay::Uplink uplink_;
    Performer performer_;
    HostPlan plan_;
    Members members_;
    /// The tokens for the container manager that the command calls.
    std::list<channel::Token> tokens_;
    event::Deadline timer_;
    /// Limits how long `held_signals_` wait for the end of podman's client, or for the creation of
    /// the container.
    event::Deadline hold_;
    HostPlan::Time creation_end_{};
    std::vector<int> held_signals_;
    std::unique_ptr<ContainerKiller> killer_;  ///< Makes the manager end the container; null if no
                                               ///< manager can do this.
    std::unique_ptr<PullObserver> pull_;  ///< Observes the pull of the image; null if no image may
                                          ///< be pulled.
    bool is_pull_over_ = false;
    /// Whether a run whose output this `wait` has to take over may still begin.
    bool awaits_output_;
    std::unique_ptr<ClientOutput> output_;
    std::optional<cli::LiveLine> live_line_;
    process::ExitStatus result_;
};

}  // namespace notifybridge::wait
