#pragma once

#include <functional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/loop.hpp"
#include "base/event/timer.hpp"
#include "base/notify/message.hpp"
#include "base/notify/receiver.hpp"
#include "base/process/fd_closer.hpp"

namespace notifybridge::daemon {

/// The socket to which services send their notifications (NOTIFY_SOCKET).
class NotifyPort {
public:
    /// Creates the socket at `path`. All users may send to the socket. Closes descriptors by
    /// `closer`. Throws std::system_error on failure.
    NotifyPort(event::Loop& loop, const std::string& path, process::FdCloser& closer);
    ~NotifyPort();

    /// The function to call with each valid message except barriers (BARRIER=1). The port closes
    /// the descriptors that the function does not move out of the datagram. The port also closes
    /// the descriptor of each barrier, which releases the sender.
    std::function<void(notify::Datagram&, const notify::Message&)> on_message;

    const std::string& path() const { return path_; }

    /// Receives messages until the loop ends. Must be spawned once.
    event::Awaitable<> run();

    /// Receives the messages that were sent before this call. Must be called before the end of a
    /// process is handled, so that the messages of the process are handled first.
    void drain();

private:
    bool take_one(std::size_t& work);
    void take_some(std::size_t most_messages, std::size_t most_work);

    std::string path_;
    event::Loop& loop_;
    process::FdCloser& closer_;
    notify::Receiver receiver_;
    event::Descriptor readable_;
    event::Timer pause_;
    std::size_t queue_length_;
};

}  // namespace notifybridge::daemon
