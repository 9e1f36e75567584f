#include "bridge/runtime/place_keeper.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <span>

#include "base/process/proc.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::runtime {
namespace {

constexpr timeval patience{5, 0};

/// Two of the fields of /proc/self/stat (proc_pid_stat(5)): where our arguments are in memory.
std::span<char> own_arguments() {
    constexpr int fields_before = 45;  // Of those behind the name.
    const std::string text = system::text_of("/proc/self/stat");
    std::string_view rest(text);
    rest.remove_prefix(std::min(rest.rfind(')') + 2, rest.size()));
    for (int field = 0; field < fields_before; ++field)
        util::take_until(rest, ' ');
    const auto begin = util::parse_number<std::uintptr_t>(util::take_until(rest, ' '));
    const auto end = util::parse_number<std::uintptr_t>(util::take_until(rest, ' '));
    if (!begin || !end || *begin == 0 || *end <= *begin)
        return {};
    return {reinterpret_cast<char*>(*begin), *end - *begin};
}

/// ps(1) and `systemctl status` would show our command line twice.
void set_title(const std::string& title) {
    ::prctl(PR_SET_NAME, "notifybridge");
    const std::span<char> place = own_arguments();
    if (place.empty())
        return;
    std::ranges::fill(place, '\0');
    std::memcpy(place.data(), title.data(), std::min(title.size(), place.size() - 1));
}

[[noreturn]] void be_keeper(const std::string& title, system::Fd socket, system::Fd kept,
                            const std::function<void(system::Fd kept)>& act) {
    constexpr system::Fd own_socket(STDIN_FILENO);
    constexpr system::Fd own_kept(STDOUT_FILENO);
    // Neither a terminal's signals are for it, nor a service manager's.
    ::setsid();
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
    // Neither is the working directory, nor are the readers of our output.
    if (::chdir("/") < 0 || ::dup2(socket.get(), own_socket.get()) < 0
        || ::dup2(kept.get(), own_kept.get()) < 0)
        ::_exit(1);
    const system::UniqueFd nothing = system::open_null();
    ::dup2(nothing.get(), STDERR_FILENO);
    process::close_all_from(STDERR_FILENO + 1);
    set_title(title);
    char request;
    while (::recv(own_socket.get(), &request, 1, 0) < 0 && errno == EINTR) {
    }
    act(own_kept);
    ::_exit(0);
}

}  // namespace

system::UniqueFd start_keeper(const std::string& title, system::Fd kept,
                              const std::function<void(system::Fd kept)>& act) {
    std::array<int, 2> ends;
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0)
        system::throw_errno("socketpair");
    system::UniqueFd ours(ends[0]);
    system::UniqueFd keepers(ends[1]);
    ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const pid_t child = ::fork();
    if (child < 0)
        system::throw_errno("fork");
    if (child == 0) {
        if (::fork() != 0)
            ::_exit(0);
        ours.reset();
        try {
            be_keeper(title, keepers, kept, act);
        } catch (const std::exception&) {
            ::_exit(1);  // The next `run` does it.
        }
    }
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return ours;
}

void ask_keeper(system::Fd keeper) {
    char answer = 0;
    if (::send(keeper.get(), &answer, 1, MSG_NOSIGNAL) == 1)
        static_cast<void>(::recv(keeper.get(), &answer, 1, 0));  // It closes its end.
}

}  // namespace notifybridge::runtime
