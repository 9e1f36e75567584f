#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/process/supervisor.hpp"
#include "base/system/sock_diag.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// The inode numbers of sockets. A command may have tens of thousands of them.
using Inodes = std::unordered_set<std::uint64_t>;

/// The sockets at which the command listens. Other processes may share our network namespace, so a
/// socket has to belong to the command or a descendant. If descriptors of these processes are
/// hidden from us, sockets that are found in no process count as theirs, too.
class OwnListeners {
public:
    explicit OwnListeners(const process::Supervisor& supervisor) : supervisor_(supervisor) {}

    /// Call this for each target before the command is started. Sockets that listen already are not
    /// the command's, even if it inherits them (LISTEN_FDS): they take connections before the
    /// command is ready. Asks only for sockets of the target's kind, because the kernel may have to
    /// load a module for each kind.
    void leave_out_present(const Target& target);

    /// Returns the sockets of all processes in our network namespace.
    system::SockDiag& all() { return diag_; }

    /// Returns those of the sockets with these inodes that belong to the command.
    Inodes own_among(std::vector<std::uint64_t> inodes);

private:
    void search(const std::vector<std::uint64_t>& inodes);

    const process::Supervisor& supervisor_;
    system::SockDiag diag_;
    std::vector<std::uint64_t> early_;  ///< The sockets from before the command, sorted.
    Inodes own_;                        ///< Sockets that were found in the command.
    /// The sockets that the last search did not find in the command.
    std::vector<std::uint64_t> foreign_;
    std::chrono::microseconds next_search_{};
};

}  // namespace notifybridge::probe
