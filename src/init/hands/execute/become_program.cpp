#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "init/hands/execute/launch.hpp"
#include "init/hands/execute/privilege_stages.hpp"
#include "init/hands/execute/start_report.hpp"

/// The functions that run between clone(2) and execve(2), mostly in the manager's memory. They use
/// only system calls and glibc's thin wrappers for system calls.
namespace notifybridge::execute {
namespace {

bool set_signals(const sigset_t& ignored, bool ignores_sigpipe) {
    // Reset the signals that the manager ignores, because execve(2) keeps ignored signals ignored.
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int signal = 1; signal < _NSIG; ++signal)
        if (::sigismember(&ignored, signal) == 1)
            ::sigaction(signal, &action, nullptr);
    if (ignores_sigpipe) {
        action.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &action, nullptr);
    }
    sigset_t none;
    ::sigemptyset(&none);
    return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

bool reset_signals(const Launch& launch) {
    return set_signals(launch.ignored_signals, launch.ignores_sigpipe);
}

/// Waits until the manager has no jobs left, but at most 5 s (systemd.service(5), Type=idle).
bool wait_for_idleness(const Launch& launch) {
    constexpr int patience = 5000;
    pollfd idle{launch.idle.get(), POLLIN, 0};
    if (launch.idle)
        ::poll(&idle, 1, patience);
    return true;
}

bool new_session(const Launch&) {
    return ::setsid() >= 0;
}

bool reset_its_terminal(const Launch& launch) {
    reset_terminal(launch.terminal_reset);
    return true;
}

/// Moves the descriptor `fd` to `number`. Closes `fd` if the two numbers differ.
bool place(int fd, int number) {
    if (fd == number)
        return ::fcntl(fd, F_SETFD, 0) == 0;
    const bool placed = ::dup2(fd, number) >= 0;
    ::close(fd);
    return placed;
}

/// Returns an inotify(7) descriptor that reports when a process closes the terminal at `path`.
/// Returns -1 on failure.
int watch_closing(const char* path) {
    const int watch = ::inotify_init1(IN_CLOEXEC);
    if (watch < 0 || ::inotify_add_watch(watch, path, IN_CLOSE) >= 0)
        return watch;
    ::close(watch);
    return -1;
}

/// Waits until any process closes the watched terminal.
bool wait_for_close(int watch) {
    alignas(inotify_event) char event[sizeof(inotify_event) + 256];
    return ::read(watch, event, sizeof event) > 0;
}

/// Makes the terminal of `stream` our controlling terminal (tty_ioctl(4), TIOCSCTTY). If another
/// session has the terminal, the kind of input decides whether to steal the terminal, to wait or to
/// fail.
int acquire_terminal(const Stream& stream) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    struct sigaction before {};
    for (;;) {
        const int fd = ::open(stream.path.c_str(), stream.flags | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
            return -1;
        // Start watching before the request, because the terminal may become free between the
        // request and the wait.
        const int watch =
            stream.terminal == unit::InputKind::tty ? watch_closing(stream.path.c_str()) : -1;
        // Ignore SIGHUP, which a session leader receives when another session takes its terminal.
        ::sigaction(SIGHUP, &ignore, &before);
        const bool ours =
            ::ioctl(fd, TIOCSCTTY, stream.terminal == unit::InputKind::tty_force ? 1 : 0) == 0;
        const int error = errno;
        ::sigaction(SIGHUP, &before, nullptr);
        const bool goes_on = !ours && error == EPERM && watch >= 0 && wait_for_close(watch);
        if (watch >= 0)
            ::close(watch);
        if (ours)
            return fd;
        // Close our descriptor only after the wait, because closing it would end the wait.
        ::close(fd);
        errno = error;
        if (!goes_on)
            return -1;
    }
}

template <int Number>
bool set_stream(const Launch& launch) {
    const Stream& stream = launch.streams.all[Number];
    switch (stream.kind) {
        case Stream::Kind::descriptor:
            return ::dup2(stream.fd.get(), Number) >= 0;
        case Stream::Kind::as_input:
            return ::dup2(STDIN_FILENO, Number) >= 0;
        case Stream::Kind::as_output:
            return ::dup2(STDOUT_FILENO, Number) >= 0;
        case Stream::Kind::opened_late: {
            ::umask(launch.umask);
            const int fd = ::open(stream.path.c_str(), stream.flags | O_NOCTTY, 0666);
            // If `path` is not a terminal, isatty(3) sets errno to ENOTTY, and the service fails
            // with this error.
            return fd >= 0 && (!stream.is_terminal || ::isatty(fd) != 0) && place(fd, Number);
        }
        case Stream::Kind::terminal:
            break;
    }
    const int fd = acquire_terminal(stream);
    return fd >= 0 && place(fd, Number);
}

bool join_cgroup(const Launch& launch) {
    if (!launch.cgroup)
        return true;
    const int file =
        ::openat(launch.cgroup.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return file >= 0 && ::write(file, "0", 1) == 1;
}

bool set_oom_score(const Launch& launch) {
    if (launch.oom_score_adjust.empty())
        return true;
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    const std::string& score = launch.oom_score_adjust;
    const bool set = file >= 0 && ::write(file, score.data(), score.size()) >= 0;
    // Lowering the OOM score requires CAP_SYS_RESOURCE, which a container often lacks. Like
    // systemd, continue without the new score.
    return set || errno == EPERM || errno == EACCES;
}

bool set_nice(const Launch& launch) {
    if (!launch.nice || ::setpriority(PRIO_PROCESS, 0, *launch.nice) == 0)
        return true;
    if (errno != EPERM && errno != EACCES)
        return false;
    // Set the nearest permitted value (getrlimit(2), RLIMIT_NICE).
    rlimit limit{};
    ::getrlimit(RLIMIT_NICE, &limit);
    const int lowest = 20 - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 40));
    if (lowest < ::getpriority(PRIO_PROCESS, 0))
        ::setpriority(PRIO_PROCESS, 0, std::max(lowest, *launch.nice));
    return true;
}

