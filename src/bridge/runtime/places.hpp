#pragma once

namespace notifybridge::runtime {

/// Where the executable is in the container.
inline constexpr const char* executable_place = "/run/.notifybridge";

/// A directory in it for the socket of a `wrap` that has no shared directory: an image may have
/// none that its user may write to.
inline constexpr const char* socket_place = "/run/.notifybridge.d";

}  // namespace notifybridge::runtime
