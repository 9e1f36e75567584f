#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/cgroup_unit.hpp"
#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/supervisor.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"

/// Ends the processes that a supervisor's command left behind.
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
        if (!Supervisor::is_pid1() && !unit.name.empty() && unit != own_unit)
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

void Supervisor::signal_orphans(int signal) const {
    if (is_pid1()) {
        ::kill(-1, signal);
        return;
    }
    for (const pid_t pid : find_below().ours)
        ::kill(pid, signal);
}

/// Returns the processes that the command left behind. If we are PID 1, these are all other
/// processes.
std::vector<pid_t> Supervisor::orphans() const {
    if (!is_pid1())
        return find_below().ours;
    std::vector<pid_t> all = numbers_in("/proc");
    std::erase(all, ::getpid());
    return all;
}

/// Asks orphans to end, except those that received the stop signal with the command and handle it.
/// These orphans are already stopping. nginx, for example, would drop its connections if SIGTERM
/// arrived after SIGQUIT.
void Supervisor::ask_orphans_to_end() const {
    if (asked_.empty() || !proc_is_ours()) {
        signal_orphans(SIGTERM);
        return;
    }
    for (const pid_t pid : orphans())
        if (!asked_.contains(pid) || !handles(pid, *plan_.stop_signal()))
            ::kill(pid, SIGTERM);
}

/// Sends SIGCONT to stopped processes, because they can handle SIGTERM only after they continue.
/// Other processes get no SIGCONT: if SIGTERM and SIGCONT are both pending, the handler of SIGCONT
/// runs first.
void Supervisor::continue_stopped_orphans() const {
    // If /proc shows another pid namespace, we do not know which processes are stopped.
    if (!proc_is_ours()) {
        signal_orphans(SIGCONT);
        return;
    }
    for (const pid_t pid : orphans())
        if (status_field(pid, "State").starts_with('T'))
            ::kill(pid, SIGCONT);
}

/// Returns whether there are helpers that SIGKILL may still end.
bool Supervisor::are_helpers_ending() const {
    const auto now = event::Deadline::now();
    return std::ranges::any_of(helpers_, [now](const auto& each) {
        return now - each.second.killed.value_or(now) < killed_patience;
    });
}

/// Returns whether there are orphans to end, not counting helpers that survived SIGKILL.
bool Supervisor::are_any_left() {
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
event::Awaitable<> Supervisor::await_end_of_orphans() {
    if (!leaves_other_units_) {
        co_await reaped_.wait();
        co_return;
    }
    // The parent of an orphan may be a process of another unit, which reaps the orphan.
    event::Timer pause(loop_);
    co_await pause.sleep(other_units_interval);
}

/// Returns whether some orphans do not come from helpers (probes and hooks).
bool Supervisor::command_left_some() const {
    const auto [left, has_others] = find_below();
    return (left.empty() && !has_others) || std::ranges::any_of(left, [this](pid_t pid) {
               return !helper_groups_.contains(::getpgid(pid));
           });
}

/// Returns whether the end of the command was expected. Processes that remain are then normal: a
/// shell, for example, leaves the program that it waited for.
bool Supervisor::end_was_expected() const {
    return plan_.was_expected(status_, event::Deadline::now());
}

/// Logs a warning that orphans are killed, with the reason `why`.
void Supervisor::warn_of_kill(std::string_view why) const {
    if (!command_left_some())
        return;
    const auto count = std::ranges::count_if(find_below().ours, [this](pid_t pid) {
        return !helper_groups_.contains(::getpgid(pid)) && !is_ending(pid);
    });
    util::log(util::Severity::warning, util::Topic::process, "killing ",
              count > 0 ? util::concat(count, ' ') : "", count == 1 ? "process" : "processes",
              " that the command left behind: ", why);
}

/// Waits a moment for orphans that cannot be found, because they may be ending. Then lets the
/// remaining orphans continue.
event::Awaitable<> Supervisor::leave_unseen_orphans() {
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

event::Awaitable<> Supervisor::end_orphans(std::chrono::microseconds grace) {
    reap();
    for (const auto& [pid, helper] : helpers_)
        kill_helper(pid);
    patience_.on_expired = [this] { reaped_.raise(); };
    patience_.start(killed_patience);
    while (are_helpers_ending())
        co_await reaped_.wait();
    if (!adopts_orphans_ || !are_any_left())
        co_return;
    if (!is_pid1() && !proc_is_ours()) {
        co_await leave_unseen_orphans();
        co_return;
    }
    if (command_left_some()) {
        const bool is_usual = end_was_expected();
        const bool may_be_daemon = !is_usual && status_ && status_->success();
        util::log(is_usual ? util::Severity::info : util::Severity::warning, util::Topic::process,
                  "the command ended and left processes behind; stopping them",
                  may_be_daemon ? "; if the command puts itself into the background, configure it "
                                  "to stay in the foreground "
                                : "",
                  may_be_daemon ? tags::in_background : tags::Tag());
    }
    ask_orphans_to_end();
    continue_stopped_orphans();

    bool are_given_up = false;
    std::string why = "the host's --stop-timeout is over";
    bool is_warned = false;
    patience_.on_expired = [&] {
        if (!patience_over_) {
            if (spares_orphans_)
                return;
            why =
                util::concat("they did not end within ", util::to_string(grace), " (--kill-after)");
        }
        are_given_up = patience_over_;
        hurry_orphans();
    };
    patience_.start(patience_over_ ? killed_patience : grace);
    while (are_any_left() && !are_given_up) {
        if (patience_over_) {
            if (!std::exchange(is_warned, true))
                warn_of_kill(why);
            signal_orphans(SIGKILL);
        }
        co_await await_end_of_orphans();
    }
    patience_.cancel();
    patience_.on_expired = nullptr;
    if (are_given_up)
        util::log(util::Severity::warning, util::Topic::process,
                  "ignoring processes that the command left behind: SIGKILL did not end them; they "
                  "belong to another user and CAP_KILL is missing, or they wait for a file system");
}

void Supervisor::hurry_orphans() {
    patience_over_ = true;
    patience_.start(killed_patience);
    reaped_.raise();
}

}  // namespace notifybridge::process
