#include "process/spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>

#include "process/exit_status.hpp"
#include "system/error.hpp"
#include "util/concat.hpp"

namespace notifybridge::process {
namespace {

constexpr std::size_t pid_digits = 10;

/// argv and envp as execve takes them, and where a pid is to be filled in.
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

/// A descriptor for the child, and the number that it is to get there.
struct Placed {
    system::UniqueFd fd;
    int number;
};

/// Copies of what `command` hands over, above all the numbers that they are to get, so that none is
/// overwritten before its turn.
std::vector<Placed> above_placed(const Command& command) {
    int lowest = first_passed_fd + static_cast<int>(command.passed_fds.size());
    if (!command.placed_fds.empty())
        lowest = std::max(lowest, command.placed_fds.rbegin()->first + 1);
    std::vector<Placed> copies;
    const auto add = [&](system::Fd fd, int number) {
        system::UniqueFd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest));
        if (!copy)
            system::throw_errno("fcntl F_DUPFD_CLOEXEC");
        copies.push_back({std::move(copy), number});
    };
    for (std::size_t at = 0; at < command.passed_fds.size(); ++at)
        add(command.passed_fds[at], first_passed_fd + static_cast<int>(at));
    for (const auto& [number, fd] : command.placed_fds)
        add(fd, number);
    return copies;
}

struct Launch {
    const Command& command;
    Image& image;
    const std::vector<Placed>& placed;
    int error = 0;
};

/// Runs in the child, in our memory (CLONE_VM) while we are suspended (CLONE_VFORK): only calls
/// that are async-signal-safe, and nothing is allocated.
int run_child(void* argument) {
    Launch& launch = *static_cast<Launch*>(argument);
    const Command& command = launch.command;
    if (command.own_process_group)
        ::setpgid(0, 0);
    // SIGTTOU, which a background process gets for this, is still blocked.
    if (command.terminal)
        ::tcsetpgrp(command.terminal.get(), ::getpgrp());
    if (command.input)
        ::dup2(command.input.get(), STDIN_FILENO);
    if (command.output)
        ::dup2(command.output.get(), STDOUT_FILENO);
    if (command.error)
        ::dup2(command.error.get(), STDERR_FILENO);
    // Nothing else is needed of what had these numbers here.
    for (const Placed& placed : launch.placed)
        ::dup2(placed.fd.get(), placed.number);
    for (char* const slot : launch.image.pid_slots)
        std::to_chars(slot, slot + pid_digits, ::getpid());
    ::sigprocmask(SIG_SETMASK, &command.signal_mask, nullptr);
    ::execvpe(launch.image.arguments[0], launch.image.arguments.data(),
              launch.image.environment.data());
    launch.error = errno;
    return status_not_found;  // Ends the child, as clone(2) has it.
}

/// The child's stack, with room for the path that execvpe puts together on it.
class ChildStack {
public:
    ChildStack()
        : base_(::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
        if (base_ == MAP_FAILED)
            system::throw_errno("mmap");
    }
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;
    ~ChildStack() { ::munmap(base_, size); }

    void* top() const { return static_cast<std::byte*>(base_) + size; }

private:
    static constexpr std::size_t size = 256 * 1024;
    void* base_;
};

}  // namespace

Child spawn(const Command& command) {
    Image image(command);
    const auto placed = above_placed(command);
    Launch launch{command, image, placed};
    const ChildStack stack;
    // No signal may reach the child while it shares our memory.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
    int pidfd = -1;
    const int pid = ::clone(run_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                            &launch, &pidfd);
    const int clone_error = errno;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        system::throw_error(clone_error, "clone");

    Child child{pid, system::UniqueFd(pidfd)};
    if (launch.error != 0) {
        ::waitpid(pid, nullptr, 0);
        throw std::system_error(launch.error, std::generic_category());
    }
    return child;
}

int spawn_failure_status(const std::error_code& error) {
    return error.value() == ENOENT ? status_not_found : status_cannot_run;
}

}  // namespace notifybridge::process
