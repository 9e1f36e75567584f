#include "bridge/status/waiter.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/status/start_command.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

pid_t find_leak(pid_t waiter, const std::string& notify_socket) {
    for (const pid_t pid : process::descendants(waiter))
        if (process::variable_of(pid, "NOTIFY_SOCKET") == notify_socket)
            return pid;
    return 0;
}

/// Whether the process has this directory open, so far as we may see that.
bool holds(pid_t pid, system::Fd directory) {
    const auto wanted = system::identity(directory);
    const std::string fds = concat("/proc/", pid, "/fd");
    return wanted && std::ranges::any_of(process::numbers_in(fds), [&](int fd) {
               struct stat status;
               return ::stat(concat(fds, '/', fd).c_str(), &status) == 0
                      && system::FileIdentity{status.st_dev, status.st_ino} == *wanted;
           });
}

}  // namespace

std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory) {
    if (pid <= 0 || !holds(pid, directory))
        return {};
    return words_of_cmdline(system::text_of(concat("/proc/", pid, "/cmdline")));
}

std::optional<Waiter> look_at_waiter(pid_t pid, system::Fd directory) {
    Waiter waiter;
    waiter.words = words_of_waiter(pid, directory);
    if (waiter.words.empty())
        return std::nullopt;
    waiter.has_new_privs = process::status_field(pid, "NoNewPrivs") != "1";
    waiter.has_seccomp = process::status_field(pid, "Seccomp") == "2";
    const std::string environ = process::environ_of(pid);
    waiter.environment_is_known = !environ.empty();
    waiter.notify_socket = process::variable_in(environ, "NOTIFY_SOCKET");
    if (waiter.notify_socket)
        waiter.leaking_pid = find_leak(pid, *waiter.notify_socket);
    waiter.unit = unit_of_process(pid);
    waiter.search_path = std::string(process::variable_in(environ, "PATH").value_or(""));
    return waiter;
}

}  // namespace notifybridge::status
