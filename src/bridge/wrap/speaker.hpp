#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/event/deadline.hpp"
#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/factory.hpp"
#include "bridge/probe/health_check.hpp"
#include "bridge/probe/hook.hpp"
#include "bridge/probe/liveness.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/output_tap.hpp"
#include "bridge/probe/readiness.hpp"
#include "bridge/wrap/change_limit.hpp"
#include "bridge/wrap/ping_watch.hpp"
#include "bridge/wrap/ready_gate.hpp"
#include "bridge/wrap/reload_watch.hpp"
#include "bridge/wrap/speaking_plan.hpp"
#include "bridge/wrap/wrap_plan.hpp"

namespace notifybridge::wrap {

/// Sends messages for a command that does not notify, according to the results of probes. Runs the
/// hooks for the states ready, stopping and dead. A SpeakingPlan makes the decisions.
class Speaker {
public:
    struct Options {
        /// The conditions of --ready-when. If there are none, the command itself sends READY=1.
        std::vector<probe::Specification> ready_when;
        /// The HTTP statuses that mean success. If this is empty, 200 to 399 mean success.
        std::vector<unsigned> http_statuses;
        std::optional<std::string> ready_status;
        probe::Readiness::Options readiness;
        std::optional<std::chrono::microseconds> ready_extend;
        std::optional<probe::Specification> alive_when;
        probe::Liveness::Options liveness;
        std::optional<probe::HealthSettings> health;
        /// The targets of --proxy. The health check runs as soon as all of them accept connections.
        std::vector<probe::Specification> targets;
        /// Whether the health check decides about readiness and liveness, because no option gives
        /// another condition. In that case, READY=1 and pings of the command also count.
        bool is_health_default = false;
        /// Whether the published ports decide about readiness and liveness, because no option and
        /// no health check gives another condition. The command may still notify itself.
        bool is_listen_default = false;
        std::optional<std::string> on_ready;
        std::optional<std::string> on_stopping;
        std::optional<std::string> on_dead;  ///< A command, or "kill".

        /// Returns whether one of these probes or hooks may use the working directory.
        bool use_directory() const;

        /// Returns whether one of the probes examines the command's sockets.
        bool need_sockets() const;

        /// Returns whether the command's own READY=1 counts for its readiness.
        bool counts_own_ready() const;

        /// Returns whether a dead command is killed, instead of running a hook.
        bool kills_dead() const;

        SpeakingPlan::Options plan() const;

        /// Returns whether the conditions were chosen without an option, so that the command may
        /// also notify itself.
        bool are_default() const { return is_health_default || is_listen_default; }

        /// Returns what makes the command ready, and why: "the app sends READY=1, or listens on
        /// port 80, because -p publishes it". Returns an empty text if only the app's READY=1
        /// counts.
        std::string ready_condition() const;

        /// Returns whether the command may ping the watchdog itself.
        bool leaves_pings_to_command() const { return !alive_when || are_default(); }
    };

    /// What a speaker knows of the whole `wrap`.
    struct Whole {
        const WrapPlan& plan;
        EventSink& events;
        const WatchdogSource& unit;
    };

    /// `status` always contains the state after the messages so far. `directory` is the shared
    /// directory, or empty if there is none. Emits CommandReady once, MessagesDue before that, and
    /// EndWanted.
    Speaker(event::Loop& loop, process::Supervisor& supervisor, ReadyGate& gate,
            const Options& options, channel::ContainerStatus& status, std::string directory,
            Whole whole);

    /// Whether --alive-when pings even without a known watchdog, because there may be a watchdog
    /// that we cannot see.
    bool pings_in_any_case = false;

    /// Checks the probes against `sockets`, which are for the command and on which the service
    /// manager listens. Throws std::runtime_error if a probe uses the address of such a socket.
    void check_sockets(std::span<const system::Fd> sockets) const;

    /// Creates the probes of --ready-when, and connects the command's descriptors and output to
    /// them. Throws std::runtime_error if a descriptor has the number of a socket.
    void prepare(process::Command& command);

