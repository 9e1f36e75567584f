#include "base/process/supervisor.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/event/deadline.hpp"
#include "base/process/proc.hpp"
#include "base/util/log.hpp"

namespace notifybridge::process {
namespace {

using util::Severity;
using util::Topic;

}  // namespace

// No terminal can stop PID 1, so PID 1 reads the stop signals of the terminal and passes them to
// the command.
Supervisor::Supervisor(event::Loop& loop, bool adopt_orphans)
    : signals_(
        loop, event::Signals::Ignored::ignore,
        is_pid1() ? event::Signals::TerminalStops::receive : event::Signals::TerminalStops::stop),
      plan_(is_pid1()),
      command_(loop, adopt_orphans, plan_, on_event),
      helpers_(signals_.original_mask()),
      orphans_(loop, adopt_orphans, plan_, command_, helpers_) {
    if (adopt_orphans && !is_pid1())
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void Supervisor::start(Command command) {
    command.signal_mask = signals_.original_mask();
    command_.start(std::move(command));
}

void Supervisor::follow(pid_t pid, int stop_signal) {
    command_.follow(pid);
    plan_.follow_init(stop_signal);
}

event::Awaitable<> Supervisor::run() {
    std::optional<signalfd_siginfo> info = co_await signals_.next();
    while (info) {
        handle(*info);
        info = co_await signals_.next();
    }
}

void Supervisor::handle(const signalfd_siginfo& info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
        reap();
        return;
    }
    if (signal == SIGWINCH)
        on_event(WindowChanged());
    // Ignore a signal that this process caused itself. The kernel sends SIGPIPE for a failed write,
    // and the caller of write(2) has handled the error.
    if (info.ssi_code <= 0 && info.ssi_pid == static_cast<std::uint32_t>(::getpid()))
        return;
    // The pid is 0 if the sender is outside our pid namespace (pid_namespaces(7)).
    take({signal, SignalPlan::Way::received, info.ssi_code == SI_KERNEL,
          info.ssi_code <= 0 && info.ssi_pid == 0});
}

void Supervisor::take(int signal) {
    take({signal, SignalPlan::Way::told});
}

void Supervisor::take(const SignalPlan::Arrival& arrival) {
    using Fate = SignalPlan::Fate;
    const auto now = event::Deadline::now();
    if (plan_.note(arrival, now))
        on_event(EndAsked());
    // Lower signal numbers are read first, so the SIGCHLD of an ended command may still be unread.
    // A signal for that command would be lost.
    command_.reap();
    const auto [fate, signal] = plan_.judge(arrival, {running(), command_.has_own_group()}, now);
    switch (fate) {
        case Fate::stop_ourselves:
            ::kill(::getpid(), SIGSTOP);
            break;
        case Fate::already_there:
            util::log(Severity::debug, Topic::process, signal_name(signal),
                      " came from the terminal, which also sent it to the command");
            break;
        case Fate::report:
            on_event(SignalCame{signal});
            break;
        case Fate::repeated:
            util::log(Severity::debug, Topic::process, "ignoring a repeated ", signal_name(signal),
                      ": this process has just received the same signal");
            break;
        case Fate::pass:
            pass_on(signal);
            break;
        case Fate::unclaimed:
            on_event(SignalUnclaimed{signal});
            break;
        case Fate::dropped:
            break;
    }
}

void Supervisor::pass_on(int signal) {
    if (plan_.is_stop(signal))
        on_event(StopComes());
    if (plan_.keep(signal)) {
        util::log(Severity::debug, Topic::process, signal_name(signal), " is delayed");
        return;
    }
    util::log(Severity::info, Topic::process, "passing ", signal_name(signal), " on to pid ",
              pid());
    on_event(SignalPassed{signal});
    send(signal);
}

void Supervisor::kill(int signal) {
    send(plan_.translate(signal));
}

void Supervisor::release_stop() {
    if (const auto signal = plan_.release_stop())
        send(*signal);
}

void Supervisor::send(int signal) {
    plan_.sent(signal, running());
    if (!running())
        return;
    if (plan_.is_for_group(signal))
        command_.signal_group(signal);
    else
        command_.signal_alone(signal);
}

void Supervisor::reap() {
    // Reap the command and the helpers first. The loop below reaps any child, and would discard
    // their exit statuses.
    command_.reap();
    helpers_.reap();
    while (!running() || orphans_.are_adopted()) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            break;
        // The command or a helper may have ended since the calls above.
        if (running() && info.si_pid == pid())
            command_.reap();
        else if (helpers_.contains(info.si_pid))
            helpers_.reap();
        else
            ::waitpid(info.si_pid, nullptr, WNOHANG);
    }
    orphans_.reaped();
}

event::Awaitable<> Supervisor::end_orphans(std::chrono::microseconds grace) {
    reap();
    return orphans_.end(grace);
}

}  // namespace notifybridge::process
