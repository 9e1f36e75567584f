#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/clone.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::wait {

/// Writes a container's last output after podman's client was killed. At a stop, a service manager
/// signals all processes of a unit (systemd.kill(5), KillMode=control-group). This kills the client
/// while the app is still ending. This object has a copy of the client's connection to conmon,
/// which monitors the container. Each packet reaches only one reader, so we can read everything
/// that the client did not read.
class ClientOutput {
public:
    /// The client's output streams, which the caller owns.
    struct Streams {
        system::Fd output;
        system::Fd error;
    };

    /// Shares the connection of `client` or of a descendant, because podman without root works in a
    /// child. Returns nullptr if there is no connection, if we may not share the connection, or
    /// before Linux 5.6. Call this when the container runs.
    static std::unique_ptr<ClientOutput> share(event::Loop& loop, pid_t client, Streams streams);

    /// `owner` is the process that has created the connection.
    ClientOutput(event::Loop& loop, system::UniqueFd connection, process::Child owner,
                 Streams streams);

    /// Kills the client before it can print its own messages.
    void end_client() noexcept;

    /// Writes new output to the streams from now on, because the client has ended.
    void take_over();

    /// Returns when all output since `take_over` is written, or after `patience`.
    event::Awaitable<> finish(std::chrono::microseconds patience);

private:
    /// The size of the buffer for a packet, in bytes. conmon's longest packet is shorter: one byte
    /// with the number of the stream, and 32 KiB of output.
    static constexpr std::size_t longest_packet = 64 * 1024;

    event::Awaitable<> run();
    event::Awaitable<bool> write(process::Sink& sink, std::string_view bytes);

    event::Loop& loop_;
    process::Sink output_;
    process::Sink error_;
    system::UniqueFd connection_;
    process::Child owner_;
    std::optional<event::Descriptor> reading_;
    std::vector<char> packet_;
    event::Deadline patience_;
    event::Wakeup over_raised_;
    bool is_over_ = true;
};

}  // namespace notifybridge::wait
