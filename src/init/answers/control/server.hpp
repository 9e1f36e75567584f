#pragma once

#include <list>
#include <memory>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/system/fd.hpp"
#include "init/answers/control/connection.hpp"

namespace notifybridge::control {

/// The manager's side of the control socket. No client can block the manager. Calls are limited in
/// size and time, and clients that do not read are dropped.
///
/// Clients may use all descriptors that the manager does not need. While all of these are in use,
/// new clients wait until the manager accepts them. Guests are clients that may only query. The
/// number of guests is limited, so that guests cannot keep other clients out.
class Server {
public:
    /// Listens at `socket_name` in `directory`, and replaces an old socket there. Passes each call
    /// to `on_call`, which must keep the call until it has answered. Closes connections by
    /// `closer`. Throws std::system_error on failure.
    Server(event::Loop& loop, process::FdCloser& closer, system::UniqueFd directory,
           Connection::OnCall on_call);
    ~Server();

    /// Accepts connections until the loop ends. Must be spawned once.
    event::Awaitable<> run();

private:
    bool accept();
    bool has_room();
    void add_guest(const std::shared_ptr<Connection>& guest);
    void take(const std::shared_ptr<Call>& call);
    void drop_guests_that_left();

    event::Loop& loop_;
    process::FdCloser& closer_;
    Connection::OnCall on_call_;
    system::UniqueFd directory_;
    event::Descriptor listener_;
    event::Timer pause_;
    std::list<std::weak_ptr<Connection>> guests_;  ///< The oldest guest comes first.
};

}  // namespace notifybridge::control
