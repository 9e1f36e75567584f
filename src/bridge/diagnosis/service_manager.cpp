#include "bridge/diagnosis/service_manager.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/bus/client.hpp"
#include "base/bus/connection.hpp"
#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using Clock = bus::Client::Clock;

constexpr const char* socket_of_manager = "private";
constexpr const char* directory_of_manager = "systemd";
constexpr const char* socket_of_system = "/run/systemd/private";
constexpr std::string_view name_of_manager = "org.freedesktop.systemd1";
constexpr std::string_view all_services = "*.service";

std::vector<std::string> paths_of(bus::Client& manager, const std::string& name) {
    if (name != all_services)
        return {bus::unit_path(name)};
    const auto answer =
        manager.call("/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "ListUnits");
    std::vector<std::string> paths;
    if (answer)
        for (auto& [unit, path] : bus::read_unit_paths(*answer))
            if (unit.ends_with(".service"))
                paths.push_back(std::move(path));
    return paths;
}

UnitFacts read_unit(std::string_view properties) {
    UnitFacts unit;
    for (const auto& [name, value] : bus::read_properties(properties))
        set_property(unit, name, value);
    return unit;
}

/// A unit of which the manager has no properties, because its name is invalid.
UnitFacts unknown_unit(const std::string& name) {
    UnitFacts unit;
    unit.name = name;
    unit.load_state = "not-found";
    return unit;
}

std::vector<UnitFacts> ask_for_units(bus::Client& manager, const std::string& name) {
    std::vector<UnitFacts> units;
    for (const std::string& path : paths_of(manager, name)) {
        const auto answer =
            manager.call(path, "org.freedesktop.DBus.Properties", "GetAll", {std::string()});
        if (answer)
            units.push_back(read_unit(*answer));
        else if (!manager.was_refused())
            break;
        else if (name != all_services)
            units.push_back(unknown_unit(name));
    }
    return units;
}

/// Asks through a socket that leads to the manager, or to a bus that has the manager under
/// `bus_name`.
std::optional<std::vector<UnitFacts>> ask_through(system::Result<system::UniqueFd> socket,
                                                  const std::string& name, Clock::time_point end,
                                                  std::string_view bus_name = {}) {
    if (!socket)
        return std::nullopt;
    bus::Client manager(std::move(*socket), end, bus_name);
    if (manager.greet())
        return ask_for_units(manager, name);
    const bool hangs = Clock::now() >= end;
    return hangs ? std::optional(std::vector<UnitFacts>()) : std::nullopt;
}

/// Connects to the socket in `directory`, which belongs to a user. Does not enter other mounts,
/// because the user may have mounted a file system that hangs.
system::Result<system::UniqueFd> connect_to_user(system::Fd directory, uid_t user) {
    auto socket = system::connect_to_stream(directory, socket_of_manager, user);
    if (!socket)
        return socket;
    const auto peer = system::peer_user(*socket);
    if (!peer || *peer != user)
        return system::error_of(EPERM);
    return socket;
}

system::Result<system::UniqueFd> connect_to_path(const std::string& path) {
    if (path.size() > system::longest_socket_path)
        return system::error_of(ENAMETOOLONG);
    auto socket = system::open_socket(AF_UNIX, SOCK_STREAM);
    const auto address = system::SocketAddress::unix_path(path);
    if (socket && ::connect(socket->get(), address.data(), address.size()) < 0)
        return system::last_error();
    return socket;
}

std::optional<std::vector<UnitFacts>> ask_system(const std::string& name, Clock::time_point end) {
    // Without this socket, the manager is our `init`, which has fewer properties on the bus.
    if (::access(socket_of_system, F_OK) < 0)
        return std::nullopt;
    if (auto units = ask_through(connect_to_path(socket_of_system), name, end))
        return units;
    const char* const addresses = ::getenv("DBUS_SYSTEM_BUS_ADDRESS");
    const std::string path = bus::socket_path(addresses ? addresses : "", bus::system_socket);
    return ask_through(connect_to_path(path), name, end, name_of_manager);
}

}  // namespace

std::optional<std::vector<UnitFacts>> ask_manager(Manager manager, const std::string& name,
                                                  std::chrono::milliseconds patience) {
    if (!manager)
        return ask_system(name, Clock::now() + patience);
    const auto place = system::open_directory(concat("/run/user/", *manager));
    return ask_manager_in(
        place ? system::open_handle(*place, directory_of_manager) : system::UniqueFd(), *manager,
        name, patience);
}

std::optional<std::vector<UnitFacts>> ask_manager_in(system::Fd directory, uid_t user,
                                                     const std::string& name,
                                                     std::chrono::milliseconds patience) {
    return ask_through(connect_to_user(directory, user), name, Clock::now() + patience);
}

}  // namespace notifybridge::diagnosis
