#include "bridge/wait/seccomp.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/system/call_filter.hpp"
#include "base/system/error.hpp"

#if defined(__x86_64__) && defined(__LP64__)
#define NATIVE_CALLS AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define NATIVE_CALLS AUDIT_ARCH_AARCH64
#endif

namespace notifybridge::wait {

bool survives_filter(util::FunctionRef<void()> act) {
    if (!system::has_call_filter())
        return true;
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        act();
        ::_exit(0);
    }
    int status = -1;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status);
}

// The same number means different calls on different architectures, so a filter must check the
// architecture.
#ifndef NATIVE_CALLS

boost::system::error_code filter_system_calls(const MoreCalls&) {
    return system::error_of(ENOTSUP);
}

#else

namespace {

// The calls that every message needs are first, because before Linux 5.11, the kernel runs the
// filter for each call. Newer kernels store the result for calls whose arguments are not compared.
constexpr auto plain_calls = std::to_array<long>({
    // Read the journal, send messages, write progress, and wait for the next event.
    SYS_sendmsg,
    SYS_pread64,
    SYS_pwrite64,
    SYS_read,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,  // Newer architectures have only the call on the next line.
#endif
    SYS_epoll_pwait,
    SYS_epoll_ctl,
    SYS_timerfd_settime,

    // Check a file's identity, length and locks. The C library has three calls for fstat.
    SYS_newfstatat,
    SYS_fstat,
    SYS_statx,
    SYS_fstatfs,
    SYS_fcntl,
    SYS_getxattr,  // The SELinux label of a directory.

    // Open, replace and remove files. If the disk is full, overwrite and truncate a file.
    SYS_openat,
    SYS_openat2,
    SYS_close,
    SYS_fchmod,
    SYS_renameat,
    SYS_renameat2,
    SYS_linkat,
    SYS_unlinkat,
    SYS_ftruncate,
    SYS_lseek,

    // Notice changes in the shared directory.
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_inotify_rm_watch,

    // Use the manager's socket, reconnect to a manager that has restarted, and send barriers.
    SYS_connect,
    SYS_bind,
    SYS_sendto,
    SYS_recvmsg,
    SYS_recvfrom,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_pipe2,
#ifdef SYS_poll
    SYS_poll,  // Newer architectures have only the call on the next line.
#endif
    SYS_ppoll,

    // Write log lines, and messages of the C library before it aborts.
    SYS_write,
    SYS_writev,
    SYS_pwritev2,

    // Signal and reap the command.
    SYS_pidfd_send_signal,
    SYS_waitid,
    SYS_wait4,

    // Handle signals to this process, and end it.
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigtimedwait,
    SYS_restart_syscall,  // Needed after SIGCONT in the middle of a poll.
    SYS_exit,
    SYS_exit_group,

    // Read the ids of this process.
    SYS_getpid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
#ifdef SYS_getpgrp
    SYS_getpgrp,  // Newer architectures have only the call on the next line.
#endif
    SYS_getpgid,

    // Manage memory.
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_futex,

    // Read the clock if the kernel does not provide it inside the process (vDSO), and make random
    // names.
    SYS_clock_gettime,
    SYS_gettimeofday,
#ifdef SYS_time
    SYS_time,
#endif
    SYS_getrandom,
});

/// Calls to look up pids and namespaces of other processes in /proc, and to hold these processes
/// with pidfds.
constexpr auto process_calls = std::to_array<long>({
    SYS_getdents64,
    SYS_readlinkat,
#ifdef SYS_readlink
    SYS_readlink,  // Newer architectures have only the call on the previous line.
#endif
    SYS_pidfd_open,
});

/// A condition: `argument` of the call, counted from 0, has this value in these bits. Only the low
/// 32 bits are compared, because the kernel uses no more of these arguments.
struct Condition {
    unsigned argument;
    std::uint32_t mask;
    std::uint32_t value;
};

constexpr std::uint32_t whole = 0xFFFFFFFF;
// SOCK_CLOEXEC and SOCK_NONBLOCK are bits of the same argument.
constexpr std::uint32_t socket_type = 0xF;
// Newer versions of the C library use this request to find out whether a file is a terminal
// (asm/termbits.h, TCGETS2).
constexpr std::uint32_t ioctl_tcgets2 = 0x802C542A;

static_assert(offsetof(seccomp_data, nr) == 0 && sizeof(seccomp_data::args[0]) == 8);

class Filter {
public:
    Filter() {
        // This capacity is enough for the whole program, so that there is only one allocation.
        program_.reserve(256);
        load(offsetof(seccomp_data, arch));
        skip_unless(NATIVE_CALLS, 1);
        add(BPF_JMP | BPF_JA, 1);
        refuse();
        load(offsetof(seccomp_data, nr));
    }

