#include "base/process/signal_plan.hpp"

#include <array>
#include <utility>

#include "base/util/contains.hpp"

namespace notifybridge::process {
namespace {

/// The time within which a signal that arrives in two ways counts once.
constexpr std::chrono::seconds same_signal_apart(2);

}  // namespace

void SignalPlan::follow_init(int stop_signal) {
    follows_init_ = true;
    stop_signal_ = stop_signal;
}

bool SignalPlan::note(const Arrival& arrival, Time now) {
    const int signal = arrival.signal;
    if (is_terminating(signal) && signal != SIGKILL)
        received_.set(static_cast<std::size_t>(signal));
    last_received_ = signal;
    last_received_time_ = now;
    if (signal == SIGQUIT)
        quit_ = now;
    // SIGWINCH is the stop signal of Apache's image, but a terminal also sends it after a change of
    // size.
    if (signal == stop_signal_ && !arrival.from_terminal)
        received_stop_signal_ = true;
    return asks_for_end(signal) || received_stop_signal_;
}

SignalPlan::Decision SignalPlan::judge(const Arrival& arrival, Target command, Time now) {
    const auto [signal, way, from_terminal, from_outside] = arrival;
    // The terminal has stopped the command. The shell notices this only if this process stops, too.
    if (from_terminal && signal == SIGTSTP && !command.has_own_group)
        return {Fate::stop_ourselves, signal};
    if (from_terminal && command.is_running && !command.has_own_group)
        return {Fate::already_there, signal};
    if (way == Way::received && are_reported_ && !(follows_init_ && from_outside)
        && (is_terminating(signal) || !from_terminal))
        return {Fate::report, signal};
    // A container manager sends the stop signal itself to PID 1.
    const int meant = way == Way::received && is_pid1_ ? signal : translate(signal);
    if (arrived_both_ways(meant, way, now))
        return {Fate::repeated, meant};
    if (command.is_running)
        return {Fate::pass, meant};
    return {is_terminating(signal) ? Fate::unclaimed : Fate::dropped, signal};
}

bool SignalPlan::arrived_both_ways(int signal, Way way, Time now) {
    if (!is_terminating(signal) || signal == SIGKILL)
        return false;
    const bool is_same =
        last_.signal == signal && last_.way != way && now - last_.when < same_signal_apart;
    last_ = is_same ? Delivery() : Delivery{signal, way, now};
    return is_same;
}

int SignalPlan::translate(int signal) const {
    const bool is_replaced = follows_init_ ? asks_for_end(signal) : signal == SIGTERM;
    return is_replaced ? stop_signal_.value_or(signal) : signal;
}

bool SignalPlan::keep(int signal) {
    if (!holds_stop_ || !is_stop(signal))
        return false;
    kept_ = kept_.value_or(signal);
    return true;
}

std::optional<int> SignalPlan::release_stop() {
    holds_stop_ = false;
    return std::exchange(kept_, std::nullopt);
}

void SignalPlan::sent(int signal, bool is_running) {
    was_ended_ = was_ended_ || signal == SIGKILL || is_stop(signal);
    if (is_running)
        sent_.set(static_cast<std::size_t>(signal));
}

bool SignalPlan::has_just_received(int signal, Time now) const {
    return signal != 0 && signal == last_received_ && now - last_received_time_ < signal_effect;
}

bool SignalPlan::was_told_to_end() const {
    return received_.test(SIGTERM) || received_.test(SIGINT) || received_stop_signal_;
}

bool SignalPlan::was_told_to_quit(Time now) const {
    return was_told_to_end() || (quit_ && now - *quit_ < quit_patience);
}

bool SignalPlan::is_crash(ExitStatus end) const {
    constexpr auto usual = std::to_array({0, SIGHUP, SIGINT, SIGQUIT, SIGPIPE});
    const auto signal = static_cast<std::size_t>(end.signal);
    return !util::contains(usual, end.signal) && !received_.test(signal) && !sent_.test(signal);
}

bool SignalPlan::was_expected(std::optional<ExitStatus> end, Time now) const {
    const auto signal = static_cast<std::size_t>(end ? end->shell_status() - 128 : 0);
    const bool ended_by_it = signal < received_.size() && received_.test(signal);
    return was_ended_ || ended_by_it || was_told_to_quit(now);
}

ExitStatus SignalPlan::as_requested(ExitStatus end) const {
    const bool is_by_stop_signal = stop_signal_ && end.shell_status() == 128 + *stop_signal_;
    return is_by_stop_signal && received_.test(SIGTERM) ? ExitStatus::killed(SIGTERM) : end;
}

}  // namespace notifybridge::process
