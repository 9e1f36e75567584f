#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/bus/connection.hpp"
#include "base/event/deadline.hpp"

namespace notifybridge::perform {

/// A watcher that reports whether names on a message bus have an owner, for services of Type=dbus.
/// It stays connected while a unit watches a name. While no bus answers, it tries to connect every
/// second, and reports nothing.
class BusNames {
public:
    /// Uses the bus at `address`, which is $DBUS_SYSTEM_BUS_ADDRESS. Uses the system bus if
    /// `address` is empty or is not the path of a socket.
    BusNames(event::Loop& loop, event::Poller& poller, process::FdCloser& closer,
             std::string_view address);
    BusNames(const BusNames&) = delete;
    BusNames& operator=(const BusNames&) = delete;

    /// Calls `on_change` to report whether `name` has an owner: first when the bus answers, and
    /// then on each change, until `unwatch`. Each `unit` has at most one watch.
    void watch(const std::string& unit, const std::string& name,
               std::function<void(bool has_owner)> on_change);
    void unwatch(const std::string& unit);

private:
    struct Watch {
        std::string name;
        std::function<void(bool)> on_change;
    };

    void connect();
    void disconnect();
    void request_owner(const std::string& name);
    void take(const bus::MessageStream::Item& item);
    void tell(const std::string& name, bool has_owner);

    std::string path_;
    std::map<std::string, Watch> watches_;  ///< The watches by their units.
    bus::Connection connection_;
    /// The names in our calls of GetNameOwner, by the serials of the calls.
    std::map<std::uint32_t, std::string> questions_;
    event::Deadline retry_;
};

}  // namespace notifybridge::perform
