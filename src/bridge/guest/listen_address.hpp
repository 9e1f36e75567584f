#pragma once

#include <sys/socket.h>

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/util/result_error.hpp"

namespace notifybridge::guest {

using util::throw_exception_from_error;

/// The address on which messages of a virtual machine arrive (--listen).
struct ListenAddress {
    enum class Kind { vsock, path };

    Kind kind = Kind::vsock;
    int socket_type = SOCK_STREAM;
    std::uint32_t port = 0;  ///< The port of a vsock.
    std::string path;        ///< The path of a Unix socket.

    bool operator==(const ListenAddress&) const = default;
};

/// The reasons why a text is not a valid address for --listen.
enum class ListenError { unknown_form, bad_port, empty_path, long_path };

std::string_view explain(ListenError error) noexcept;

/// Parses vsock:PORT (a stream socket), vsock-stream:PORT, vsock-seqpacket:PORT, vsock-dgram:PORT
/// and unix:PATH.
boost::system::result<ListenAddress, ListenError> parse_listen_address(std::string_view text);

/// Returns the address in the form of --listen.
std::string to_string(const ListenAddress& address);

/// Returns the address to use in the guest's credential vmm.notify_socket. The host has the CID 2.
/// If `address` is a Unix socket, the port is the number after the last "_" in its path, or else
/// the word PORT.
std::string address_for_guest(const ListenAddress& address);

}  // namespace notifybridge::guest