    /// Returns whether the command's output passes through us.
    bool passes_output_on() const { return tap_.has_value(); }

    /// Begins to probe. Call this when the command was started.
    void command_started();

    /// Call this when the unit's watchdog may have changed. For example, a `wait` may have started
    /// after the command was ready.
    void watchdog_changed();

    /// Sets the size of the command's terminal to that of our terminal.
    void follow_size();

    /// Handles a signal that the command gets.
    void signal_passed(int signal);

    /// Handles the end of the command. Call this after all its messages were taken. Returns the
    /// exit status that counts.
    process::ExitStatus command_ended(process::ExitStatus end);

    /// Returns when no hook runs any more. From now on, hooks have `patience` to end.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// Returns when all output was passed on. Call this when no process writes output any more.
    event::Awaitable<> pass_output_on();

    /// Makes `pass_output_on` wait at most `patience` from now on for readers of the output.
    void hurry_output(std::chrono::microseconds patience);

private:
    static constexpr std::chrono::seconds check_limit{5};  ///< The longest time of one check.

    /// A condition and its probe. The probe must be informed when the condition is met.
    struct Told {
        const probe::Target& target;
        probe::ToldProbe& probe;
    };

    /// The kind of message that is being handled. No other message is taken meanwhile.
    enum class Passing { nothing, ready, message };

    void set_hook(HookState state, const std::optional<std::string>& command);
    void add_condition(const probe::Specification& specification, const probe::Means& means);
    /// These functions store a probe if this object has to report events to the probe.
    void keep(const probe::Specification& specification, probe::ToldProbe& probe);
    void keep(const probe::Specification& specification, probe::DescriptorProbe& probe);
    void keep(const probe::Specification& specification, probe::LogProbe& probe);
    static void keep(const probe::Specification& /*specification*/, probe::Probe& /*probe*/) {}
    void place_descriptors(process::Command& command) const;
    void output(std::string_view line);
    probe::Means means(std::chrono::microseconds limit, probe::Purpose purpose);
    void make_health_check();
    void start_health_check();
    void take_health(probe::HealthPlan::Change change);
    std::optional<std::chrono::microseconds> shortest_watchdog() const;
    bool is_excused() const;
    bool was_told_to_quit() const { return whole_.plan.was_told_to_quit(event::Deadline::now()); }
    void ping();
    void take(const notify::Message& message);
    void conditions_hold();
    template <typename Target>
    void tell() const;
    bool may_watch_life() const;
    void start_liveness();
    void watch_reload();
    void run_hook(HookState state);
    void report_change(ChangeLimit& limit, SpeakingPlan::Actions actions);
    void perform(const SpeakingPlan::Actions& actions);
    void perform(const SpeakingPlan::Action& action);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    ReadyGate& gate_;
    const Options& options_;
    channel::ContainerStatus& status_;
    std::string directory_;
    process::Environment environment_;  ///< The environment of probes and hooks.
    Whole whole_;
    SpeakingPlan plan_;
    ChangeLimit health_changes_;
    ChangeLimit life_changes_;
    probe::Readiness readiness_;
    std::vector<Told> told_;
    std::optional<probe::OwnListeners> listeners_;
    probe::ListenPlan listen_plan_;
    std::vector<probe::DescriptorProbe*> descriptors_;
    std::vector<probe::LogProbe*> logs_;
    std::optional<probe::OutputTap> tap_;  ///< Reads the command's output; nullopt if `logs_` is
                                           ///< empty.
    std::optional<probe::HealthCheck> health_;
    std::optional<probe::Liveness> liveness_;
    PingWatch ping_watch_;
    ReloadWatch reload_watch_;
    std::array<std::optional<probe::Hook>, 3> hooks_;  ///< Indexed by HookState.
    Passing passing_ = Passing::nothing;
    bool has_started_ = false;
    bool is_ready_ = false;
    bool command_pings_ = false;
};

}  // namespace notifybridge::wrap