bool set_scheduler(const Launch& launch) {
    const sched_param parameters{launch.cpu_priority};
    return !launch.cpu_policy || ::sched_setscheduler(0, *launch.cpu_policy, &parameters) == 0;
}

bool set_io_priority(const Launch& launch) {
    constexpr int of_process = 1;  // IOPRIO_WHO_PROCESS
    return !launch.io_priority
           || ::syscall(SYS_ioprio_set, of_process, 0, *launch.io_priority) == 0;
}

bool set_timer_slack(const Launch& launch) {
    return !launch.timer_slack || ::prctl(PR_SET_TIMERSLACK, *launch.timer_slack, 0, 0, 0) == 0;
}

bool set_umask(const Launch& launch) {
    ::umask(launch.umask);
    return true;
}

bool set_limits(const Launch& launch) {
    for (std::size_t kind = 0; kind < launch.limits.size(); ++kind) {
        if (!launch.limits[kind])
            continue;
        const rlimit& wanted = *launch.limits[kind];
        const auto resource = static_cast<__rlimit_resource>(kind);
        if (::setrlimit(resource, &wanted) == 0)
            continue;
        rlimit now{};
        if (errno != EPERM || ::getrlimit(resource, &now) < 0)
            return false;
        // If we lack the right to raise the hard limit, set the highest permitted values.
        now = {std::min(wanted.rlim_cur, now.rlim_max), std::min(wanted.rlim_max, now.rlim_max)};
        if (::setrlimit(resource, &now) < 0)
            return false;
    }
    return true;
}

/// Sets the hard limit of `resource` to `mark`. Lowers the soft limit to `mark` if the soft limit
/// is higher.
void mark_by(__rlimit_resource resource, rlimit limit, rlim_t mark) {
    limit.rlim_max = mark;
    limit.rlim_cur = std::min(limit.rlim_cur, mark);
    ::setrlimit(resource, &limit);
}

/// Sets the resource limits that mark the process (see Mark). Sets no mark if the unit has lower
/// limits (LimitLOCKS=, LimitRSS=), or if the kernel cannot set these limits (gVisor).
bool set_mark(const Launch& launch) {
    if (!launch.mark)
        return true;
    rlimit locks{};
    rlimit resident_set{};
    ::getrlimit(RLIMIT_LOCKS, &locks);
    ::getrlimit(RLIMIT_RSS, &resident_set);
    if (locks.rlim_max >= launch.mark->locks
        && resident_set.rlim_max >= launch.mark->resident_set) {
        mark_by(RLIMIT_LOCKS, locks, launch.mark->locks);
        mark_by(RLIMIT_RSS, resident_set, launch.mark->resident_set);
    }
    return true;
}

bool place_fds(const Launch& launch) {
    std::size_t at = 0;
    for (const process::PlacedFd& placed : launch.fds) {
        if (::dup2(placed.fd.get(), placed.number) < 0)
            return false;
        if (at++ >= launch.sockets)
            continue;
        const int flags = ::fcntl(placed.number, F_GETFL);
        const int wanted = launch.non_blocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        if (flags < 0 || (wanted != flags && ::fcntl(placed.number, F_SETFL, wanted) < 0))
            return false;
    }
    // Inherited descriptors may lack the flag close-on-exec, so set the flag. Before Linux 5.11,
    // the kernel cannot do this, and these descriptors stay open.
    const auto first = static_cast<unsigned>(STDERR_FILENO + 1 + launch.fds.size());
    ::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
    return true;
}

