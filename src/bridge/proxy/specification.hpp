#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/socket_address.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::proxy {

/// A value of --proxy: which socket of systemd leads to which address in the container.
struct Specification {
    std::string text;  ///< The text as given, for messages.
    std::string name;  ///< The socket's name (FileDescriptorName=); empty for the only one.
    probe::Specification target;  ///< Also the probe for an app that is ready once it accepts.

    /// Returns the target's addresses, in the order in which they are tried.
    std::span<const system::SocketAddress> addresses() const;
};

/// The text is not a value of --proxy; what() tells what is wrong and what to do.
using SpecificationError = probe::SpecificationError;

/// Parses "[NAME=]tcp:HOST:PORT" or "[NAME=]unix:PATH". Throws SpecificationError.
Specification parse_specification(std::string_view text);

/// Throws SpecificationError if two of them want the same socket, or if one of several has no name.
void check_names(std::span<const Specification> specifications);

}  // namespace notifybridge::proxy
