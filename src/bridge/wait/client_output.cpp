#include "bridge/wait/client_output.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "bridge/wait/seccomp.hpp"

namespace notifybridge::wait {
namespace {

using util::concat;

/// The numbers of streams in conmon's packets (conmon, src/conn_sock.h; podman, libpod/define).
constexpr char stream_of_output = 2;
constexpr char stream_of_error = 3;

/// Returns whether the socket's peer is a socket on which conmon sends the output of its container.
/// The path may begin with /proc/self/fd, because the full path may be too long for an address.
bool is_to_conmon(system::Fd socket) {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
        return false;
    sockaddr_un address{};
    size = sizeof address;
    if (::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) < 0
        || address.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path))
        return false;
    const std::string_view path(address.sun_path,
                                ::strnlen(address.sun_path, sizeof address.sun_path));
    return path.ends_with("/attach");
}

struct Shared {
    system::UniqueFd connection;
    process::Child owner;
};

Shared share_of(pid_t process) {
    auto pidfd = system::open_pidfd(process);
    if (!pidfd || !*pidfd)
        return {};
    const std::string directory = concat("/proc/", process, "/fd");
    for (const int number : process::numbers_in(directory)) {
        const auto target = system::read_link(concat(directory, '/', number));
        if (!target || !target->starts_with("socket:"))
            continue;
        auto copy = system::copy_descriptor(*pidfd, number);
        if (copy && is_to_conmon(*copy))
            return {std::move(*copy), {process, std::move(*pidfd)}};
    }
    return {};
}

}  // namespace

std::unique_ptr<ClientOutput> ClientOutput::share(event::Loop& loop, pid_t client,
                                                  Streams streams) {
    // systemd counts pidfd_getfd(2) among the calls of debuggers (@debug), so a SystemCallFilter=
    // may forbid it.
    const auto try_copying = [] {
        static_cast<void>(system::copy_descriptor(system::Fd(STDIN_FILENO), 0));
    };
    if (!survives_filter(try_copying))
        return nullptr;
    Shared shared = share_of(client);
    if (!shared.connection)
        for (const pid_t below : process::descendants(client))
            if ((shared = share_of(below)).connection)
                break;
    if (!shared.connection)
        return nullptr;
    return std::make_unique<ClientOutput>(loop, std::move(shared.connection),
                                          std::move(shared.owner), streams);
}

ClientOutput::ClientOutput(event::Loop& loop, system::UniqueFd connection, process::Child owner,
                           Streams streams)
    : loop_(loop),
      output_(loop, streams.output),
      error_(loop, streams.error),
      connection_(std::move(connection)),
      owner_(std::move(owner)),
      patience_(loop),
      over_raised_(loop) {}

void ClientOutput::end_client() noexcept {
    system::send_signal(owner_.pid, owner_.pidfd, SIGKILL);
}

void ClientOutput::take_over() {
    // End the container's standard input, because the client would have done this when it ended.
    ::shutdown(connection_.get(), SHUT_WR);
    if (!event::watch(reading_, loop_, std::move(connection_)))
        return;
    is_over_ = false;
    packet_.resize(longest_packet);
    loop_.spawn([this] { return run(); });
}

event::Awaitable<> ClientOutput::run() {
    for (bool goes_on = true; goes_on;) {
        const ssize_t size = ::recv(reading_->fd().get(), packet_.data(), packet_.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            goes_on = errno == EINTR || co_await reading_->readable();
            continue;
        }
        goes_on = size > 0;
        const std::string_view packet(packet_.data(),
                                      static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (packet.starts_with(stream_of_output))
            goes_on = co_await write(output_, packet.substr(1));
        else if (packet.starts_with(stream_of_error))
            goes_on = co_await write(error_, packet.substr(1));
    }
    is_over_ = true;
    over_raised_.raise();
}

/// Writes the bytes. Returns whether all of them were written. While the stream has no room, we
/// read nothing from conmon, so conmon waits.
event::Awaitable<bool> ClientOutput::write(process::Sink& sink, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = sink.write(bytes);
        if (written)
            bytes.remove_prefix(*written);
        else if (written.error().value() != EAGAIN || !co_await sink.room())
            co_return false;
    }
    co_return true;
}

event::Awaitable<> ClientOutput::finish(std::chrono::microseconds patience) {
    bool is_late = false;
    patience_.on_expired = [&] {
        is_late = true;
        over_raised_.raise();
    };
    patience_.start(patience);
    while (!is_over_ && !is_late)
        co_await over_raised_.wait();
    patience_.cancel();
}

}  // namespace notifybridge::wait
