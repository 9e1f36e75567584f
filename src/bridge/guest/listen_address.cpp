#include "bridge/guest/listen_address.hpp"

#include <linux/vm_sockets.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::guest {
namespace {

constexpr std::string_view path_prefix = "unix:";

struct VsockForm {
    std::string_view prefix;
    int socket_type;
};

/// The prefixes are those of $NOTIFY_SOCKET. A port accepts only one type of socket. "vsock:" means
/// a stream, because virtual machine managers set "vsock-stream:" in their guests.
constexpr auto vsock_forms = std::to_array<VsockForm>({
    {"vsock:", SOCK_STREAM},
    {"vsock-stream:", SOCK_STREAM},
    {"vsock-seqpacket:", SOCK_SEQPACKET},
    {"vsock-dgram:", SOCK_DGRAM},
});

std::string_view prefix_for_guest(int socket_type) {
    const auto form = std::ranges::find(vsock_forms.rbegin(), vsock_forms.rend(), socket_type,
                                        &VsockForm::socket_type);
    return form->prefix;
}

std::optional<std::uint32_t> parse_port(std::string_view text) {
    const auto port = util::parse_number<std::uint32_t>(text);
    return port && *port != 0 && *port != VMADDR_PORT_ANY ? port : std::nullopt;
}

}  // namespace

std::string_view explain(ListenError error) noexcept {
    switch (error) {
        case ListenError::bad_port:
            return "the port is not a number from 1 to 4294967294";
        case ListenError::empty_path:
            return "the path is empty";
        case ListenError::long_path:
            return "a socket's path can have at most 107 bytes; choose a shorter path, such as "
                   "/run/vm.sock_9999";
        case ListenError::unknown_form:
            break;
    }
    return "expected vsock:PORT, such as vsock:9999, or unix:PATH, such as unix:/run/vm.sock_9999";
}

boost::system::result<ListenAddress, ListenError> parse_listen_address(std::string_view text) {
    ListenAddress address;
    for (const VsockForm& form : vsock_forms) {
        if (!text.starts_with(form.prefix))
            continue;
        const auto port = parse_port(text.substr(form.prefix.size()));
        if (!port)
            return ListenError::bad_port;
        address.socket_type = form.socket_type;
        address.port = *port;
        return address;
    }
    if (!text.starts_with(path_prefix))
        return ListenError::unknown_form;
    address.kind = ListenAddress::Kind::path;
    address.path = text.substr(path_prefix.size());
    if (address.path.empty())
        return ListenError::empty_path;
    if (address.path.size() > system::longest_socket_path)
        return ListenError::long_path;
    return address;
}

std::string to_string(const ListenAddress& address) {
    if (address.kind == ListenAddress::Kind::path)
        return util::concat(path_prefix, address.path);
    const auto form = std::ranges::find(vsock_forms, address.socket_type, &VsockForm::socket_type);
    return util::concat(form->prefix, address.port);
}

std::string address_for_guest(const ListenAddress& address) {
    const std::string host =
        util::concat(prefix_for_guest(address.socket_type), VMADDR_CID_HOST, ':');
    if (address.kind == ListenAddress::Kind::vsock)
        return util::concat(host, address.port);
    const std::string_view path = address.path;
    const auto port = parse_port(path.substr(std::min(path.size(), path.rfind('_') + 1)));
    return port ? util::concat(host, *port) : util::concat(host, "PORT");
}

}  // namespace notifybridge::guest
