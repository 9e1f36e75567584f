#pragma once

#include <functional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/loop.hpp"
#include "base/notify/message.hpp"
#include "base/notify/receiver.hpp"

namespace notifybridge::daemon {

/// The socket that services send their notifications to (NOTIFY_SOCKET).
class NotifyPort {
public:
    /// Makes the socket at `path`, for all users to send to. Throws std::system_error.
    NotifyPort(event::Loop& loop, const std::string& path);
    ~NotifyPort();

    /// Called with each message that keeps the rules of the wire; its descriptors are closed if
    /// they are not taken out. Barriers (BARRIER=1) are released when it returns.
    std::function<void(notify::Datagram&, const notify::Message&)> on_message;

    const std::string& path() const { return path_; }

    /// Takes messages until the loop ends. Spawn it once.
    event::Awaitable<> run();

    /// Takes all waiting messages, so that the messages of a process precede its end.
    void drain();

private:
    bool take_one();

    std::string path_;
    event::Loop& loop_;
    notify::Receiver receiver_;
    event::Descriptor readable_;
};

}  // namespace notifybridge::daemon
