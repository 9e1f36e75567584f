#include "bridge/wrap/intake.hpp"

#include <unistd.h>

#include <utility>

#include "base/system/clock.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::wrap {
namespace {

using notify::DropReason;
using util::Severity;
using util::Topic;

/// How many messages are read and written in a batch before other coroutines run.
constexpr int batch_size = 64;
/// If no message came for this time, the next message usually comes alone. An attempt to receive a
/// second message would delay the first one by the time of a system call.
constexpr std::uint64_t quiet_usec = 100;

constexpr std::chrono::milliseconds room_interval(5);

/// This number of batches covers the longest queue that net.unix.max_dgram_qlen allows (512 if
/// systemd has set it).
constexpr int batches_in_queue = 16;

void say(const notify::Datagram& datagram, const notify::Message& message) {
    util::log(Severity::debug, Topic::messages, "message of pid ", datagram.sender.pid, ", uid ",
              datagram.sender.uid, ": ",
              util::logs(Severity::debug) ? util::quote(datagram.text) : std::string());
    if (!util::logs(Severity::info))
        return;
    if (message.has("READY=1"))
        util::log(Severity::info, Topic::messages, "Process signaled ready!");
    if (message.has("RELOADING=1"))
        util::log(Severity::info, Topic::messages, "Process is reloading");
    if (message.has("STOPPING=1"))
        util::log(Severity::info, Topic::messages, "Process is stopping");
    if (message.has("WATCHDOG=1"))
        util::log(Severity::debug, Topic::messages, "received a watchdog ping");
    if (const auto status = message.value(notify::Key::status))
        util::log(Severity::info, Topic::messages,
                  "Status update: ", util::escape(util::shorten(*status, 512)));
}

}  // namespace

Intake::Intake(event::Loop& loop, notify::Receiver receiver, Options options, MessageSink& sink,
               channel::ContainerStatus& status)
    : receiver_(std::move(receiver)),
      readable_(loop, event::duplicate(receiver_.fd())),
      room_(loop),
      room_pause_(loop),
      options_(options),
      sink_(sink),
      status_(status) {}

event::Awaitable<> Intake::run() {
    for (;;) {
        if (!sink_.has_room()) {
            ++status_.pauses;
            sink_.settle();
            constexpr std::string_view full =
                "too many messages are waiting for delivery: accepting no more until some are "
                "delivered";
            const bool is_news = said_.allows(full, system::monotonic_now());
            if (is_news)
                util::log(Severity::warning, Topic::messages, full);
            while (!sink_.has_room())
                co_await room_.wait();
            if (is_news)
                util::log(Severity::info, Topic::messages, "accepting messages again");
        }
        const bool readable = co_await readable_.readable();
        if (!readable)
            co_return;
        take_batch(/*all=*/false);
    }
}

bool Intake::catch_up() {
    for (int batch = 0; batch < batches_in_queue && sink_.has_room(); ++batch)
        if (!take_batch(/*all=*/false))
            return false;
    return true;
}

event::Awaitable<> Intake::finish(std::chrono::microseconds patience) {
    const std::uint64_t until =
        system::monotonic_now() + static_cast<std::uint64_t>(patience.count());
    while (catch_up() && system::monotonic_now() < until)
        co_await room_pause_.sleep(room_interval);
    bool more = true;
    for (int batch = 0; batch < batches_in_queue && more; ++batch)
        more = take_batch(/*all=*/true);
}

bool Intake::take_batch(bool all) {
    const system::Moment time = system::now();
    const std::uint64_t since_last =
        time.monotonic - std::exchange(last_batch_usec_, time.monotonic);
    const int most = !all && since_last > quiet_usec ? 1 : batch_size;
    bool full = true;
    for (int count = 0; count < most && full && (all || sink_.has_room()); ++count) {
        notify::Datagram datagram;
        DropReason reason{};
        switch (receiver_.receive(datagram, reason)) {
            case notify::Receiver::Outcome::nothing:
                full = false;
                break;
            case notify::Receiver::Outcome::dropped:
                drop(reason, datagram.sender, time);
                break;
            case notify::Receiver::Outcome::datagram:
                take(datagram, time);
                break;
        }
        system::close_at_once(std::move(datagram.fds));
    }
    sink_.settle();
    return full;
}

void Intake::take(notify::Datagram& datagram, system::Moment time) {
    if (is_foreign(datagram.sender)) {
        drop(DropReason::foreign_sender, datagram.sender, time);
        return;
    }
    const auto message = notify::parse(datagram.text);
    if (!message)
        drop(message.error(), datagram.sender, time);
    else
        judge(datagram, *message, time);
}

void Intake::judge(notify::Datagram& datagram, const notify::Message& message,
                   system::Moment time) {
    ++status_.messages;
    if (message.has("BARRIER=1")) {
        if (message.tags().size() != 1 || datagram.fds.size() != 1)
            drop(DropReason::bad_barrier, datagram.sender, time);
        else
            sink_.take_barrier(std::move(datagram.fds.front()), datagram, time);
        return;
    }
    if (!sink_.accepts(datagram.sender.pid)) {
        drop(DropReason::other_sender, datagram.sender, time);
        constexpr std::string_view ignored =
            "ignoring READY=1 of a process that is not the command (--notify-access=main)";
        if (message.has("READY=1") && said_.allows(ignored, time.monotonic))
            util::log(Severity::warning, Topic::messages, ignored, ": pid ", datagram.sender.pid,
                      "; remove --notify-access=main, start the app with `exec` in its script, or "
                      "let the command send MAINPID= with the app's pid ",
                      tags::ready_ignored);
        return;
    }
    say(datagram, message);
    if (const auto text = message.value(notify::Key::status); text && !util::is_utf8(*text))
        drop(DropReason::bad_utf8, datagram.sender, time);
    sink_.take(datagram, message, time);
    if (!datagram.fds.empty())
        drop(DropReason::unsent_fds, datagram.sender, time);
}

bool Intake::is_foreign(const system::Credentials& sender) const {
    return sender.pid == 0 && sender.uid != 0 && sender.uid != ::geteuid()
           && !options_.allow_foreign;
}

void Intake::drop(DropReason reason, system::Credentials sender, system::Moment time) {
    drops_.add(reason, sender, time);
    status_.drops = drops_.counters();
}

}  // namespace notifybridge::wrap
