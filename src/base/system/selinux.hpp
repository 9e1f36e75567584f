#pragma once

#include <string>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Reads the state of SELinux, and reads and sets labels, if this machine has SELinux.
namespace notifybridge::system {

constexpr const char* selinux_directory = "/sys/fs/selinux";

/// Returns whether the policy mounted at `directory` is enforced.
bool selinux_enforces(const std::string& directory = selinux_directory);

/// Returns the label of the file at `path`, following links. Returns an empty text if the file has
/// no label.
std::string selinux_label(const std::string& path);

/// Sets the label of the file at `path`. Returns ENOTSUP if the file system has no labels.
boost::system::error_code set_selinux_label(const std::string& path, const std::string& label);

/// Returns `label` with the level of `other`: "s0:c1,c2". Returns an empty text if one of them has
/// no level.
std::string with_level_of(const std::string& label, const std::string& other);

/// Gives sockets of this process the level of another label. The socket of an accepted connection
/// has the type of the listening process, but the level of the client's socket. So a container may
/// not use the connection of a client with a wider level, such as that of a user's session.
class SocketLevel {
public:
    /// Opens the file of the kernel, because a sandbox may forbid this later. Without SELinux, this
    /// object does nothing.
    SocketLevel();

    bool is_possible() const { return static_cast<bool>(file_); }
    /// Sockets that are made from now on get the level of `label`. Does nothing if the policy
    /// forbids this.
    void take_from(const std::string& label) const;
    /// Sockets that are made from now on get our own level again.
    void reset() const;

private:
    std::string own_;  ///< The label of this process.
    UniqueFd file_;
};

}  // namespace notifybridge::system
