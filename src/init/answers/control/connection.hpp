#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/fd_closer.hpp"
#include "init/answers/control/call.hpp"

namespace notifybridge::control {

/// The manager's end of a client's connection. The object lives until its coroutines have ended and
/// no call refers to it any more.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using OnCall = std::function<void(std::shared_ptr<Call>)>;

    Connection(event::Loop& loop, process::FdCloser& closer, system::UniqueFd fd, OnCall on_call);

    /// Starts to receive the client's call, and to watch whether the client disconnects.
    void start();

    /// Returns whether the client is root or the manager's user. Only such a client may change
    /// anything.
    bool is_privileged() const { return is_privileged_; }
    bool is_closed() const { return !descriptor_; }
    /// Returns whether the client has sent a call and the last answer is not ready yet. Returns
    /// false if the answer is ready, even if the client has not read it.
    bool is_waiting();
    /// Ends the connection at once. The destructor may run much later, because calls in progress
    /// refer to this object.
    void close();

    /// Sends a packet as soon as the client can receive it, but only after the manager has handled
    /// the current event. For example, a client learns that a unit has stopped only after the
    /// manager has cleaned up after the unit.
    void send(std::string packet);
    /// Closes the connection when all packets are sent.
    void end() { is_answered_ = true; }

private:
    event::Awaitable<> read();
    event::Awaitable<> write();
    event::Awaitable<> limit_time();
    bool take_call();
    bool send_now(std::string_view packet);

    event::Loop& loop_;
    process::FdCloser& closer_;
    OnCall on_call_;
    bool is_privileged_;
    std::optional<event::Descriptor> descriptor_;
    event::Timer patience_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool writes_ = false;
    bool has_called_ = false;
    bool is_answered_ = false;
};

}  // namespace notifybridge::control
