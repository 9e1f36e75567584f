#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>

#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/factory.hpp"
#include "bridge/probe/hook.hpp"
#include "bridge/probe/liveness.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/output_tap.hpp"
#include "bridge/probe/readiness.hpp"
#include "bridge/probe/speaking_plan.hpp"
#include "bridge/wrap/ping_watch.hpp"
#include "bridge/wrap/ready_gate.hpp"

namespace notifybridge::wrap {

/// Speaks for a command that does not notify: turns what probes find into messages, and runs what
/// is to be run when it is ready, stopping or dead, as a SpeakingPlan says.
class Speaker {
public:
    struct Options {
        std::vector<probe::Specification> ready_when;  ///< None: the command says READY=1 itself.
        std::vector<unsigned> http_statuses;           ///< That hold; none: 200 to 399.
        std::optional<std::string> ready_status;
        probe::Readiness::Options readiness;
        std::optional<std::chrono::microseconds> ready_extend;
        std::optional<probe::Specification> alive_when;
        probe::Liveness::Options liveness;
        std::optional<std::string> on_ready;
        std::optional<std::string> on_stopping;
        std::optional<std::string> on_dead;  ///< A command, or "kill".

        /// Whether the working directory may mean something to one of them.
        bool use_directory() const;

        /// Whether a READY=1 of the command's has a part in its readiness.
        bool counts_own_ready() const;
    };

    /// `status` is what was said so far, and `directory` the shared one, empty where there is none.
    Speaker(event::Loop& loop, process::Supervisor& supervisor, ReadyGate& gate,
            const Options& options, const channel::ContainerStatus& status, std::string directory);

    /// How long the service manager's watchdog waits, if there is one.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// Whether --alive-when pings though `watchdog` has no time: there may be one that we cannot
    /// see.
    bool pings_in_any_case = false;
    /// Whether the command was told to end; the second, or by a signal (SIGQUIT) that it may have
    /// taken for a question.
    std::function<bool()> told_to_end;
    std::function<bool()> told_to_quit;
    /// Takes the messages that are there.
    std::function<void()> take_messages;
    /// Called where the command has to end, by this signal.
    std::function<void(int signal)> on_end_wanted;

    /// Throws std::runtime_error if a probe is of an address that the service manager listens on by
    /// one of these sockets, which are for the command.
    void check_sockets(std::span<const system::Fd> sockets) const;

    /// Gives the command what the probes need it to have. Throws std::runtime_error.
    void prepare(process::Command& command);

    /// Whether the command's output passes through us.
    bool passes_output_on() const { return tap_.has_value(); }

    /// The command runs: what it is asked for begins.
    void command_started(pid_t pid);

    /// What `watchdog` says may be new, as by a `wait` that comes when the command is ready.
    void watchdog_changed();

    /// Our terminal may have another size now.
    void follow_size();

    /// The command has ended, and all its messages were taken. Returns what counts as its end.
    process::ExitStatus command_ended(process::ExitStatus end);

    /// Returns when no hook runs any more, which have `patience` from now on.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// Nobody writes any more: returns when all that was written has arrived.
    event::Awaitable<> pass_output_on();

    /// The readers of that output have so much time from now on.
    void hurry_output(std::chrono::microseconds patience);

private:
    /// A condition that somebody else sees come.
    struct Told {
        const probe::Target& target;
        probe::ToldProbe& probe;
    };

    /// A message of the command's that is on its way, within which no other is taken.
    enum class Passing { nothing, ready, message };

    void set_hook(probe::HookState state, const std::optional<std::string>& command);
    void add_condition(const probe::Specification& specification, const probe::Means& means);
    void place_descriptors(process::Command& command) const;
    void output(std::string_view line);
    probe::Means means(std::chrono::microseconds limit) const;
    void take(const notify::Message& message);
    void conditions_hold();
    template <typename Target>
    void tell() const;
    void start_liveness();
    void run_hook(probe::HookState state);
    void perform(const probe::SpeakingPlan::Actions& actions);
    void perform(const probe::SpeakingPlan::Action& action);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    ReadyGate& gate_;
    const Options& options_;
    const channel::ContainerStatus& status_;
    std::string directory_;
    process::Environment environment_;  ///< Of what is run beside the command.
    probe::SpeakingPlan plan_;
    probe::Readiness readiness_;
    std::vector<Told> told_;
    std::vector<probe::DescriptorProbe*> descriptors_;
    std::vector<probe::LogProbe*> logs_;
    std::optional<probe::OutputTap> tap_;  ///< Where there are some of these.
    std::optional<probe::Liveness> liveness_;
    PingWatch ping_watch_;
    std::array<std::optional<probe::Hook>, 3> hooks_;  ///< By HookState.
    Passing passing_ = Passing::nothing;
    bool has_started_ = false;
};

}  // namespace notifybridge::wrap
