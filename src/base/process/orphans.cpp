#include "base/process/orphans.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/cgroup_unit.hpp"
#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::process {
namespace {

bool has_children() {
    siginfo_t info;
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// Returns whether a process handles this signal. A process that blocks the signal counts, because
/// it may read the signal from a descriptor.
bool handles(pid_t pid, int signal) {
    const auto is_in = [&](std::string_view field) {
        const auto set = util::parse_number<std::uint64_t>(status_field(pid, field), 16);
        return set && (*set >> (signal - 1) & 1) != 0;
    };
    return (is_in("SigCgt") || is_in("SigBlk")) && !is_in("SigIgn");
}

/// The processes below us.
struct Below {
    std::vector<pid_t> ours;  ///< Without zombies that we cannot reap.
    /// Whether systemd has put other processes into another unit. Login sessions of sshd, for
    /// example, are units of their own, and go on when sshd is restarted.
    bool has_others = false;
};

Below find_below() {
    Below below;
    const CgroupUnit own_unit = unit_of_process("self");
    for (const pid_t pid : descendants(::getpid())) {
        const CgroupUnit unit = unit_of_process(util::concat(pid));
        if (!is_pid1() && !unit.name.empty() && unit != own_unit)
            below.has_others = true;
        else if (!is_ending(pid) || parent_of(pid) == ::getpid())
            below.ours.push_back(pid);
    }
    return below;
}

/// The time in which processes that cannot be found may end without a signal.
constexpr std::chrono::microseconds unseen_patience = std::chrono::milliseconds(500);

/// The time after which we assume that SIGKILL has no effect.
constexpr std::chrono::microseconds killed_patience = std::chrono::seconds(2);

/// How often we look for orphans whose end is perhaps not reported to us.
constexpr std::chrono::milliseconds other_units_interval(100);

}  // namespace

Orphans::Orphans(event::Loop& loop, bool are_adopted, const SignalPlan& signals,
                 const CommandProcess& command, Helpers& helpers)
    : loop_(loop),
      are_adopted_(are_adopted),
      signals_(signals),
      command_(command),
      helpers_(helpers),
      reaped_(loop),
      patience_(loop) {}

void Orphans::signal(int signal) const {
    if (is_pid1()) {
        ::kill(-1, signal);
        return;
    }
    for (const pid_t pid : find_below().ours)
        ::kill(pid, signal);
}

/// Returns the processes that the command left behind. If we are PID 1, these are all other
/// processes.
std::vector<pid_t> Orphans::all() const {
    if (!is_pid1())
        return find_below().ours;
    std::vector<pid_t> all = numbers_in("/proc");
    std::erase(all, ::getpid());
    return all;
}

/// Asks orphans to end, except those that received the stop signal with the command and handle it.
/// These orphans are already stopping. nginx, for example, would drop its connections if SIGTERM
/// arrived after SIGQUIT.
void Orphans::ask_to_end() const {
    if (command_.asked().empty() || !proc_is_ours()) {
        signal(SIGTERM);
        return;
    }
    for (const pid_t pid : all())
        if (!command_.asked().contains(pid) || !handles(pid, *signals_.stop_signal()))
            ::kill(pid, SIGTERM);
}

/// Sends SIGCONT to stopped processes, because they can handle SIGTERM only after they continue.
/// Other processes get no SIGCONT: if SIGTERM and SIGCONT are both pending, the handler of SIGCONT
/// runs first.
void Orphans::continue_stopped() const {
    // If /proc shows another pid namespace, we do not know which processes are stopped.
    if (!proc_is_ours()) {
        signal(SIGCONT);
        return;
    }
    for (const pid_t pid : all())
        if (status_field(pid, "State").starts_with('T'))
            ::kill(pid, SIGCONT);
}

/// Returns whether there are orphans to end, not counting helpers that survived SIGKILL.
bool Orphans::are_any_left() {
    if (!has_children())
        return false;
    if (is_pid1() && helpers_.empty())
        return true;
    const auto [left, has_others] = find_below();
    if (has_others && !std::exchange(leaves_other_units_, true))
        util::log(util::Severity::info, util::Topic::process,
                  "leaving processes of other units running, such as login sessions or containers");
    // The list is also empty if /proc does not show our pid namespace.
    return (left.empty() && !leaves_other_units_) || std::ranges::any_of(left, [this](pid_t pid) {
               return !helpers_.contains(::getpgid(pid));
           });
}

/// Waits until orphans may have ended.
event::Awaitable<> Orphans::await_end() {
    if (!leaves_other_units_) {
        co_await reaped_.wait();
        co_return;
    }
    // The parent of an orphan may be a process of another unit, which reaps the orphan.
    event::Timer pause(loop_);
    co_await pause.sleep(other_units_interval);
}

/// Returns whether some orphans do not come from helpers (probes and hooks).
bool Orphans::command_left_some() const {
    const auto [left, has_others] = find_below();
    return (left.empty() && !has_others)
           || std::ranges::any_of(left, [this](pid_t pid) { return !helpers_.left_behind(pid); });
}

/// Returns whether the end of the command was expected. Processes that remain are then normal: a
/// shell, for example, leaves the program that it waited for.
bool Orphans::end_was_expected() const {
    return signals_.was_expected(command_.status(), event::Deadline::now());
}

/// Logs a warning that orphans are killed, with the reason `why`.
void Orphans::warn_of_kill(std::string_view why) const {
    if (!command_left_some())
        return;
    const auto count = std::ranges::count_if(find_below().ours, [this](pid_t pid) {
        return !helpers_.left_behind(pid) && !is_ending(pid);
    });
    util::log(util::Severity::warning, util::Topic::process, "killing ",
              count > 0 ? util::concat(count, ' ') : "", count == 1 ? "process" : "processes",
              " that the command left behind: ", why);
}

/// Waits a moment for orphans that cannot be found, because they may be ending. Then lets the
/// remaining orphans continue.
event::Awaitable<> Orphans::leave_unseen() {
    bool is_late = false;
    patience_.on_expired = [&] {
        is_late = true;
        reaped_.raise();
    };
    patience_.start(unseen_patience);
    while (has_children() && !is_late)
        co_await reaped_.wait();
    patience_.cancel();
    patience_.on_expired = nullptr;
    if (has_children())
        util::log(end_was_expected() ? util::Severity::info : util::Severity::warning,
                  util::Topic::process,
                  "leaving processes of the command running: cannot find them, because /proc is "
                  "not mounted, or shows another pid namespace; mount it, for example with "
                  "`unshare --mount-proc` or `bwrap --proc /proc`");
}

event::Awaitable<> Orphans::end(std::chrono::microseconds grace) {
    helpers_.kill_all();
    patience_.on_expired = [this] { reaped_.raise(); };
    patience_.start(killed_patience);
    while (helpers_.are_ending(killed_patience))
        co_await reaped_.wait();
    if (!are_adopted_ || !are_any_left())
        co_return;
    if (!is_pid1() && !proc_is_ours()) {
        co_await leave_unseen();
        co_return;
    }
    if (command_left_some()) {
        const bool is_usual = end_was_expected();
        const bool may_be_daemon = !is_usual && command_.status() && command_.status()->success();
        util::log(is_usual ? util::Severity::info : util::Severity::warning, util::Topic::process,
                  "the command ended and left processes behind; stopping them",
                  may_be_daemon ? "; if the command puts itself into the background, configure it "
                                  "to stay in the foreground "
                                : "",
                  may_be_daemon ? tags::in_background : tags::Tag());
    }
    ask_to_end();
    continue_stopped();

    bool are_given_up = false;
    std::string why = "the host's --stop-timeout is over";
    bool is_warned = false;
    patience_.on_expired = [&] {
        if (!patience_over_) {
            if (are_spared_)
                return;
            why =
                util::concat("they did not end within ", util::to_string(grace), " (--kill-after)");
        }
        are_given_up = patience_over_;
        hurry();
    };
    patience_.start(patience_over_ ? killed_patience : grace);
    while (are_any_left() && !are_given_up) {
        if (patience_over_) {
            if (!std::exchange(is_warned, true))
                warn_of_kill(why);
            signal(SIGKILL);
        }
        co_await await_end();
    }
    patience_.cancel();
    patience_.on_expired = nullptr;
    if (are_given_up)
        util::log(util::Severity::warning, util::Topic::process,
                  "ignoring processes that the command left behind: SIGKILL did not end them; they "
                  "belong to another user and CAP_KILL is missing, or they wait for a file system");
}

void Orphans::hurry() {
    patience_over_ = true;
    patience_.start(killed_patience);
    reaped_.raise();
}

}  // namespace notifybridge::process
