#include "bridge/runtime/place_keeper.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/process/clone.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/error.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::runtime {
namespace {

constexpr timeval patience{5, 0};

/// Runs the keeper. All its signals are blocked.
int be_keeper(const std::string& title, system::Fd socket, system::Fd kept,
              util::FunctionRef<void(system::Fd kept)> act) {
    constexpr system::Fd own_socket(STDIN_FILENO);
    constexpr system::Fd own_kept(STDOUT_FILENO);
    // Signals to our process group, such as SIGKILL, must not reach the keeper.
    ::setsid();
    // The keeper must not keep the working directory or our output open.
    if (::chdir("/") < 0 || ::dup2(socket.get(), own_socket.get()) < 0
        || ::dup2(kept.get(), own_kept.get()) < 0)
        return 1;
    const system::UniqueFd nothing = system::open_null();
    ::dup2(nothing.get(), STDERR_FILENO);
    process::close_all_from(STDERR_FILENO + 1);
    process::set_title(title);
    char request;
    while (::recv(own_socket.get(), &request, 1, 0) < 0 && errno == EINTR) {
    }
    act(own_kept);
    return 0;
}

}  // namespace

system::UniqueFd start_keeper(const std::string& title, system::Fd kept,
                              util::FunctionRef<void(system::Fd kept)> act) {
    std::array<int, 2> ends;
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0)
        system::throw_errno("socketpair");
    system::UniqueFd ours(ends[0]);
    system::UniqueFd keepers(ends[1]);
    ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // If the keeper fails, the next `run` will remove the place.
    process::fork_child([&] {
        ours.reset();
        return be_keeper(title, keepers, kept, act);
    });
    return ours;
}

void ask_keeper(system::Fd keeper) {
    char answer = 0;
    if (::send(keeper.get(), &answer, 1, MSG_NOSIGNAL) != 1)
        return;
    // The keeper closes its end when `act` has returned. The socket's timeout ends the wait, but
    // signals do not.
    while (::recv(keeper.get(), &answer, 1, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace notifybridge::runtime
