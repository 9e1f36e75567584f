#include "init/answers/control/client.hpp"

#include <poll.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <span>
#include <vector>

#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::control {
namespace {

system::UniqueFd connect_in(const std::string& path) {
    const auto directory = system::open_directory(path);
    if (!directory)
        system::throw_error(directory.error().value(), path.c_str());
    auto connection = system::connect_at(*directory, socket_name, true);
    if (!connection)
        system::throw_error(connection.error().value(), path.c_str());
    return std::move(*connection);
}

void await(system::Fd connection, short what) {
    pollfd waiting{connection.get(), what, 0};
    while (::poll(&waiting, 1, -1) < 0 && errno == EINTR) {
    }
}

/// Reads the next packet. The result is valid as long as `buffer`.
std::string_view read_packet(system::Fd connection, std::span<std::byte> buffer) {
    for (;;) {
        await(connection, POLLIN);
        const auto received = system::receive_datagram(connection, buffer);
        if (!received && received.error().value() == EAGAIN)
            continue;
        if (!received || received->size == 0)
            throw Ended(
                "the service manager ended, or closed the connection, before it answered; try "
                "again");
        return {reinterpret_cast<const char*>(buffer.data()), received->size};
    }
}

json::object read_answer(system::Fd connection) {
    std::vector<std::byte> buffer(longest_packet);
    PartialAnswer answer;
    PartialAnswer::Taken taken;
    do
        taken = answer.add(read_packet(connection, buffer));
    while (taken == PartialAnswer::Taken::part);
    auto object = taken == PartialAnswer::Taken::whole ? parse_packet(answer.take()) : std::nullopt;
    if (!object)
        throw std::runtime_error(
            "the answer of the service manager is not valid; check that it has the same version as "
            "this program");
    return std::move(*object);
}

std::string text_of(const json::object& packet, std::string_view name) {
    const json::value* const value = packet.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::string control_directory(const std::string& run_directory) {
    return util::concat(run_directory, "/notifybridge");
}

Client::Client(const std::string& run_directory)
    : connection_(connect_in(control_directory(run_directory))) {}

void Client::call(const json::object& request, util::FunctionRef<void(const json::object&)> take) {
    const std::string packet = json::serialize(request);
    if (packet.size() > longest_packet)
        throw std::runtime_error(
            "the request is longer than the service manager accepts; split the request into "
            "several with fewer arguments");
    for (;;) {
        const auto sent = system::send_datagram(connection_, std::as_bytes(std::span(packet)));
        if (sent)
            break;
        if (sent.error().value() != EAGAIN)
            system::throw_error(sent.error().value(), "control socket");
        await(connection_, POLLOUT);
    }
    for (;;) {
        const json::object answer = read_answer(connection_);
        if (answer.contains("error"))
            throw Refused(text_of(answer, "error"), text_of(answer, "text"));
        if (answer.contains("end"))
            return;
        if (take)
            take(answer);
    }
}

}  // namespace notifybridge::control
