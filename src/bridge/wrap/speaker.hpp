#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>

#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/factory.hpp"
#include "bridge/probe/health_check.hpp"
#include "bridge/probe/hook.hpp"
#include "bridge/probe/liveness.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/output_tap.hpp"
#include "bridge/probe/readiness.hpp"
#include "bridge/wrap/ping_watch.hpp"
#include "bridge/wrap/ready_gate.hpp"
#include "bridge/wrap/speaking_plan.hpp"

namespace notifybridge::wrap {

/// Speaks for a command that does not notify. Turns the results of probes into messages, and runs
/// the hooks for its states ready, stopping and dead, as a SpeakingPlan decides.
class Speaker {
public:
    struct Options {
        std::vector<probe::Specification> ready_when;  ///< If empty, the command itself sends
                                                       ///< READY=1.
        std::vector<unsigned> http_statuses;           ///< The statuses of success; if empty, 200
                                                       ///< to 399.
        std::optional<std::string> ready_status;
        probe::Readiness::Options readiness;
        std::optional<std::chrono::microseconds> ready_extend;
        std::optional<probe::Specification> alive_when;
        probe::Liveness::Options liveness;
        std::optional<probe::HealthSettings> health;
        /// The health check is the condition of both, because no other was given. Then the
        /// command's own READY=1 counts too, and its own pings.
        bool is_health_default = false;
        std::optional<std::string> on_ready;
        std::optional<std::string> on_stopping;
        std::optional<std::string> on_dead;  ///< A command, or "kill".

        /// Returns whether any of these may use the working directory.
        bool use_directory() const;

        /// Returns whether the command's own READY=1 counts for its readiness.
        bool counts_own_ready() const;

        /// Returns whether the command may ping the watchdog itself.
        bool leaves_pings_to_command() const { return !alive_when || is_health_default; }
    };

    /// `status` is what was said so far; `directory` is the shared directory, or empty if there is
    /// none.
    Speaker(event::Loop& loop, process::Supervisor& supervisor, ReadyGate& gate,
            const Options& options, channel::ContainerStatus& status, std::string directory);

    /// Returns how long the service manager's watchdog waits, if there is one.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// --alive-when also pings if `watchdog` returns no time: there may be a watchdog that we
    /// cannot see.
    bool pings_in_any_case = false;
    /// Return whether the command was told to end. The second also counts a signal (SIGQUIT) that
    /// the command may have taken for a question.
    std::function<bool()> told_to_end;
    std::function<bool()> told_to_quit;
    /// Called once the command is ready.
    std::function<void()> on_ready;
    /// Takes the messages that have arrived.
    std::function<void()> take_messages;
    /// Called when the command has to end, with the signal for it.
    std::function<void(int signal)> on_end_wanted;

    /// Throws std::runtime_error if a probe uses an address on which the service manager listens
    /// with one of these sockets, which are for the command.
    void check_sockets(std::span<const system::Fd> sockets) const;

    /// Adds to the command what the probes need. Throws std::runtime_error.
    void prepare(process::Command& command);

    /// Returns whether the command's output passes through us.
    bool passes_output_on() const { return tap_.has_value(); }

    /// Begins to probe, because the command was started.
    void command_started(pid_t pid);

    /// Checks whether `watchdog` returns something new, for example because a `wait` came after the
    /// command was ready.
    void watchdog_changed();

    /// Passes on a new size of our terminal.
    void follow_size();

    /// Handles the end of the command, whose messages were all taken. Returns the end that counts.
    process::ExitStatus command_ended(process::ExitStatus end);

    /// Returns when no hook runs any more. Hooks have `patience` from now on.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// Returns when all output has arrived. Call it when nobody writes any more.
    event::Awaitable<> pass_output_on();

    /// Gives the readers of that output this much time from now on.
    void hurry_output(std::chrono::microseconds patience);

private:
    /// A condition whose probe is told when it holds.
    struct Told {
        const probe::Target& target;
        probe::ToldProbe& probe;
    };

    /// The message of the command that passes now; no other is taken meanwhile.
    enum class Passing { nothing, ready, message };

    void set_hook(HookState state, const std::optional<std::string>& command);
    void add_condition(const probe::Specification& specification, const probe::Means& means);
    /// Keeps a probe that has to be told something.
    void keep(const probe::Specification& specification, probe::ToldProbe& probe);
    void keep(const probe::Specification& specification, probe::DescriptorProbe& probe);
    void keep(const probe::Specification& specification, probe::LogProbe& probe);
    static void keep(const probe::Specification& /*specification*/, probe::Probe& /*probe*/) {}
    void place_descriptors(process::Command& command) const;
    void output(std::string_view line);
    probe::Means means(std::chrono::microseconds limit, probe::Purpose purpose) const;
    void make_health_check();
    void start_health_check();
    void take_health(probe::HealthPlan::Change change);
    bool is_excused() const;
    void ping();
    void take(const notify::Message& message);
    void conditions_hold();
    template <typename Target>
    void tell() const;
    void start_liveness();
    void run_hook(HookState state);
    void perform(const SpeakingPlan::Actions& actions);
    void perform(const SpeakingPlan::Action& action);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    ReadyGate& gate_;
    const Options& options_;
    channel::ContainerStatus& status_;
    std::string directory_;
    process::Environment environment_;  ///< The environment of probes and hooks.
    SpeakingPlan plan_;
    probe::Readiness readiness_;
    std::vector<Told> told_;
    std::vector<probe::DescriptorProbe*> descriptors_;
    std::vector<probe::LogProbe*> logs_;
    std::optional<probe::OutputTap> tap_;  ///< Set if there are any of `logs_`.
    std::optional<probe::HealthCheck> health_;
    std::optional<probe::Liveness> liveness_;
    PingWatch ping_watch_;
    std::array<std::optional<probe::Hook>, 3> hooks_;  ///< Indexed by HookState.
    Passing passing_ = Passing::nothing;
    bool has_started_ = false;
    bool command_pings_ = false;
};

}  // namespace notifybridge::wrap
