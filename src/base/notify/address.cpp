#include "base/notify/address.hpp"

// <linux/vm_sockets.h> needs this header, but some versions do not include it.
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include <array>

#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::notify {
namespace {

struct VsockForm {
    std::string_view prefix;
    int socket_type;
};

constexpr auto vsock_forms = std::to_array<VsockForm>({
    {"vsock:", 0},
    {"vsock-stream:", SOCK_STREAM},
    {"vsock-dgram:", SOCK_DGRAM},
    {"vsock-seqpacket:", SOCK_SEQPACKET},
});

/// Parses CID:PORT. Both parts are required, and neither may be a wildcard.
boost::system::result<Address, AddressError> parse_vsock(std::string_view text, int socket_type) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos)
        return AddressError::bad_port;
    const auto cid = util::parse_number<std::uint32_t>(text.substr(0, colon));
    if (!cid || *cid == VMADDR_CID_ANY)
        return AddressError::bad_cid;
    const auto port = util::parse_number<std::uint32_t>(text.substr(colon + 1));
    if (!port || *port == VMADDR_PORT_ANY)
        return AddressError::bad_port;
    return Address{Address::Kind::vsock, {}, *cid, *port, socket_type};
}

}  // namespace

std::string_view explain(AddressError error) noexcept {
    switch (error) {
        case AddressError::empty:
            return "it is empty";
        case AddressError::too_long:
            return "the path of the socket is longer than 107 bytes";
        case AddressError::bad_cid:
            return "the CID is not a number from 0 to 4294967294";
        case AddressError::bad_port:
            return "the port is missing or not a number";
        case AddressError::unknown_form:
            break;
    }
    return "expected an absolute path, @NAME or vsock:CID:PORT";
}

std::string to_string(const Address& address) {
    switch (address.kind) {
        case Address::Kind::path:
            return address.name;
        case Address::Kind::abstract:
            return "@" + address.name;
        case Address::Kind::vsock:
            break;
    }
    for (const VsockForm& form : vsock_forms)
        if (form.socket_type == address.socket_type)
            return util::concat(form.prefix, address.cid, ':', address.port);
    return {};
}

boost::system::result<Address, AddressError> parse_address(std::string_view text) {
    if (text.empty())
        return AddressError::empty;
    for (const VsockForm& form : vsock_forms)
        if (text.starts_with(form.prefix))
            return parse_vsock(text.substr(form.prefix.size()), form.socket_type);

    const bool abstract = text[0] == '@';
    if ((!abstract && text[0] != '/') || text.size() < 2)
        return AddressError::unknown_form;
    if (text.size() > system::longest_socket_path)
        return AddressError::too_long;
    if (abstract)
        return Address{Address::Kind::abstract, std::string(text.substr(1)), 0, 0, SOCK_DGRAM};
    return Address{Address::Kind::path, std::string(text), 0, 0, SOCK_DGRAM};
}

}  // namespace notifybridge::notify
