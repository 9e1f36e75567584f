#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace notifybridge::relay {

/// Decides which run gets the sockets of the service manager. The first run of a container gets
/// them, because `wrap` asks for them before it starts the app. Later, the app can forge the end of
/// this run, and a new run. So another run gets the sockets only if the container that had them has
/// ended.
class SocketHolder {
public:
    /// Returns whether the process `pid`, which asks for the sockets, may have them. If so, its
    /// container has the sockets from now on. A process in our own pid namespace is not in a
    /// container, and so does not keep the sockets from later runs. The same applies to a process
    /// that we cannot see (0).
    bool accepts(pid_t pid);

private:
    struct Process {
        pid_t pid;
        std::uint64_t start_time;
    };

    static std::optional<Process> container_of(pid_t pid);
    static bool is_alive(const Process& process);

    /// The first process of the container that has the sockets. If we cannot find that process, the
    /// process that got the sockets.
    std::optional<Process> holder_;
};

}  // namespace notifybridge::relay
