#include "base/process/clone.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/system/error.hpp"

namespace notifybridge::process {
namespace {

constexpr std::size_t stack_size = 256 * 1024;

}  // namespace

ChildStack::ChildStack()
    : base_(::mmap(nullptr, stack_size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (base_ == MAP_FAILED)
        system::throw_errno("mmap");
}

ChildStack::~ChildStack() {
    ::munmap(base_, stack_size);
}

void* ChildStack::top() const {
    return static_cast<std::byte*>(base_) + stack_size;
}

Child clone_child(int (*body)(void*), void* argument, const ChildStack& stack) {
    // No signal may reach the child while it shares our memory.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
    int pidfd = -1;
    const int pid = ::clone(body, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                            argument, &pidfd);
    const int clone_error = errno;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        system::throw_error(clone_error, "clone");
    return {pid, system::UniqueFd(pidfd)};
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
