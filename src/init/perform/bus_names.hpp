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

/// Reports whether names on a message bus have an owner, for services of Type=dbus. It stays
/// connected while a unit watches a name. If it cannot connect, it retries each second and reports
/// nothing.
class BusNames {
public:
    /// `address` is the bus's address, as in $DBUS_SYSTEM_BUS_ADDRESS. If it is empty, or not the
    /// path of a socket, uses the system bus.
    BusNames(event::Loop& loop, Poller& poller, std::string_view address);
    ~BusNames();
    BusNames(const BusNames&) = delete;
    BusNames& operator=(const BusNames&) = delete;

    /// Calls `on_change` with whether `name` has an owner: soon, and whenever that changes, until
    /// `unwatch`. One for each `unit`.
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
    std::map<std::string, Watch> watches_;  ///< By units.
    system::UniqueFd connection_;
    bool is_greeted_ = false;
    std::string input_;
    std::uint32_t serial_ = 0;
    std::map<std::uint32_t, std::string> questions_;  ///< Names, by the serials of GetNameOwner.
    event::Deadline retry_;
};

}  // namespace notifybridge::perform
