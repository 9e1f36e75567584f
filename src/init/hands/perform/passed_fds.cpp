#include "init/hands/perform/passed_fds.hpp"

#include <errno.h>
#include <fcntl.h>

#include <algorithm>
#include <ranges>

#include "base/system/error.hpp"

namespace notifybridge::perform {
namespace {

/// Returns the sockets of all units that trigger the service. The units of Sockets= come first, in
/// the order of this directive. The other units follow in the order of loading.
std::vector<execute::NamedFd> sockets_of(HostState& state, const manager::Unit& service) {
    std::vector<const manager::Unit*> units;
    for (const manager::Unit* const unit :
         service.dependencies.list(manager::Relation::triggered_by))
        if (unit->type() == unit::UnitType::socket)
            units.push_back(unit);
    const unit::Names& named = service.settings().service.sockets;
    std::ranges::stable_sort(units, {}, [&](const manager::Unit* socket) {
        return std::ranges::find_first_of(named, socket->loaded().names()) - named.begin();
    });
    std::vector<execute::NamedFd> found;
    for (const manager::Unit* const socket : units) {
        const std::string name = listen::fd_name(socket->settings().socket, socket->id());
        if (const UnitDescriptors* const own = state.descriptors_of(*socket))
            for (const listen::Listener& listener : own->listeners)
                found.push_back({listener.fd, name});
    }
    return found;
}

}  // namespace

void pass_fds(HostState& state, const unit_types::ProcessRequest& request,
              execute::StartRequest& start) {
    const bool is_inetd = execute::uses_socket(request.unit.settings().exec);
    if (!request.passes_fds && !is_inetd)
        return;
    const UnitDescriptors* const own = state.descriptors_of(request.unit);
    std::vector<execute::NamedFd> sockets;
    if (own && own->connection) {
        sockets.push_back({own->connection, "connection"});
        for (std::string& variable : listen::remote_variables(own->connection))
            start.environment.push_back(std::move(variable));
    } else {
        sockets = sockets_of(state, request.unit);
    }
    if (is_inetd) {
        if (sockets.size() != 1)
            system::throw_error(
                EINVAL,
                util::concat("StandardInput=socket or StandardOutput=socket needs exactly one "
                             "socket, but has ",
                             sockets.size(), " from Sockets= and .socket units"));
        start.socket = sockets.front().fd;
        // A program expects a blocking standard input, even if NonBlocking= is set.
        const int flags = ::fcntl(start.socket.get(), F_GETFL);
        ::fcntl(start.socket.get(), F_SETFL, flags & ~O_NONBLOCK);
    } else {
        start.fds = std::move(sockets);
    }
    // Like systemd, pass the descriptors in reverse order. The descriptor that was stored last
    // comes first.
    if (request.passes_fds && own)
        for (const FdStore::Stored& stored : own->stored.all() | std::views::reverse)
            start.fds.push_back({stored.fd, stored.name, false});
}

}  // namespace notifybridge::perform
