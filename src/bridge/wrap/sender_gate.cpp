#include "bridge/wrap/sender_gate.hpp"

#include <utility>

#include "base/event/deadline.hpp"
#include "base/util/log.hpp"
#include "bridge/relay/decision.hpp"

namespace notifybridge::wrap {
namespace {

constexpr std::string_view stopping = "STOPPING=1";

}  // namespace

SenderGate::SenderGate(event::Loop& loop, MessageSink& sink, const channel::ContainerStatus& status,
                       const WrapPlan& plan, EventSink& events, Options options)
    : sink_(sink),
      status_(status),
      plan_(plan),
      events_(events),
      options_(options),
      speakers_(loop, plan) {}

void SenderGate::take(notify::Datagram& datagram, const notify::Message& message,
                      system::Moment time) {
    const bool is_ready = message.has("READY=1");
    // Drop a kept STOPPING=1, because another process has taken over from the process that was
    // stopping.
    if (is_ready)
        kept_.reset();
    if ((is_ready || message.has(stopping)) && !voice_.includes(datagram.sender.pid))
        take_of_other(datagram, message, time);
    else
        sink_.take(datagram, message, time);
    const auto named = relay::main_pid(message);
    if (!named || *named == voice_.command())
        return;
    if (may_name(datagram.sender.pid, *named))
        events_.happens(MainPidNamed{*named});
}

/// Returns whether this sender may name a successor of the command. The new process of a binary
/// upgrade usually names itself.
bool SenderGate::may_name(pid_t sender, pid_t named) {
    if (options_.access == NotifyAccess::all && voice_.is_descendant(sender))
        return true;
    // `includes` also accepts a process that has ended. Such a process cannot name itself, as a
    // helper does that starts the server (`send --exec`).
    return voice_.includes(sender) && (named != sender || voice_.is_helper(sender));
}

void SenderGate::take_of_other(notify::Datagram& datagram, const notify::Message& message,
                               system::Moment time) {
    const pid_t sender = datagram.sender.pid;
    if (message.has("READY=1") && options_.ready_counts)
        speakers_.said_ready(sender);
    if (!message.has(stopping) || plan_.was_told_to_quit(event::Deadline::now())) {
        sink_.take(datagram, message, time);
        return;
    }
    speakers_.said_stopping(sender);
    kept_ = {datagram.sender, time};
    util::log(util::Severity::info, util::Topic::messages, "holding back STOPPING=1 of pid ",
              sender, ", which is not the command, until the command stops");
    const std::string rest = message.without(stopping);
    const auto remaining = notify::parse(rest);
    if (!remaining)
        return;  // The message contained nothing else.
    const std::string_view whole = std::exchange(datagram.text, rest);
    sink_.take(datagram, *remaining, time);
    datagram.text = whole;
}

void SenderGate::command_stops() {
    const auto kept = std::exchange(kept_, std::nullopt);
    if (!kept || status_.state.phase == notify::Phase::stopping)
        return;
    // Drop the kept message if the service became ready after the message had arrived: a probe has
    // found a newer server.
    if (status_.state.phase == notify::Phase::ready
        && status_.state.since.monotonic > kept->time.monotonic)
        return;
    notify::Datagram datagram{stopping, kept->sender, {}};
    sink_.take(datagram, *notify::parse(stopping), system::now());
    sink_.settle();
}

void SenderGate::take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                              system::Moment time) {
    sink_.take_barrier(std::move(fd), datagram, time);
}

}  // namespace notifybridge::wrap
