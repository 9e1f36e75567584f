#include "bridge/status/waiter.hpp"

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/status/start_command.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Returns whether a process is a standby helper of `wait`. Such a helper is a copy of `wait` and
/// has the same environment.
bool is_standby(pid_t pid) {
    const std::vector<std::string> words = process::command_line(pid);
    return !words.empty() && words.front().starts_with(process::title_prefix);
}

pid_t find_leak(pid_t waiter, const std::string& notify_socket) {
    for (const pid_t pid : process::descendants(waiter))
        if (process::variable_of(pid, "NOTIFY_SOCKET") == notify_socket && !is_standby(pid))
            return pid;
    return 0;
}

}  // namespace

std::vector<std::string> words_of_waiter(pid_t pid, system::Fd directory) {
    if (pid <= 0 || process::descriptors_of(pid, directory).empty())
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
    waiter.unit = unit_of_process(pid);
    waiter.search_path = std::string(process::variable_in(environ, "PATH").value_or(""));
    waiter.docker_host = std::string(process::variable_in(environ, "DOCKER_HOST").value_or(""));
    return waiter;
}

}  // namespace notifybridge::status
