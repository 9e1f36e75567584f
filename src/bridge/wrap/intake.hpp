#pragma once

#include <functional>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/notify/receiver.hpp"
#include "base/util/log_limit.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/relay/drop_log.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// Reads the socket that the command sends to, judges each datagram by systemd's rules, and passes
/// it to the sink, in order. Waits for nothing but the sink's room.
class Intake {
public:
    struct Options {
        bool allow_foreign = false;  ///< Take messages of other users from other pid namespaces.
    };

    /// Counts what comes in `status`.
    Intake(event::Loop& loop, notify::Receiver receiver, Options options, MessageSink& sink,
           channel::ContainerStatus& status);

    /// Whether the messages of this process count; may be left out.
    std::function<bool(pid_t sender)> hears;

    /// Reads until the loop ends.
    event::Awaitable<> run();

    /// Takes what is queued in the socket and the outlet has room for; of a client that never
    /// stops, no more than a queue holds. Whether there may be more. Not to be called from within
    /// Outlet::take.
    bool catch_up();

    /// Takes all that is there, before the end. Once `patience` is over it takes what a queue
    /// holds, without room.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// The outlet has room again.
    void room() { room_.raise(); }

private:
    /// Takes one batch; false where there was less than a whole one. Unless it is to be `all`, no
    /// more than there is room for.
    bool take_batch(bool all);
    void take(notify::Datagram& datagram, system::Moment time);
    void judge(notify::Datagram& datagram, const notify::Message& message, system::Moment time);
    bool is_foreign(const system::Credentials& sender) const;
    void drop(notify::DropReason reason, system::Credentials sender, system::Moment time);

    notify::Receiver receiver_;
    event::Descriptor readable_;
    event::Wakeup room_;
    event::Timer room_pause_;
    util::LogLimit said_;
    Options options_;
    MessageSink& sink_;
    channel::ContainerStatus& status_;
    relay::DropLog drops_;
    std::uint64_t last_batch_usec_ = 0;
};

}  // namespace notifybridge::wrap
