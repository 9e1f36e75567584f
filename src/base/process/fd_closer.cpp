#include "base/process/fd_closer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/event/descriptor.hpp"
#include "base/process/clone.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/datagram.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::process {
namespace {

/// The time until the next attempt to start a child.
constexpr std::chrono::milliseconds retry_interval(100);

constexpr std::uint64_t most_blocks = 16 * 1024 * 1024 / 512;

/// Queries a file without asking the server of its file system. Returns false on failure.
bool query(system::Fd fd, struct statx& result) {
    return ::statx(fd.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BLOCKS, &result) == 0;
}

dev_t device_of(const struct statx& file) {
    return makedev(file.stx_dev_major, file.stx_dev_minor);
}

dev_t device_of(system::Fd fd) {
    struct statx file {};
    return query(fd, file) ? device_of(file) : 0;
}

/// Waits for a descriptor without limit, or for this time. Returns false if the time has passed.
bool wait_for(system::Fd fd, int milliseconds) {
    pollfd waiting{fd.get(), POLLIN, 0};
    int count;
    do
        count = ::poll(&waiting, 1, milliseconds);
    while (count < 0 && errno == EINTR);
    return count > 0;
}

/// Keeps `fds` open until the parent has closed its descriptors, and then the pipe.
int hold(const std::vector<system::UniqueFd>& fds, system::Fd parent) {
    set_title("(files)");
    std::vector<int> kept{parent.get()};
    for (const system::UniqueFd& fd : fds)
        kept.push_back(fd.get());
    close_all_except(std::move(kept));
    wait_for(parent, -1);
    return 0;
}

}  // namespace

HarmlessFiles::HarmlessFiles()
    : pipes_(device_of(system::make_pipe().reading)),
      memory_files_(device_of(system::UniqueFd(::memfd_create("", MFD_CLOEXEC)))) {}

bool HarmlessFiles::contain(system::Fd fd) const {
    struct statx file {};
    if (!query(fd, file))
        return false;
    const dev_t device = device_of(file);
    return device != 0
           && (device == pipes_ || (device == memory_files_ && file.stx_blocks <= most_blocks));
}

FdCloser::FdCloser(event::Loop& loop) : loop_(loop), next_(loop) {
    next_.on_expired = [this] { close_waiting(); };
}

void FdCloser::close(system::UniqueFd fd) {
    if (!fd || harmless_.contain(fd))
        return;
    waiting_.push_back(std::move(fd));
    // Wait for the next turn of the loop, so that one child closes what a flood has sent.
    if (!next_.is_running())
        next_.start(std::chrono::microseconds(0));
}

void FdCloser::close(std::vector<system::UniqueFd> fds) {
    for (system::UniqueFd& fd : fds)
        close(std::move(fd));
}

void FdCloser::close_connection(system::UniqueFd connection) {
    if (!connection)
        return;
    ::shutdown(connection.get(), SHUT_RDWR);
    // Nothing can come after the shutdown, so an empty queue stays empty. Even a packet without
    // content has a sender, and the end of the connection has none.
    const int on = 1;
    ::setsockopt(connection.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    std::byte first[1];
    auto left = system::receive_datagram(connection, first);
    if (left && !left->sender)
        return;
    // After an error, such as ECONNRESET of a client that did not read all, packets may be left.
    if (left)
        close(std::move(left->fds));
    close(std::move(connection));
}

void FdCloser::close_now(std::vector<system::UniqueFd> sockets,
                         std::chrono::milliseconds patience) {
    if (!sockets.empty() && !start_child(sockets, patience))
        close(std::move(sockets));
}

void FdCloser::close_waiting() {
    if (waiting_.empty())
        return;
    if (children_ >= most_children || !start_child(waiting_, std::chrono::milliseconds(0)))
        next_.start(retry_interval);
}

/// Lets a child close `fds`, and waits at most `patience` for its end. Returns false, and leaves
/// `fds` open, if there can be no child now.
bool FdCloser::start_child(std::vector<system::UniqueFd>& fds, std::chrono::milliseconds patience) {
    Child child;
    try {
        const system::Pipe pipe = system::make_pipe();
        child = fork_child([&] {
            ::close(pipe.writing.get());
            return hold(fds, pipe.reading);
        });
        // The child has copies, so this close is not the last one. Then the pipe is closed.
        fds.clear();
    } catch (const std::system_error&) {
        return false;
    }
    if (on_child)
        on_child(child.pid);
    if (child.pidfd && (patience.count() == 0 || !wait_for(child.pidfd, int(patience.count())))) {
        ++children_;
        const auto pidfd = std::make_shared<system::UniqueFd>(std::move(child.pidfd));
        loop_.spawn([this, pidfd] { return watch(std::move(*pidfd)); });
    }
    return true;
}

event::Awaitable<> FdCloser::watch(system::UniqueFd child) {
    std::optional<event::Descriptor> ended;
    if (event::watch(ended, loop_, std::move(child)))
        co_await ended->readable();
    --children_;
}

}  // namespace notifybridge::process