/// Changes the root directory, and then the current directory. Without the call of chdir(2), the
/// current directory would stay outside the new root (chroot(2)).
bool change_root(const Launch& launch) {
    return launch.root.empty() || (::chroot(launch.root.c_str()) == 0 && ::chdir("/") == 0);
}

bool change_directory(const Launch& launch) {
    return ::chdir(launch.directory.c_str()) == 0 || launch.directory_may_be_missing;
}

struct Stage {
    Step step;
    /// Null if the preparation has performed the step already. Launch::planned has the failure of
    /// such a step.
    bool (*perform)(const Launch&);
};

// The order is systemd's. If several steps would fail, the order decides which failure is reported.
constexpr Stage stages[] = {
    {Step::signal_mask, reset_signals},
    {Step::none, wait_for_idleness},
    {Step::setsid, new_session},
    {Step::none, reset_its_terminal},
    {Step::user, nullptr},
    {Step::group, nullptr},
    {Step::standard_input, set_stream<STDIN_FILENO>},
    {Step::standard_output, set_stream<STDOUT_FILENO>},
    {Step::standard_error, set_stream<STDERR_FILENO>},
    {Step::cgroup, join_cgroup},
    {Step::oom_adjust, set_oom_score},
    {Step::nice, set_nice},
    {Step::scheduler, set_scheduler},
    {Step::io_priority, set_io_priority},
    {Step::timer_slack, set_timer_slack},
    {Step::runtime_directory, nullptr},
    {Step::state_directory, nullptr},
    {Step::cache_directory, nullptr},
    {Step::logs_directory, nullptr},
    {Step::configuration_directory, nullptr},
    {Step::none, set_umask},
    {Step::limits, set_limits},
    {Step::none, set_mark},
    {Step::network, nullptr},
    {Step::name_space, nullptr},
    {Step::group, set_groups},
    {Step::exec, nullptr},
    {Step::fds, place_fds},
    {Step::capabilities, drop_bounding_set},
    {Step::capabilities, set_ambient_set},
    {Step::chroot, change_root},
    {Step::user, set_user},
    {Step::capabilities, raise_ambient_set},
    {Step::chdir, change_directory},
    {Step::secure_bits, set_secure_bits},
    {Step::no_new_privileges, set_no_new_privileges},
};

/// Returns whether the error means that a program does not exist or is not accessible. If so, the
/// next program is tried.
bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/// Executes the first program that exists. Returns the error if no program was executed.
int execute(const Launch& launch) {
    int error = ENOENT;
    for (const std::string& program : launch.programs) {
        ::execve(program.c_str(), launch.arguments.data(), launch.environment.data());
        if (errno != ENOENT)
            error = errno;
        if (!is_missing(errno))
            break;
    }
    return error;
}

Failure go_through_stages(Launch& launch) {
    for (const Stage& stage : stages) {
        if (launch.planned && launch.planned.step == stage.step)
            return launch.planned;
        if (stage.perform && !stage.perform(launch))
            return {stage.step, errno};
    }
    const pid_t pid = ::getpid();
    launch.arguments.fill_in(pid);
    launch.environment.fill_in(pid);
    if (launch.report)
        report_execution(launch.report);
    return {Step::exec, execute(launch)};
}

/// Returns whether the failure is a missing program. If the process keeps our root directory,
/// `planned` already contains this failure.
bool is_missing_program(const Launch& launch) {
    return launch.failure.step == Step::exec
           && (launch.failure == launch.planned
               || (!launch.root.empty() && is_missing(launch.failure.error)));
}

}  // namespace

/// Closes the descriptors that are not in `kept`, because the child may block for a long time.
/// Otherwise, sockets and pipes that we close would stay open in the child. Other processes would
/// not notice that we have closed them.
///
/// Before Linux 5.9, close_range(2) does not exist, and the descriptors stay open.
void isolate_child(const sigset_t& ignored_signals, bool ignores_sigpipe,
                   const std::vector<int>& kept) {
    auto first = static_cast<unsigned>(STDERR_FILENO + 1);
    for (const int fd : kept) {
        const auto next = static_cast<unsigned>(fd);
        if (first < next)
            ::syscall(SYS_close_range, first, next - 1, 0);
        first = next + 1;
    }
    ::syscall(SYS_close_range, first, ~0U, 0);
    set_signals(ignored_signals, ignores_sigpipe);
}

int become_program(void* argument) {
    Launch& launch = *static_cast<Launch*>(argument);
    launch.failure = go_through_stages(launch);
    launch.is_ignored = launch.ignores_missing && is_missing_program(launch);
    return launch.is_ignored ? 0 : static_cast<int>(launch.failure.step);
}

}  // namespace notifybridge::execute
