#pragma once

#include <list>
#include <memory>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/system/fd.hpp"
#include "init/control/connection.hpp"

namespace notifybridge::control {

/// The manager's side of the control socket. What a client sends is bounded in size and time, and a
/// client that does not read its answers is dropped: none holds the manager up. There may be as
/// many clients as there are descriptors that the manager does not need itself; more wait to be
/// accepted. Guests, clients that may only ask, are fewer, so that they keep nobody out.
class Server {
public:
    /// Listens at `socket_name` in `directory`, in place of a socket that was left there. `on_call`
    /// is called with each call, which is kept as long as there is something to answer. Throws
    /// std::system_error.
    Server(event::Loop& loop, system::UniqueFd directory, Connection::OnCall on_call);
    ~Server();

    /// Takes connections until the loop ends. Spawn it once.
    event::Awaitable<> run();

private:
    bool accept();
    bool has_room();
    void seat(const std::shared_ptr<Connection>& guest);
    void take(const std::shared_ptr<Call>& call);
    void drop_guests_that_left();

    event::Loop& loop_;
    Connection::OnCall on_call_;
    system::UniqueFd directory_;
    event::Descriptor listener_;
    event::Timer pause_;
    std::list<std::weak_ptr<Connection>> guests_;  ///< The oldest first.
};

}  // namespace notifybridge::control
