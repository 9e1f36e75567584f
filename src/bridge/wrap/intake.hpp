#pragma once

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/notify/receiver.hpp"
#include "base/util/log_limit.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/relay/drop_log.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// Reads the command's socket, checks each datagram by systemd's rules, and passes the datagrams to
/// the sink in order. Waits only if the sink has no room.
class Intake {
public:
    struct Options {
        /// Whether to accept messages of other users from other pid namespaces.
        bool allow_foreign = false;
    };

    /// Counts received and dropped messages in `status`.
    Intake(event::Loop& loop, notify::Receiver receiver, Options options, MessageSink& sink,
           channel::ContainerStatus& status);

    /// Reads until the loop ends.
    event::Awaitable<> run();

    /// Takes messages from the socket's queue while the sink has room. Takes at most as many as a
    /// queue holds, because a client may never stop sending. Returns whether there may be more. Do
    /// not call this within MessageSink::take.
    bool catch_up();

    /// Takes all queued messages. Call this at the end. When `patience` is over, takes as many as a
    /// queue holds, even if the sink has no room.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// Continues reading. Call this when the sink has room again.
    void room() { room_.raise(); }

private:
    /// Takes one batch. Returns false if there were fewer messages than in a full batch. Unless
    /// `all` is set, takes no more messages than the sink has room for.
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
