#pragma once

/// Paths that `runtime` adds to a container.
namespace notifybridge::channel {

/// The path where our executable is mounted.
inline constexpr const char* executable_place = "/run/.notifybridge";

/// A directory for the socket of a `wrap` without a shared directory. The image may have no other
/// directory that its user can write to.
inline constexpr const char* socket_place = "/run/.notifybridge.d";

}  // namespace notifybridge::channel
