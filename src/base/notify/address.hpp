#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/util/result_error.hpp"

namespace notifybridge::notify {

using util::throw_exception_from_error;

/// An address to which notifications are sent, as in $NOTIFY_SOCKET (sd_notify(3), Notes).
struct Address {
    enum class Kind { path, abstract, vsock };

    Kind kind = Kind::path;
    std::string name;       ///< The path, or the abstract name without its "@".
    std::uint32_t cid = 0;  ///< The context identifier of a vsock.
    std::uint32_t port = 0;
    /// SOCK_DGRAM, SOCK_SEQPACKET or SOCK_STREAM; 0 for a vsock if the type is not known yet.
    int socket_type = 0;

    bool operator==(const Address&) const = default;
};

/// The reason why a text is not an address.
enum class AddressError { empty, unknown_form, too_long, bad_cid, bad_port };

std::string_view explain(AddressError error) noexcept;

/// Returns the address in the form of $NOTIFY_SOCKET.
std::string to_string(const Address& address);

boost::system::result<Address, AddressError> parse_address(std::string_view text);

}  // namespace notifybridge::notify
