#include "bridge/relay/uplink.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/cli/log.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge::relay {
namespace {

using util::Severity;
using util::Topic;

/// The pause before a retry if the manager is absent.
constexpr std::chrono::milliseconds retry_interval(100);

/// The longest retry interval if access is refused. The interval is long because each attempt may
/// add a line to an audit log. The first intervals are short, because a socket may get its mode
/// just after bind(2).
constexpr std::chrono::milliseconds refused_interval(2000);

/// The advice if access is refused. For example, SELinux may refuse podman's socket for
/// `--sdnotify=container`.
constexpr std::string_view refused_advice =
    "; the mode of the socket or SELinux forbids it: use a shared directory, which needs no such "
    "socket, for "
    "example with `notifybridge run`";

}  // namespace

void log_undelivered(const util::NamedLog& log, std::uint64_t count) {
    if (count != 0)
        log(Severity::error, Topic::messages, count, count == 1 ? " message" : " messages",
            " could not be delivered, because the service manager did not accept them "
            "in time");
}

Uplink::Uplink(event::Loop& loop, std::optional<notify::Address> address)
    : loop_(loop), retry_(loop), patience_(loop) {
    if (address)
        sender_.emplace(std::move(*address));
}

event::Awaitable<bool> Uplink::wait_for_another_try(notify::Attempt last) {
    using Outcome = notify::Attempt::Outcome;
    if (given_up_ || last.outcome() == Outcome::impossible)
        co_return false;
    if (last.outcome() == Outcome::busy) {
        co_await await_peer();
        co_return !given_up_;
    }
    const int error = last.error().value();
    const bool is_refused = error == EACCES;
    if (sender_ && !said_absent_)
        util::log(Severity::warning, Topic::messages, "cannot reach the service manager at ",
                  util::quote(notify::to_string(sender_->address())), ": ", system::describe(error),
                  "; keeping messages until it can be reached", is_refused ? refused_advice : "");
    said_absent_ = true;
    pause_ = is_refused ? std::clamp(2 * pause_, retry_interval, refused_interval) : retry_interval;
    co_await retry_.sleep(pause_);
    co_return !given_up_;
}

event::Awaitable<> Uplink::await_peer() {
    try {
        awaited_.emplace(loop_, event::duplicate(sender_->fd()));
    } catch (const std::system_error&) {
        // No descriptor or memory is left to wait for the socket, so poll.
    }
    if (!awaited_)
        co_await retry_.sleep(retry_interval);
    else if (sender_->awaits_reader())
        co_await awaited_->readable();
    else
        co_await awaited_->writable();
    awaited_.reset();
}

void Uplink::send_as(ContainerProcess main_process) {
    if (main_process.pid == ::getpid())
        name_.reset();
    else
        name_ = std::move(main_process);
}

notify::Attempt Uplink::send_now(std::string_view datagram, std::span<const system::Fd> fds) {
    if (name_ && system::has_ended(name_->pidfd))
        name_.reset();
    if (!name_)
        return sender_->send(datagram, fds);
    const system::Credentials main_process{name_->pid, ::getuid(), ::getgid()};
    const notify::Attempt attempt = sender_->send(datagram, fds, main_process);
    const int error = attempt.error().value();
    if (error != EPERM && error != ESRCH)
        return attempt;
    if (error == EPERM)
        util::log(Severity::warning, Topic::messages,
                  "cannot send on behalf of the unit's new main process ", name_->pid,
                  ": systemd ignores messages after this MAINPID unless NotifyAccess=all is set");
    name_.reset();
    return sender_->send(datagram, fds);
}

void Uplink::sent() {
    pause_ = {};
    if (std::exchange(said_absent_, false))
        util::log(Severity::info, Topic::messages, "the service manager can be reached");
    patience_.extend(patience_span_);
}

/// Waits until `turn` is the current turn. `pass_turn` ends the wait.
event::Awaitable<> Uplink::await_turn(Turn turn) {
    event::Timer place(loop_);
    waiting_.push_back({turn, &place});
    co_await place.sleep(std::chrono::microseconds::max());
}

void Uplink::pass_turn() {
    ++current_turn_;
    const auto next = std::ranges::find(waiting_, current_turn_, &Place::turn);
    if (next == waiting_.end())
        return;
    next->timer->cancel();
    waiting_.erase(next);
}

event::Awaitable<notify::Attempt> Uplink::send(Turn turn, std::string_view datagram,
                                               std::span<const system::Fd> fds) {
    if (turn != current_turn_)
        co_await await_turn(turn);
    notify::Attempt attempt;
    // A job of a timer has no NOTIFY_SOCKET, and its messages would fill the journal.
    if (!sender_)
        util::log(cli::stderr_is_journal() ? Severity::info : Severity::notice, Topic::messages,
                  "would send ", util::escape(datagram));
    while (sender_ && !(attempt = send_now(datagram, fds))) {
        const bool again = co_await wait_for_another_try(attempt);
        if (!again)
            break;
    }
    if (sender_ && attempt)
        sent();
    pass_turn();
    co_return attempt;
}

event::Awaitable<Uplink::SentBarrier> Uplink::send_barrier() {
    const Turn turn = take_turn();
    if (turn != current_turn_)
        co_await await_turn(turn);
    notify::Barrier barrier;
    notify::Attempt attempt;
    for (;;) {
        const bool is_sent = sender_ && sender_->carries_fds();
        attempt = is_sent ? barrier.send(*sender_) : barrier.pass();
        const bool again = !attempt && co_await wait_for_another_try(attempt);
        if (!again)
            break;
    }
    pass_turn();
    if (attempt)
        co_return barrier.take_passed();
    co_return attempt;
}

void Uplink::limit_patience(std::chrono::microseconds span) {
    patience_span_ = span;
    patience_.on_expired = [this] { give_up(); };
    patience_.start(span);
}

void Uplink::lift_patience() {
    patience_.cancel();
    given_up_ = false;
}

void Uplink::give_up() {
    given_up_ = true;
    retry_.cancel();
    if (awaited_)
        awaited_->cancel();
}

}  // namespace notifybridge::relay
