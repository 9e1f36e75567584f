#pragma once

#include <string>

#include "base/system/fd.hpp"
#include "bridge/guest/listen_address.hpp"

namespace notifybridge::guest {

/// Opens the socket and listens. Replaces a Unix socket on which nobody listens any more. Throws
/// std::runtime_error on failure, with a text that explains what to do.
system::UniqueFd listen_on(const ListenAddress& address);

/// Returns the reason why no guest of this machine can reach a vsock. Returns an empty text if no
/// reason is known.
std::string why_unreachable(const ListenAddress& address);

}  // namespace notifybridge::guest
