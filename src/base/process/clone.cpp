#include "base/process/clone.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/process/clone3.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/pidfd.hpp"

namespace notifybridge::process {
namespace {

constexpr std::size_t stack_without_arguments = 256 * 1024;
/// The kernel's two limits for the size of all arguments: 6 MiB, and a quarter of the stack limit
/// (execve(2)).
constexpr rlim_t most_arguments = 6 * 1024 * 1024;
constexpr rlim_t part_of_stack = 4;

/// Returns the size of a child's stack. For a script without an interpreter line, execvpe copies
/// the pointers to all arguments onto the stack. execve has already limited the number of
/// arguments. Unused parts of the stack take no memory.
std::size_t stack_size() {
    static const std::size_t size = [] {
        rlimit limit{};
        ::getrlimit(RLIMIT_STACK, &limit);
        const rlim_t arguments = std::min(limit.rlim_cur / part_of_stack, most_arguments);
        // The ABI requires that the top of the stack is a multiple of 16 bytes.
        return stack_without_arguments + (arguments & ~rlim_t{0xF});
    }();
    return size;
}

class BlockedSignals {
public:
    BlockedSignals() {
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

struct Beginning {
    int (*body)(void*);
    void* argument;
    bool is_over = false;
};

int begin(void* argument) {
    Beginning& beginning = *static_cast<Beginning*>(argument);
    beginning.is_over = true;
    return beginning.body(beginning.argument);
}

}  // namespace

ChildStack::ChildStack()
    : base_(::mmap(nullptr, stack_size(), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (base_ == MAP_FAILED)
        system::throw_errno("mmap");
}

ChildStack::~ChildStack() {
    ::munmap(base_, stack_size());
}

void* ChildStack::top() const {
    return static_cast<std::byte*>(base_) + stack_size();
}

Child clone_child(int (*body)(void*), void* argument, const ChildStack& stack) {
    // A signal handler must not run in the child while it shares our memory.
    const BlockedSignals blocked;
    constexpr int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    int pidfd = -1;
    int pid = ::clone(body, stack.top(), flags | CLONE_PIDFD, argument, &pidfd);
    if (pid < 0 && errno == EINVAL)
        pid = ::clone(body, stack.top(), flags, argument);
    if (pid < 0)
        system::throw_errno("clone");
    return {pid, system::UniqueFd(pidfd)};
}

std::optional<Child> clone_child_into(system::Fd group, int (*body)(void*), void* argument,
                                      const ChildStack& stack) {
    if (!group)
        return std::nullopt;
    const BlockedSignals blocked;
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_INTO_CGROUP | CLONE_PIDFD | CLONE_VM | CLONE_VFORK;
    arguments.cgroup = static_cast<__u64>(group.get());
    arguments.pidfd = reinterpret_cast<__u64>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    arguments.stack = reinterpret_cast<__u64>(stack.base());
    arguments.stack_size = stack_size();
    Beginning beginning{body, argument};
    const long pid = clone_onto_stack(arguments, begin, &beginning);
    if (pid < 0)
        return std::nullopt;
    Child child{static_cast<pid_t>(pid), system::UniqueFd(pidfd)};
    if (beginning.is_over)
        return child;
    // Linux (seen with 6.18) compares how often cgroup.kill was written in `group` and in our
    // group. If these counts differ, the kernel kills the child before the child runs.
    ::waitpid(child.pid, nullptr, 0);
    return std::nullopt;
}

Child fork_child(util::FunctionRef<int()> body) {
    const BlockedSignals blocked;
    const pid_t pid = ::fork();
    if (pid < 0)
        system::throw_errno("fork");
    if (pid == 0) {
        int status = status_failed;
        // An exception must not reach the caller: the child would then run code of the parent.
        try {
            status = body();
        } catch (...) {
        }
        ::_exit(status);
    }
    // The pid stays valid until the child is reaped, and only we can reap it.
    auto pidfd = system::open_pidfd(pid);
    return {pid, pidfd ? std::move(*pidfd) : system::UniqueFd()};
}

std::vector<PlacedFd> copy_for_placing(const std::vector<std::pair<system::Fd, int>>& fds) {
    int lowest = 0;
    for (const auto& [fd, number] : fds)
        lowest = std::max(lowest, number + 1);
    std::vector<PlacedFd> copies;
    for (const auto& [fd, number] : fds) {
        system::UniqueFd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest));
        if (!copy)
            system::throw_errno("fcntl F_DUPFD_CLOEXEC");
        copies.push_back({std::move(copy), number});
    }
    return copies;
}

}  // namespace notifybridge::process
