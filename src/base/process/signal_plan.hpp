#pragma once

#include <chrono>
#include <optional>

#include "base/process/exit_status.hpp"

namespace notifybridge::process {

/// Decides what happens to each signal that arrives for a command, and records the signals. Pure.
/// Times are those of any clock that does not go back.
class SignalPlan {
public:
    using Time = std::chrono::microseconds;

    /// How a signal arrived: this process received it, or a message contained it.
    enum class Way { received, told };

    struct Arrival {
        int signal = 0;
        Way way = Way::received;
        bool from_terminal = false;
        bool from_outside = false;  ///< Whether the sender is outside our pid namespace.
    };

    /// The command when the signal arrives.
    struct Target {
        bool is_running = false;
        bool has_own_group = false;  ///< Whether the terminal's signals do not reach the command.
    };

    enum class Fate {
        stop_ourselves,  ///< The terminal has stopped the command, so this process has to stop.
        already_there,   ///< The terminal has also sent the signal to the command.
        report,          ///< Our owner handles the signal.
        repeated,        ///< The signal has just arrived in the other way.
        pass,            ///< Send the signal to the command, unless `keep` keeps it.
        unclaimed,       ///< A terminating signal, but no command runs.
        dropped,
    };

    struct Decision {
        Fate fate = Fate::dropped;
        int signal = 0;  ///< The signal to pass on or to report. May differ from the arrived one.

        bool operator==(const Decision&) const = default;
    };

    explicit SignalPlan(bool is_pid1) : is_pid1_(is_pid1) {}

    /// Sets the signal that the command gets instead of SIGTERM.
    void set_stop_signal(int signal) { stop_signal_ = signal; }
    /// Records that the command is an init that is not our child. All signals that request an end
    /// become `stop_signal`. Signals from outside the namespace are passed on even if others are
    /// reported.
    void follow_init(int stop_signal);
    /// Sets whether signals are reported instead of passed on. Signals that the terminal also sends
    /// to the command (SIGINT), or that report about the terminal (SIGWINCH), are never reported.
    void report_signals(bool are_reported) { are_reported_ = are_reported; }

    /// Records a signal when it arrives. Returns whether it requests an orderly end. After a stop
    /// signal, returns true for every signal.
    bool note(const Arrival& arrival, Time now);
    /// Decides about a signal that was noted.
    Decision judge(const Arrival& arrival, Target command, Time now);
    /// Returns the signal to send to the command instead of `signal`. SIGTERM becomes the stop
    /// signal.
    int translate(int signal) const;

    /// Returns whether `signal` asks the command to stop. SIGQUIT does not always do so: Java only
    /// prints its threads.
    bool is_stop(int signal) const {
        return signal == SIGTERM || signal == SIGINT || signal == stop_signal_;
    }
    /// From now on, `keep` keeps the first signal that asks the command to stop, and drops the
    /// further ones.
    void hold_stop() { holds_stop_ = true; }
    bool keep(int signal);
    bool holds_stop() const { return holds_stop_; }
    /// Ends the effect of `hold_stop`. Returns the signal that was kept.
    std::optional<int> release_stop();

    /// Records that `signal` is sent to the command.
    void sent(int signal, bool is_running);
    /// Returns whether the command's process group gets the signal, as from a terminal. A shell
    /// that waits for a program ignores a SIGINT that only the shell gets.
    bool is_for_group(int signal) const {
        return signal == stop_signal_ && (signal == SIGINT || signal == SIGQUIT) && !follows_init_;
    }

    bool follows_init() const { return follows_init_; }
    const std::optional<int>& stop_signal() const { return stop_signal_; }

    /// Returns the terminating signals that this process received.
    const SignalSet& received() const { return received_; }
    /// Returns whether `signal` was the last signal that arrived, within `signal_effect`. If the
    /// signal also killed the command, the end of the command is reported first.
    bool has_just_received(int signal, Time now) const;
    /// Both functions return whether this process was asked for an orderly end. `was_told_to_quit`
    /// also counts a SIGQUIT, but only for `quit_patience`. A command that still runs after this
    /// time does not end on SIGQUIT.
    bool was_told_to_end() const;
    bool was_told_to_quit(Time now) const;

    /// Returns whether a signal killed the command that neither we nor a sender through us had
    /// sent. Signals of a terminal and a pipe are usual, and do not count.
    bool is_crash(ExitStatus end) const;
    /// Returns whether the command was asked to end, or ended by a signal passed on to it.
    bool was_expected(std::optional<ExitStatus> end, Time now) const;
    /// Returns how the command's end counts. If SIGTERM asked the command to stop, an end by the
    /// stop signal counts as an end by SIGTERM. So does an exit with 128 + the number of the stop
    /// signal.
    ExitStatus as_requested(ExitStatus end) const;

private:
    bool arrived_both_ways(int signal, Way way, Time now);

    struct Delivery {
        int signal = 0;
        Way way = Way::received;
        Time when{};
    };

    bool is_pid1_;
    bool follows_init_ = false;
    bool are_reported_ = false;
    bool holds_stop_ = false;
    std::optional<int> kept_;  ///< The signal that `release_stop` returns.
    std::optional<int> stop_signal_;
    bool received_stop_signal_ = false;
    bool was_ended_ = false;  ///< Whether a signal that asks for the end, or SIGKILL, was sent.
    SignalSet received_;
    SignalSet sent_;
    int last_received_ = 0;
    Time last_received_time_{};
    std::optional<Time> quit_;  ///< When the last SIGQUIT arrived.
    Delivery last_;             ///< The last terminating signal, and how it arrived.
};

}  // namespace notifybridge::process
