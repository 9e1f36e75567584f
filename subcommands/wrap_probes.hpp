#pragma once

#include <functional>
#include <optional>

#include "bridge/probe/descriptor_probe.hpp"
#include "bridge/probe/factory.hpp"
#include "bridge/probe/hook.hpp"
#include "bridge/probe/log_probe.hpp"
#include "bridge/probe/output_tap.hpp"
#include "bridge/wrap/ready_gate.hpp"
#include "probe_settings.hpp"

namespace notifybridge {

/// Speaks for a command that does not notify: turns what probes find into messages, and runs what
/// is to be run when it is ready, stopping or dead.
class WrapProbes {
public:
    /// `status` is what was said so far, and `directory` the shared one, empty where there is none.
    WrapProbes(event::Loop& loop, process::Supervisor& supervisor, wrap::ReadyGate& gate,
               const ProbeSettings& settings, const channel::ContainerStatus& status,
               std::string directory);

    /// How long the service manager's watchdog waits, if there is one.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;
    /// Whether the command was told to end.
    std::function<bool()> told_to_end;
    /// Takes the messages that are there.
    std::function<void()> take_messages;
    /// Called where the command has to end, by this signal.
    std::function<void(int signal)> on_end_wanted;

    /// Gives the command what the probes need it to have. Throws std::runtime_error.
    void prepare(process::Command& command);

    /// The command runs: what it is asked for begins.
    void command_started(pid_t pid);

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

    void add_condition(const probe::Specification& specification, const probe::Means& means);
    void place_descriptors(process::Command& command) const;
    void output(std::string_view line);
    probe::Means means(std::chrono::microseconds limit) const;
    void heed(const notify::Message& message);
    template <typename Target>
    void tell() const;
    void say_waiting(const std::string& text);
    void say_progress();
    void give_up();
    void became_ready(bool is_said);
    void say_ready(bool is_said);
    void start_liveness();
    void say_dead(const std::string& text);
    void run_hook(std::optional<probe::Hook>& hook, std::string_view state) const;
    process::ExitStatus ended_early(process::ExitStatus end);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    wrap::ReadyGate& gate_;
    const ProbeSettings& settings_;
    const channel::ContainerStatus& status_;
    std::string directory_;
    process::Environment environment_;  ///< Of what is run beside the command.
    probe::Readiness readiness_;
    std::vector<Told> told_;
    std::vector<probe::DescriptorProbe*> descriptors_;
    std::vector<probe::LogProbe*> logs_;
    std::optional<probe::OutputTap> tap_;  ///< Where there are some of these.
    std::optional<probe::Liveness> liveness_;
    std::optional<probe::Hook> on_ready_;
    std::optional<probe::Hook> on_stopping_;
    std::optional<probe::Hook> on_dead_;
    std::optional<std::string> own_status_;  ///< The last STATUS of the command itself.
    bool own_ready_counts_ = false;          ///< The command's READY=1 is the one that is sent.
    bool ready_is_passing_ = false;          ///< A READY=1 is about to be passed on, or taken out.
    bool heeding_ = false;                   ///< A message is on its way.
    bool said_waiting_ = false;
    bool started_ = false;
    bool ready_ = false;
    bool timed_out_ = false;
    std::uint64_t extended_usec_ = 0;  ///< When more time was last asked for.
};

}  // namespace notifybridge
