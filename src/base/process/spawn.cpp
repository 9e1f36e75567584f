#include "base/process/spawn.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::process {
namespace {

constexpr std::size_t pid_digits = 10;

/// The argv and envp of execve(2), and the places in envp where the child writes its pid.
struct Image {
    explicit Image(const Command& command) : entries(command.environment.entries()) {
        for (const std::string& name : command.pid_variables) {
            const std::string prefix = name + "=";
            std::erase_if(entries, [&](const std::string& e) { return e.starts_with(prefix); });
            entries.push_back(prefix + std::string(pid_digits, '\0'));
            pid_entries.push_back(entries.size() - 1);
        }
        for (const std::string& argument : command.arguments)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        for (std::string& entry : entries)
            environment.push_back(entry.data());
        environment.push_back(nullptr);
        for (const std::size_t at : pid_entries)
            pid_slots.push_back(entries[at].data() + entries[at].size() - pid_digits);
    }

    std::vector<std::string> entries;
    std::vector<std::size_t> pid_entries;
    std::vector<char*> pid_slots;
    std::vector<char*> arguments;
    std::vector<char*> environment;
};

constexpr int first_passed_fd = 3;

/// Returns copies of the descriptors for `command`, with their numbers in the child.
std::vector<PlacedFd> placed_fds(const Command& command) {
    std::vector<std::pair<system::Fd, int>> fds;
    for (const system::Fd fd : command.passed_fds)
        fds.emplace_back(fd, first_passed_fd + static_cast<int>(fds.size()));
    for (const auto& [number, fd] : command.placed_fds)
        fds.emplace_back(fd, number);
    return copy_for_placing(fds);
}

struct Launch {
    const Command& command;
    Image& image;
    const std::vector<PlacedFd>& placed;
    int error = 0;
};

/// Returns whether the file is an ELF program. If execve(2) failed with ENOEXEC, an ELF program is
/// for another machine.
bool is_elf(const char* path) {
    constexpr std::string_view magic =
        "\x7F"
        "ELF";
    char beginning[magic.size()] = {};
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const auto size = ::read(fd, beginning, sizeof beginning);
    ::close(fd);
    return size == sizeof beginning && std::string_view(beginning, sizeof beginning) == magic;
}

/// Executes the program. Returns errno if that fails. Like a shell, execvpe runs a file of unknown
/// format with /bin/sh.
int execute(Image& image) {
    const char* const program = image.arguments[0];
    if (std::strchr(program, '/') != nullptr) {
        ::execve(program, image.arguments.data(), image.environment.data());
        const int error = errno;
        if (error != ENOEXEC || is_elf(program))
            return error;
    }
    ::execvpe(program, image.arguments.data(), image.environment.data());
    return errno;
}

/// Runs in the child with our memory (CLONE_VM) while we are suspended (CLONE_VFORK). So this
/// function may only make async-signal-safe calls, and must not allocate.
int run_child(void* argument) {
    Launch& launch = *static_cast<Launch*>(argument);
    const Command& command = launch.command;
    if (command.own_process_group)
        ::setpgid(0, 0);
    // tcsetpgrp raises SIGTTOU in a background process, but all signals are still blocked here.
    if (command.terminal)
        ::tcsetpgrp(command.terminal.get(), ::getpgrp());
    if (command.input)
        ::dup2(command.input.get(), STDIN_FILENO);
    if (command.output)
        ::dup2(command.output.get(), STDOUT_FILENO);
    if (command.error)
        ::dup2(command.error.get(), STDERR_FILENO);
    // If a number belongs to an open descriptor, dup2 closes this descriptor, which the child does
    // not need.
    for (const PlacedFd& placed : launch.placed)
        ::dup2(placed.fd.get(), placed.number);
    for (char* const slot : launch.image.pid_slots)
        std::to_chars(slot, slot + pid_digits, ::getpid());
    system::restore_open_files_limit();
    ::sigprocmask(SIG_SETMASK, &command.signal_mask, nullptr);
    launch.error = execute(launch.image);
    return status_not_found;  // Becomes the child's exit status (clone(2)).
}

}  // namespace

Child spawn(const Command& command) {
    Image image(command);
    const auto placed = placed_fds(command);
    Launch launch{command, image, placed};
    Child child = clone_child(run_child, &launch);
    if (launch.error != 0) {
        ::waitpid(child.pid, nullptr, 0);
        throw std::system_error(launch.error, std::generic_category());
    }
    return child;
}

int spawn_failure_status(const std::error_code& error) {
    return error.value() == ENOENT ? status_not_found : status_cannot_run;
}

}  // namespace notifybridge::process
