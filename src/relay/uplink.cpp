#include "relay/uplink.hpp"

#include <unistd.h>

#include <cerrno>

#include "util/escape.hpp"
#include "util/log.hpp"

namespace notifybridge::relay {
namespace {

using util::Severity;
using util::Topic;

/// How often a manager that is not there is looked for.
constexpr std::chrono::milliseconds retry_interval(100);

}  // namespace

Uplink::Uplink(event::Loop& loop, std::optional<notify::Address> address)
    : loop_(loop), retry_(loop), patience_(loop) {
    if (address)
        sender_.emplace(std::move(*address));
}

event::Awaitable<bool> Uplink::wait_for_another_try(boost::system::error_code error) {
    if (given_up_)
        co_return false;
    if (error.value() == EAGAIN) {
        // Without a descriptor to wait with, it is looked at again.
        if (watch_for_room())
            co_await writable_->writable();
        else
            co_await retry_.sleep(retry_interval);
        writable_.reset();
        co_return !given_up_;
    }
    if (!said_absent_)
        util::log(Severity::warning, Topic::messages, "cannot reach the service manager at ",
                  util::quote(notify::to_string(sender_->address())), ": ",
                  system::describe(error.value()),
                  "; messages are kept until NOTIFY_SOCKET can be reached");
    said_absent_ = true;
    co_await retry_.sleep(retry_interval);
    co_return !given_up_;
}

void Uplink::speak_as(pid_t pid) {
    if (pid == ::getpid())
        name_.reset();
    else
        name_ = system::Credentials{pid, ::getuid(), ::getgid()};
}

system::Result<std::size_t> Uplink::send_now(std::string_view datagram,
                                             std::span<const system::Fd> fds) {
    if (!name_)
        return sender_->send(datagram, fds);
    const auto sent = sender_->send(datagram, fds, name_);
    const int error = sent ? 0 : sent.error().value();
    if (error != EPERM && error != ESRCH)
        return sent;
    if (error == EPERM)
        util::log(Severity::warning, Topic::messages,
                  "cannot send in the name of the unit's new main process ", name_->pid,
                  ": set NotifyAccess=all for messages after MAINPID to count");
    name_.reset();
    return sender_->send(datagram, fds);
}

bool Uplink::watch_for_room() {
    try {
        writable_.emplace(loop_, event::duplicate(sender_->fd()));
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

event::Awaitable<bool> Uplink::send(std::string_view datagram, std::span<const system::Fd> fds) {
    if (!sender_) {
        util::log(Severity::notice, Topic::messages, "Would send ", util::escape(datagram));
        co_return true;
    }
    for (;;) {
        const auto sent = send_now(datagram, fds);
        if (sent) {
            if (said_absent_)
                util::log(Severity::info, Topic::messages, "The service manager can be reached");
            said_absent_ = false;
            patience_.extend(patience_span_);
            co_return true;
        }
        const bool again = co_await wait_for_another_try(sent.error());
        if (!again)
            co_return false;
    }
}

event::Awaitable<std::optional<system::UniqueFd>> Uplink::send_barrier() {
    while (!sender_) {
        notify::Barrier passed;
        if (passed.passed())
            co_return passed.take_passed();
        co_await retry_.sleep(retry_interval);
        if (given_up_)
            co_return std::nullopt;
    }
    notify::Barrier barrier;
    for (;;) {
        const auto sent = barrier.send(*sender_);
        if (sent)
            co_return barrier.take_passed();
        const bool again = co_await wait_for_another_try(sent.error());
        if (!again)
            co_return std::nullopt;
    }
}

void Uplink::limit_patience(std::chrono::microseconds span) {
    patience_span_ = span;
    patience_.on_expired = [this] { give_up(); };
    patience_.start(span);
}

void Uplink::give_up() {
    given_up_ = true;
    retry_.cancel();
    if (writable_)
        writable_->cancel();
}

}  // namespace notifybridge::relay
