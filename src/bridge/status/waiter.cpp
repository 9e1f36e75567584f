#include "bridge/status/waiter.hpp"

#include <unistd.h>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/file.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/diagnosis/unit_search.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Returns whether a process is a standby helper of `wait`. Such a helper is a copy of `wait` and
/// has the same environment.
bool is_standby(pid_t pid) {
    const std::vector<std::string> words = process::command_line(pid);
    return !words.empty() && words.front().starts_with(process::title_prefix);
}

/// Returns whether the process is in another pid namespace, as far as we may know.
bool is_contained(pid_t pid) {
    const std::uint64_t its_namespace = system::pid_namespace_of(pid);
    return its_namespace != 0 && its_namespace != system::pid_namespace();
}

pid_t find_leak(pid_t waiter, const std::string& notify_socket) {
    for (const pid_t pid : process::descendants(waiter))
        if (process::variable_of(pid, "NOTIFY_SOCKET") == notify_socket && !is_standby(pid))
            return pid;
    return 0;
}

}  // namespace

std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory) {
    if (pid <= 0 || is_contained(pid) || process::descriptors_of(pid, directory).empty())
        return {};
    return process::command_line(pid);
}

std::optional<Waiter> read_waiter(pid_t pid, system::Fd directory) {
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
    waiter.unit = diagnosis::unit_of_process(pid);
    waiter.search_path = std::string(process::variable_in(environ, "PATH").value_or(""));
    waiter.docker_host = std::string(process::variable_in(environ, "DOCKER_HOST").value_or(""));
    return waiter;
}

pid_t find_user_of(system::Fd directory, pid_t wrap) {
    for (const pid_t pid : process::numbers_in("/proc"))
        if (pid != wrap && pid != ::getpid() && !is_contained(pid) && !is_standby(pid)
            && !process::descriptors_of(pid, directory).empty())
            return pid;
    return 0;
}

}  // namespace notifybridge::status