    /// Allows the call with any arguments. Call this before any `allow_if`.
    void allow(long call) {
        skip_unless(static_cast<std::uint32_t>(call), 1);
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }

    /// Allows the call if all conditions hold.
    void allow_if(long call, std::initializer_list<Condition> conditions) {
        auto rest = static_cast<std::uint8_t>(3 * conditions.size() + 1);
        load(offsetof(seccomp_data, nr));
        skip_unless(static_cast<std::uint32_t>(call), rest);
        for (const Condition& condition : conditions) {
            load(offsetof(seccomp_data, args) + 8 * condition.argument);
            add(BPF_ALU | BPF_AND | BPF_K, condition.mask);
            rest = static_cast<std::uint8_t>(rest - 3);
            skip_unless(condition.value, rest);
        }
        add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }

    /// Makes the call fail with EPERM and does not kill the process. So if the lists lack a rare
    /// call, only this call fails, and messages are still sent.
    void refuse() { add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM); }

    std::vector<sock_filter>& program() { return program_; }

private:
    void add(std::uint16_t code, std::uint32_t operand) {
        program_.push_back({code, 0, 0, operand});
    }
    void load(std::size_t offset) {
        add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
    }
    void skip_unless(std::uint32_t value, std::uint8_t instructions) {
        program_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, instructions, value});
    }

    std::vector<sock_filter> program_;
};

void allow_with_arguments(Filter& filter) {
    // Allow AF_UNIX sockets for datagrams and packets only. Host services that execute requests,
    // such as D-Bus, systemd and container runtimes, listen for streams. A virtual machine's
    // service manager may use any type of AF_VSOCK socket.
    filter.allow_if(SYS_socket, {{0, whole, AF_UNIX}, {1, socket_type, SOCK_DGRAM}});
    filter.allow_if(SYS_socket, {{0, whole, AF_UNIX}, {1, socket_type, SOCK_SEQPACKET}});
    filter.allow_if(SYS_socket, {{0, whole, AF_VSOCK}});
    // These requests are for non-blocking descriptors, for the terminal's foreground, and to check
    // whether standard error is a terminal.
    for (const std::uint32_t request :
         {std::uint32_t{FIONBIO}, std::uint32_t{TIOCGPGRP}, std::uint32_t{TIOCSPGRP},
          std::uint32_t{TCGETS}, ioctl_tcgets2})
        filter.allow_if(SYS_ioctl, {{1, whole, request}});
    filter.allow_if(SYS_mmap, {{2, PROT_EXEC, 0}});
    // This process may stop itself and end itself with a signal. Signals to the command use a
    // pidfd.
    const auto ourselves = static_cast<std::uint32_t>(::getpid());
    filter.allow_if(SYS_kill, {{0, whole, ourselves}});
    filter.allow_if(SYS_tgkill, {{0, whole, ourselves}});
    filter.allow_if(SYS_prlimit64, {{0, whole, 0}});
}

}  // namespace

boost::system::error_code filter_system_calls(const MoreCalls& more) {
    // The x32 calls of x86-64 have other numbers, which the filter does not allow.
    Filter filter;
    for (const long call : plain_calls)
        filter.allow(call);
    if (more.looks_up_processes)
        for (const long call : process_calls)
            filter.allow(call);
    if (more.accepts_connections)
        filter.allow(SYS_accept4);
    allow_with_arguments(filter);
    filter.refuse();

    const sock_fprog program{static_cast<unsigned short>(filter.program().size()),
                             filter.program().data()};
    // If this flag were missing, kernels before 5.16 would slow down every branch of a filtered
    // process. The slowdown protects a process with secrets from code that it runs. `wait` does not
    // run such code.
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program)
        < 0)
        return system::last_error();
    return {};
}

#endif

}  // namespace notifybridge::wait
