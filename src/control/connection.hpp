#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "control/call.hpp"
#include "event/descriptor.hpp"
#include "event/timer.hpp"
#include "event/wakeup.hpp"

namespace notifybridge::control {

/// The manager's end of one client's connection. It lives as long as one of its coroutines runs.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using OnCall = std::function<void(std::shared_ptr<Call>)>;

    Connection(event::Loop& loop, system::UniqueFd fd, OnCall on_call);

    /// Takes its call, and notices when the client goes away.
    void start();

    bool has_called() const { return has_called_; }
    void close();

    /// Sends a packet, now or when the client reads on.
    void send(std::string packet);

private:
    event::Awaitable<> read();
    event::Awaitable<> write();
    event::Awaitable<> limit_time();
    bool take_call();
    bool send_now(std::string_view packet);

    event::Loop& loop_;
    OnCall on_call_;
    event::Descriptor descriptor_;
    event::Timer patience_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool writes_ = false;
    bool has_called_ = false;
    bool is_closed_ = false;
};

}  // namespace notifybridge::control
