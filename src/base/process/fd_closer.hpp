#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/loop.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {

/// The files whose last close is quick, whatever their sender does: pipes, and small files in
/// memory (memfd). A FIFO, or a file on a mounted tmpfs, may be the last reference to a large file
/// system.
class HarmlessFiles {
public:
    HarmlessFiles();
    bool contain(system::Fd fd) const;

private:
    dev_t pipes_ = 0;         ///< The file system of all pipes. 0 if it is not known.
    dev_t memory_files_ = 0;  ///< The file system of all memfds.
};

/// Closes files that other processes have sent to us, and sockets to which they can send. The last
/// close(2) of such a file may block for as long as the sender wants: a TCP socket with SO_LINGER
/// waits for its peer, and a Unix socket first closes the descriptors in its queue. No check in
/// advance helps, because the sender may keep a copy of the file, and change the file meanwhile.
///
/// So a child process gets copies, and exits after we have closed ours. Then the last close happens
/// in the child, and the exit of a process does not wait for SO_LINGER. This does not help
/// against files of FUSE, because each close waits for their server.
class FdCloser {
public:
    /// The number of children at once. While there are this many, descriptors wait.
    static constexpr std::size_t most_children = 16;
    /// The number of waiting descriptors at which the closer is full.
    static constexpr std::size_t most_waiting = 4096;
    static constexpr std::chrono::milliseconds usual_patience{100};

    explicit FdCloser(event::Loop& loop);
    FdCloser(const FdCloser&) = delete;
    FdCloser& operator=(const FdCloser&) = delete;

    /// Called with the pid of each new child. Some other object must reap the child.
    std::function<void(pid_t)> on_child;

    /// Returns whether many descriptors wait, because 16 children hang or no child can be created.
    /// A caller should then not receive more.
    bool is_full() const { return waiting_.size() >= most_waiting; }

    bool has_children() const { return children_ > 0; }

    /// Closes pipes and small files in memory (memfd) at once, and other files soon.
    void close(system::UniqueFd fd);
    void close(std::vector<system::UniqueFd> fds);

    /// Ends a connection of a Unix socket. The peer sees the end at once.
    void close_connection(system::UniqueFd connection);

    /// Waits at most `patience` until the sockets are closed, so that their addresses are free. The
    /// limit of children does not apply.
    void close_now(std::vector<system::UniqueFd> sockets,
                   std::chrono::milliseconds patience = usual_patience);

private:
    bool start_child(std::vector<system::UniqueFd>& fds, std::chrono::milliseconds patience);
    void close_waiting();
    event::Awaitable<> watch(system::UniqueFd child);

    event::Loop& loop_;
    event::Deadline next_;
    HarmlessFiles harmless_;
    std::vector<system::UniqueFd> waiting_;
    std::size_t children_ = 0;
};

}  // namespace notifybridge::process
