#include "base/process/pid1_handover.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/util/base_name.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// Reads until the peer closes its end.
std::string read_all(system::Fd channel) {
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t size = ::read(channel.get(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

bool write_all(system::Fd channel, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::send(channel.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

/// Returns whether podman would treat the command as systemd (podman-run(1), --systemd).
bool is_systemd(const std::vector<std::string>& command) {
    constexpr auto inits =
        std::to_array<std::string_view>({"/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"});
    return util::base_name(command.front()) == "systemd" || util::contains(inits, command.front());
}

/// Runs in PID 1. Waits for the environment from `child`, and executes the command. If this fails,
/// or if `child` ends first, exits with the status of `child`.
[[noreturn]] void become(std::vector<std::string> command, system::Fd channel, pid_t child) {
    const std::string text = read_all(channel);
    if (!text.empty()) {
        std::string_view left = text;
        std::vector<std::string> entries;
        while (!left.empty())
            entries.emplace_back(util::take_until(left, '\0'));
        // execvp searches the PATH of this environment.
        const auto environment = pointers(entries);
        environ = const_cast<char**>(environment.data());
        ::execvp(command.front().c_str(), pointers(command).data());
        const int error = errno;
        write_all(channel, std::string_view(reinterpret_cast<const char*>(&error), sizeof error));
        ::shutdown(channel.get(), SHUT_RDWR);
    }
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED) < 0 && errno == EINTR) {
    }
    ::_exit(ExitStatus::of(info).shell_status());
}

}  // namespace

bool needs_pid1(const std::vector<std::string>& command) {
    return is_systemd(command) || util::base_name(command.front()) == "init";
}

int stop_signal_of_pid1(const std::vector<std::string>& command) {
    // SIGTERM only makes systemd execute itself again (systemd(1), SIGNALS).
    return is_systemd(command) ? SIGRTMIN + 3 : SIGTERM;
}

Pid1Handover::Pid1Handover(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0)
        system::throw_errno("make", "a socket for PID 1");
    channel_ = system::UniqueFd(ends[0]);
    const system::UniqueFd theirs(ends[1]);
    const pid_t child = ::fork();
    if (child < 0)
        system::throw_errno("fork", "from PID 1");
    if (child > 0) {
        channel_.reset();
        become(command, theirs, child);
    }
    // Signals from PID 1's terminal are not for us.
    ::setsid();
}

void Pid1Handover::execute(const Environment& environment) {
    std::string text;
    for (const std::string& entry : environment.entries())
        text.append(entry).push_back('\0');
    if (!write_all(channel_, text) || ::shutdown(channel_.get(), SHUT_WR) < 0)
        system::throw_errno("hand over", "PID 1");
    const std::string answer = read_all(channel_);
    int error = 0;
    if (answer.size() == sizeof error) {
        answer.copy(reinterpret_cast<char*>(&error), sizeof error);
        throw std::system_error(error, std::generic_category());
    }
}

}  // namespace notifybridge::process
