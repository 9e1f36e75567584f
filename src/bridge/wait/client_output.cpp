#include "bridge/wait/client_output.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
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

/// The numbers of the copying child's descriptors. The child has no others.
constexpr int control_number = 0;
constexpr int output_number = 1;
constexpr int error_number = 2;
constexpr int connection_number = 3;

/// Waits until a descriptor that others have made non-blocking is ready. Returns false on failure.
bool is_ready_later(int number, short events) {
    pollfd awaited{number, events, 0};
    return errno == EINTR || (errno == EAGAIN && ::poll(&awaited, 1, -1) >= 0);
}

/// Writes the bytes. Returns whether all of them were written. While the stream has no room, we
/// read nothing from conmon, so conmon waits.
bool write_whole(int number, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::write(number, bytes.data(), bytes.size());
        if (size >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(size));
        else if (!is_ready_later(number, POLLOUT))
            return false;
    }
    return true;
}

/// Copies all packets of conmon to the container's streams.
void copy_packets() {
    // conmon's longest packet is shorter: one byte with the number of the stream, and 32 KiB of
    // output.
    constexpr std::size_t longest_packet = 64 * 1024;
    std::vector<char> buffer(longest_packet);
    for (bool goes_on = true; goes_on;) {
        const ssize_t size = ::recv(connection_number, buffer.data(), buffer.size(), 0);
        const std::string_view packet(buffer.data(),
                                      static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        if (size < 0)
            goes_on = is_ready_later(connection_number, POLLIN);
        else if (packet.starts_with(stream_of_output))
            goes_on = write_whole(output_number, packet.substr(1));
        else if (packet.starts_with(stream_of_error))
            goes_on = write_whole(error_number, packet.substr(1));
        else
            goes_on = size > 0;
    }
}

/// Runs the copying child, which ends if we end.
int run_copier(const std::vector<process::PlacedFd>& fds) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const process::PlacedFd& placed : fds)
        ::dup2(placed.fd.get(), placed.number);
    process::close_all_from(connection_number + 1);
    process::set_title(concat(process::title_prefix, "waits to copy the container's last output"));
    char start = 0;
    if (::read(control_number, &start, sizeof start) != sizeof start)
        return 0;
    // End the container's standard input, because the client would have done this when it ended.
    ::shutdown(connection_number, SHUT_WR);
    copy_packets();
    return 0;
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
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return nullptr;
    system::UniqueFd ours(ends[0]);
    const system::UniqueFd others(ends[1]);
    try {
        const auto fds = process::copy_for_placing({{others, control_number},
                                                    {streams.output, output_number},
                                                    {streams.error, error_number},
                                                    {shared.connection, connection_number}});
        process::Child copier = process::fork_child([&] { return run_copier(fds); });
        return std::make_unique<ClientOutput>(loop, std::move(shared.owner), std::move(copier),
                                              std::move(ours));
    } catch (const std::system_error&) {
        return nullptr;
    }
}

ClientOutput::ClientOutput(event::Loop& loop, process::Child owner, process::Child copier,
                           system::UniqueFd control)
    : owner_(std::move(owner)),
      copier_(std::move(copier)),
      control_(loop, std::move(control)),
      patience_(loop) {}

ClientOutput::~ClientOutput() {
    end_copier();
}

void ClientOutput::end_client() noexcept {
    system::send_signal(owner_.pid, owner_.pidfd, SIGKILL);
}

void ClientOutput::end_copier() noexcept {
    // Without pidfds, our sandbox may forbid the signal. The child then ends with us.
    if (copier_.pid > 0 && system::send_signal(copier_.pid, copier_.pidfd, SIGKILL))
        ::waitpid(copier_.pid, nullptr, 0);
    copier_ = {};
}

void ClientOutput::take_over() {
    constexpr char start = 0;
    is_copying_ =
        ::send(control_.fd().get(), &start, sizeof start, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

event::Awaitable<> ClientOutput::finish(std::chrono::microseconds patience) {
    patience_.on_expired = [this] { control_.cancel(); };
    patience_.start(patience);
    // The child never writes to `control_`, so this is the child's end.
    if (is_copying_)
        co_await control_.readable();
    patience_.cancel();
    end_copier();
}

}  // namespace notifybridge::wait
