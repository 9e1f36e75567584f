#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/process/clone.hpp"

namespace notifybridge::wait {

/// Writes a container's last output after podman's client was killed. At a stop, a service manager
/// signals all processes of a unit (systemd.kill(5), KillMode=control-group). This kills the client
/// while the app is still ending. This object has a copy of the client's connection to conmon,
/// which monitors the container. Each packet reaches only one reader, so we can read everything
/// that the client did not read.
///
/// A child process reads and writes, so that the journal shows its pid with the app's lines. Lines
/// with our own pid are ours (status/log_writer). The child is created early, because our sandbox
/// allows no new processes.
class ClientOutput {
public:
    /// The client's output streams, which the caller owns.
    struct Streams {
        system::Fd output;
        system::Fd error;
    };

    /// Shares the connection of `client` or of a descendant, because podman without root works in a
    /// child. Returns nullptr if there is no connection, if we may not share the connection, if no
    /// child can be created, or before Linux 5.6. Call this when the container runs.
    static std::unique_ptr<ClientOutput> share(event::Loop& loop, pid_t client, Streams streams);

    /// `owner` is the process that has created the connection. `copier` copies the output after it
    /// has read a byte from the other end of `control`.
    ClientOutput(event::Loop& loop, process::Child owner, process::Child copier,
                 system::UniqueFd control);
    ClientOutput(const ClientOutput&) = delete;
    ClientOutput& operator=(const ClientOutput&) = delete;
    /// Ends the copying child.
    ~ClientOutput();

    /// Kills the client before it can print its own messages.
    void end_client() noexcept;

    /// Writes new output to the streams from now on, because the client has ended.
    void take_over();

    /// Returns when all output since `take_over` is written, or after `patience`. Then nothing more
    /// is written.
    event::Awaitable<> finish(std::chrono::microseconds patience);

private:
    void end_copier() noexcept;

    process::Child owner_;
    process::Child copier_;
    event::Descriptor control_;
    event::Deadline patience_;
    bool is_copying_ = false;
};

}  // namespace notifybridge::wait
