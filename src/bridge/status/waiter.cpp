#include "bridge/status/waiter.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/spawn.hpp"
#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/key_value.hpp"
#include "base/util/number.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// systemctl may have to wait for a manager that hangs; a check should not.
constexpr int answer_patience_ms = 5000;
constexpr std::size_t longest_answer = 64 * 1024;

/// Runs a program that answers on its standard output; "" where it cannot, or not in time.
std::string answer_of(std::vector<std::string> arguments, process::Environment environment) {
    system::Pipe answer = system::make_pipe();
    process::Command command;
    command.arguments = std::move(arguments);
    command.environment = std::move(environment);
    command.output = answer.writing;
    const system::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    command.input = nothing;
    command.error = nothing;
    std::string text;
    try {
        const process::Child child = process::spawn(command);
        answer.writing.reset();
        std::array<char, 4096> buffer;
        pollfd readable{answer.reading.get(), POLLIN, 0};
        while (text.size() < longest_answer && ::poll(&readable, 1, answer_patience_ms) > 0) {
            const ssize_t size = ::read(answer.reading.get(), buffer.data(), buffer.size());
            if (size <= 0)
                break;
            text.append(buffer.data(), static_cast<std::size_t>(size));
        }
        ::kill(child.pid, SIGKILL);
        ::waitpid(child.pid, nullptr, 0);
    } catch (const std::system_error&) {
        return {};
    }
    return text;
}

/// The words that ask the manager of that user, or of the system, and what they need: root's own
/// user manager is not another one's, which answers its user alone.
std::vector<std::string> question(std::optional<uid_t> user, process::Environment& environment) {
    if (!user)
        return {"systemctl", "--system"};
    std::vector<std::string> words;
    if (*user != ::geteuid()) {
        const std::string id = concat(*user);
        words = {"setpriv", "--reuid", id, "--clear-groups", "--"};
        environment.set("XDG_RUNTIME_DIR", concat("/run/user/", id));
        environment.unset("DBUS_SESSION_BUS_ADDRESS");
    }
    words.insert(words.end(), {"systemctl", "--user"});
    return words;
}

std::optional<UnitFacts> ask_manager(pid_t pid) {
    struct stat status;
    const std::string cgroup = system::text_of(concat("/proc/", pid, "/cgroup"));
    UnitFacts unit;
    unit.name = unit_in_cgroup(cgroup);
    // sd_booted(3).
    if (unit.name.empty() || ::stat("/run/systemd/system/", &status) < 0)
        return std::nullopt;
    unit.user = user_in_cgroup(cgroup);
    process::Environment environment = process::Environment::inherited();
    std::vector<std::string> words = question(unit.user, environment);
    words.insert(words.end(), {"show", "--property=Type,NotifyAccess,MainPID", "--", unit.name});
    const std::string answer = answer_of(std::move(words), std::move(environment));
    util::for_each_key_value(answer, [&](std::string_view key, const std::string& value) {
        if (key == "Type")
            unit.type = value;
        else if (key == "NotifyAccess")
            unit.notify_access = value;
        else if (key == "MainPID")
            unit.main_pid = util::parse_number<pid_t>(value).value_or(0);
    });
    return unit;
}

pid_t find_leak(pid_t waiter, const std::string& notify_socket) {
    for (const pid_t pid : process::descendants(waiter))
        if (process::variable_of(pid, "NOTIFY_SOCKET") == notify_socket)
            return pid;
    return 0;
}

/// Whether the process has this directory open, so far as we may see that.
bool holds(pid_t pid, system::Fd directory) {
    const auto wanted = system::identity(directory);
    std::error_code error;
    const std::filesystem::directory_iterator fds(concat("/proc/", pid, "/fd"), error);
    return wanted && std::any_of(begin(fds), end(fds), [&](const auto& entry) {
               struct stat status;
               return ::stat(entry.path().c_str(), &status) == 0
                      && system::FileIdentity{status.st_dev, status.st_ino} == *wanted;
           });
}

}  // namespace

std::string unit_in_cgroup(std::string_view text) {
    std::string_view unit;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find_first_of("/\n"));
        if (part.ends_with(".service"))
            unit = part;
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    return std::string(unit);
}

std::optional<uid_t> user_in_cgroup(std::string_view text) {
    constexpr std::string_view manager = "/user@";
    const std::size_t at = text.find(manager);
    if (at == text.npos)
        return std::nullopt;
    text.remove_prefix(at + manager.size());
    const std::size_t end = text.find(".service/");
    return end == text.npos ? std::nullopt : util::parse_number<uid_t>(text.substr(0, end));
}

std::optional<Waiter> look_at_waiter(pid_t pid, system::Fd directory) {
    if (pid <= 0 || !holds(pid, directory))
        return std::nullopt;
    Waiter waiter;
    waiter.has_new_privs = process::status_field(pid, "NoNewPrivs") != "1";
    waiter.has_seccomp = process::status_field(pid, "Seccomp") == "2";
    const std::string environ = process::environ_of(pid);
    waiter.environment_is_known = !environ.empty();
    waiter.notify_socket = process::variable_in(environ, "NOTIFY_SOCKET");
    if (waiter.notify_socket)
        waiter.leaking_pid = find_leak(pid, *waiter.notify_socket);
    waiter.unit = ask_manager(pid);
    return waiter;
}

}  // namespace notifybridge::status
