#include "bridge/wait/host_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace notifybridge::wait {
namespace {

WaitPlan::Now of_unit(const HostPlan::Now& now) {
    return {now.time, std::ranges::find(now.writers_live, true) != now.writers_live.end()};
}

}  // namespace

HostPlan::HostPlan(const Options& options)
    : has_command_(options.wait.has_command),
      keeps_attached_(options.wait.keeps_attached),
      stop_timeout_(options.wait.stop_timeout),
      members_(options.members, options.watchdog),
      wait_(options.wait),
      pull_goes_on_(has_command_),
      may_take_back_(has_command_) {}

HostPlan::Actions HostPlan::begin(Time now) {
    add(wait_.begin(now), {now, {}});
    return std::exchange(actions_, {});
}

HostPlan::Actions HostPlan::take(const Event& event, const Now& now) {
    std::visit([&](const auto& each) { on(each, now); }, event);
    return std::exchange(actions_, {});
}

void HostPlan::on(const RunBegan& event, const Now& now) {
    members_.run_began(event.member);
    WaitPlan::Run run;
    run.is_command = event.is_command;
    run.is_leftover = has_command_ && event.is_resumed;
    // A leftover run does not prove that the image of our command exists.
    if (!run.is_leftover)
        end_pull(true);
    add(wait_.run_began(run, of_unit(now)), now);
}

void HostPlan::on(const RunResumed& event, const Now& now) {
    relay::Decision message;
    const notify::Phase phase = members_.run_resumed(event.member, event.said, message);
    say(std::move(message));
    // The messages of a leftover run say nothing about the command that this `wait` has started.
    if (has_command_)
        return;
    if (phase == notify::Phase::stopping)
        add(wait_.said_stopping(), now);
    else if (phase != notify::Phase::starting)
        add(wait_.said_ready(), now);
}

void HostPlan::on(const RunEnded& event, const Now& now) {
    say(members_.run_ended(event.member, event.end));
    if (const int signal = members_.stop_signal(); signal != 0) {
        if (const auto next = MembersPlan::next_to_stop(now.writers_live))
            actions_.insert(actions_.end(),
                            {SignalNext{signal, *next}, SignalNext{SIGCONT, *next}});
        wait_.extend(stop_timeout_, now.time);
    }
    end_if_over(now);
}

void HostPlan::on(const CaughtUp& event, const Now& now) {
    if (members_.caught_up(event.member))
        add(wait_.caught_up(of_unit(now)), now);
}

/// Reports that the directory was removed. Also ends a unit without a command, because this `wait`
/// holds no lock on a new directory at this path. Such a unit continues only if another member is
/// alive, this member has had a run, and --keep is not set. Does nothing if the command has had its
/// run in this directory, because the command may remove the directory before its own end.
void HostPlan::on(const DirectoryRemoved& event, const Now& now) {
    if (has_command_ && event.had_run)
        return;
    actions_.emplace_back(ReportRemovedDirectory{event.member});
    const bool goes_on = event.had_run && !keeps_attached_ && of_unit(now).writer_lives;
    if (!has_command_ && !goes_on)
        add({{WaitPlan::Action::Kind::finish, 0, process::ExitStatus::exited(1)}}, now);
}

void HostPlan::on(const Sent& event, const Now& now) {
    if (event.extend_timeout)
        wait_.extend(*event.extend_timeout, now.time);
    if (event.ready)
        add(wait_.said_ready(), now);
    if (event.stopping)
        add(wait_.said_stopping(), now);
}

void HostPlan::on(const Signalled& event, const Now& now) {
    add(wait_.signalled(event.signal, of_unit(now)), now);
}

void HostPlan::on(const CommandEnded& event, const Now& now) {
    end_pull(false);
    add(wait_.command_ended(event.end, of_unit(now), event.by_shared_signal), now);
    members_.no_run_follows();
    end_if_over(now);
}

void HostPlan::on(const ManagerAnswered& event, const Now& now) {
    add(wait_.manager_answered(event.has_succeeded, of_unit(now)), now);
}

void HostPlan::on(const TimePassed& /*event*/, const Now& now) {
    add(wait_.time_passed(of_unit(now)), now);
}

void HostPlan::end_if_over(const Now& now) {
    if (members_.becomes_over())
        add(wait_.run_ended(members_.end(), of_unit(now)), now);
}

void HostPlan::end_pull(bool is_there) {
    if (is_there ? may_take_back_ : pull_goes_on_)
        actions_.emplace_back(EndPull{is_there});
    pull_goes_on_ = false;
    may_take_back_ = may_take_back_ && !is_there;
}

void HostPlan::say(relay::Decision message) {
    if (!message.text.empty())
        actions_.emplace_back(Say{std::move(message)});
}

void HostPlan::add(const WaitPlan::Actions& actions, const Now& now) {
    for (const WaitPlan::Action& action : actions) {
        if (process::asks_for_end(action.signal)) {
            say(members_.stop_begins());
            end_pull(false);
        }
        if (action.kind == WaitPlan::Action::Kind::signal_run)
            signal_runs(action.signal, now);
        else
            actions_.emplace_back(action);
    }
}

void HostPlan::signal_runs(int signal, const Now& now) {
    // Without a command, nobody would end a run that begins after the stop. So do not wait for
    // a member that had no run.
    if (!has_command_ && process::asks_for_end(signal))
        members_.no_run_follows();
    std::vector<std::size_t> members = members_.signalled(signal, now.writers_live);
    actions_.emplace_back(SignalRuns{signal, members});
    // A stopped process (SIGSTOP) ends only after SIGCONT.
    if (members_.voice() && process::asks_for_end(signal))
        for (const std::size_t member : members)
            actions_.emplace_back(SignalNext{SIGCONT, member});
}

}  // namespace notifybridge::wait
