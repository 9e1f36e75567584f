#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/message.hpp"
#include "base/event/deadline.hpp"
#include "base/system/fd.hpp"
#include "init/perform/poller.hpp"

namespace notifybridge::perform {

/// Reports whether names on a message bus have an owner, for services of Type=dbus. Stays connected
/// while a unit watches a name. If no bus answers, retries each second and reports nothing.
class BusNames {
public:
    /// Uses the bus at `address`, which is $DBUS_SYSTEM_BUS_ADDRESS. Uses the system bus if
    /// `address` is empty or is not the path of a socket.
    BusNames(event::Loop& loop, Poller& poller, std::string_view address);
    ~BusNames();
    BusNames(const BusNames&) = delete;
    BusNames& operator=(const BusNames&) = delete;

    /// Calls `on_change` with whether `name` has an owner: soon, and whenever that changes, until
    /// `unwatch`. Each `unit` has one watch.
    void watch(const std::string& unit, const std::string& name,
               std::function<void(bool has_owner)> on_change);
    void unwatch(const std::string& unit);

private:
    struct Watch {
        std::string name;
        std::function<void(bool)> on_change;
    };

    void connect();
    bool open_connection();
    void disconnect();
    void break_off();
    bool send(const std::string& bytes);
    bool call(std::string_view member, const std::vector<std::string>& arguments = {});
    bool ask_for(const std::string& name);
    bool read();
    bool read_greeting();
    bool read_messages();
    void handle(const bus::Message& message);
    void tell(const std::string& name, bool has_owner);

    Poller& poller_;
    std::string path_;
    std::map<std::string, Watch> watches_;  ///< The watches by their units.
    system::UniqueFd connection_;
    bool is_greeted_ = false;
    std::string input_;
    std::uint32_t serial_ = 0;
    /// Names, by the serials of the calls of GetNameOwner.
    std::map<std::uint32_t, std::string> questions_;
    event::Deadline retry_;
};

}  // namespace notifybridge::perform
