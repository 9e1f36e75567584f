#include "support/faults.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <utility>

namespace notifybridge::test {
namespace {

using std::chrono::microseconds;

struct State {
    bool is_active = false;
    int process = 0;
    Fault fault;
    int failing_process = 0;  ///< The process in which the fault has begun; 0 if it has not begun.
    Call failing_call{};
    bool is_over = false;
    std::set<Call> failed;
    std::vector<Call> calls;
    std::size_t interrupted_call = 0;
    std::function<void()> interruption;
    std::size_t fatal_call = 0;
    int dead_process = 0;
    int process_beyond_mount = 0;
    std::size_t allocations = 0;
    timespec began{};
    microseconds elapsed{0};
    microseconds ends{0};
    microseconds time_of_day_set_by{0};
    std::optional<std::mt19937_64> random;
};

State state;

struct InotifyInstances {
    /// The watches of each inotify descriptor that is in use.
    std::map<int, std::set<int>> watches;
    std::vector<int> kept;
};

InotifyInstances& inotify_instances() {
    static InotifyInstances instances;
    return instances;
}

constexpr int open_errors[] = {EMFILE, ENFILE, ENOMEM, EIO, EINTR};
constexpr int create_errors[] = {ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE, ENOMEM, EIO, EINTR};
constexpr int duplicate_errors[] = {EMFILE};
constexpr int socket_errors[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS};
constexpr int pipe_errors[] = {EMFILE, ENFILE, ENOMEM};
constexpr int connect_errors[] = {ECONNREFUSED, ENOENT, ENOMEM};
constexpr int inotify_errors[] = {EMFILE, ENFILE, ENOMEM};
constexpr int watch_errors[] = {ENOSPC, ENOMEM};
constexpr int epoll_errors[] = {ENOSPC, ENOMEM};
constexpr int read_errors[] = {EIO, ENOMEM, EINTR};
constexpr int write_errors[] = {ENOSPC, EDQUOT, EROFS, EFBIG, EIO, EINTR, short_write};
constexpr int truncate_errors[] = {EIO, EROFS, EINTR};
constexpr int rename_errors[] = {ENOSPC, EDQUOT, EROFS, ENOMEM, EIO};
constexpr int link_errors[] = {ENOSPC, EDQUOT, EROFS, ENOMEM, EIO};
constexpr int unlink_errors[] = {EROFS, ENOMEM, EIO};
constexpr int status_errors[] = {ENOMEM, EIO};
constexpr int mode_errors[] = {ENOSPC, EROFS, EIO};
constexpr int receive_errors[] = {EINTR};
constexpr int receive_fds_errors[] = {EINTR, lost_fds};
constexpr int send_errors[] = {EAGAIN, EINTR, ENOBUFS, ENOMEM, ECONNREFUSED};

constexpr const char* call_names[] = {
    "open",    "create", "duplicate", "ask_lock", "socket",  "pipe",        "connect",
    "inotify", "watch",  "epoll",     "read",     "write",   "truncate",    "rename",
    "link",    "unlink", "status",    "mode",     "receive", "receive_fds", "send",
};

/// Returns whether an error comes from the file system. ENOSPC from epoll or inotify means that
/// their own limits are reached.
bool is_of_the_file_system(Call call, int error) {
    return call != Call::epoll && call != Call::watch
           && (error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO);
}

/// Returns whether a fault with this error can last. EINTR, EAGAIN and a short write affect only
/// one call, because callers then repeat the call or wait.
bool can_last(int error) {
    return error != EINTR && error != EAGAIN && error != short_write;
}

bool can_fail_with(Call call, int error) {
    const auto errors = errors_of(call);
    return std::find(errors.begin(), errors.end(), error) != errors.end();
}

/// Returns whether this call also fails, because the fault that began with an earlier call lasts.
bool is_part_of_the_fault(Call call) {
    const int error = state.fault.error;
    const bool is_of_disk = is_of_the_file_system(state.failing_call, error);
    return can_fail_with(call, error) && is_of_the_file_system(call, error) == is_of_disk
           && (is_of_disk || state.process == state.failing_process);
}

/// Counts a call. Returns the error with which it must fail, or 0.
int fault_of(Call call) {
    if (!state.is_active || state.process == 0)
        return 0;
    if (state.process == state.dead_process)
        return EIO;
    state.calls.push_back(call);
    if (state.calls.size() == state.fatal_call) {
        state.dead_process = state.process;
        return EIO;
    }
    if (state.calls.size() == state.interrupted_call) {
        const As test_itself(0);
        std::exchange(state.interruption, nullptr)();
    }
    const Fault& fault = state.fault;
    if (state.is_over || fault.error == 0 || state.calls.size() < fault.nth)
        return 0;
    if (state.failing_process == 0) {
        if (!can_fail_with(call, fault.error))
            return 0;
        state.failing_process = state.process;
        state.failing_call = call;
        state.ends = state.elapsed + fault.lasts;
        state.is_over = fault.lasts.count() == 0 || !can_last(fault.error);
    } else if (!is_part_of_the_fault(call)) {
        return 0;
    }
    state.failed.insert(call);
    return fault.error;
}

bool is_beyond_mount() {
    return state.is_active && state.process != 0 && state.process == state.process_beyond_mount;
}

/// Counts a call. If it must fail, sets errno and returns true.
bool fails(Call call) {
    const int error = fault_of(call);
    if (error > 0)
        errno = error;
    return error > 0;
}

/// Counts an allocation. Returns null if this allocation must fail, and memory otherwise.
void* allocate(std::size_t size) noexcept {
    if (state.is_active && state.process != 0 && ++state.allocations == state.fault.nth_allocation)
        return nullptr;
    return std::malloc(size == 0 ? 1 : size);
}

timespec later(timespec time, microseconds by) {
    const auto nsec = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)
                      + std::chrono::nanoseconds(by);
    time.tv_sec = nsec.count() / 1'000'000'000;
    time.tv_nsec = nsec.count() % 1'000'000'000;
    return time;
}

}  // namespace

std::string_view name_of(Call call) {
    return call_names[static_cast<std::size_t>(call)];
}

std::span<const int> errors_of(Call call) {
    switch (call) {
        case Call::open:
            return open_errors;
        case Call::create:
            return create_errors;
        case Call::duplicate:
            return duplicate_errors;
        case Call::ask_lock:
            return {};
        case Call::socket:
            return socket_errors;
        case Call::pipe:
            return pipe_errors;
        case Call::connect:
            return connect_errors;
        case Call::inotify:
            return inotify_errors;
        case Call::watch:
            return watch_errors;
        case Call::epoll:
            return epoll_errors;
        case Call::read:
            return read_errors;
        case Call::write:
            return write_errors;
        case Call::truncate:
            return truncate_errors;
        case Call::rename:
            return rename_errors;
        case Call::link:
            return link_errors;
        case Call::unlink:
            return unlink_errors;
        case Call::status:
            return status_errors;
        case Call::mode:
            return mode_errors;
        case Call::receive:
            return receive_errors;
        case Call::receive_fds:
            return receive_fds_errors;
        case Call::send:
            return send_errors;
    }
    return {};
}

std::string name_of(int error) {
    if (error == short_write)
        return "a short write";
    if (error == lost_fds)
        return "lost descriptors";
    const char* const name = ::strerrorname_np(error);
    return name ? name : std::to_string(error);
}

Faults::Faults(Fault fault) {
    state = State();
    // Reserve memory now, because a counted call must not allocate memory for this list.
    state.calls.reserve(100'000);
    state.fault = fault;
    ::clock_gettime(CLOCK_MONOTONIC, &state.began);
    state.is_active = true;
}

Faults::~Faults() {
    state.is_active = false;
}

const std::vector<Call>& Faults::calls() const {
    return state.calls;
}

std::size_t Faults::allocations() const {
    return state.allocations;
}

bool Faults::has_failed(Call call) const {
    return state.failed.contains(call);
}

void Faults::set(Fault fault) {
    state.fault = fault;
    state.failing_process = 0;
    state.is_over = false;
}

void Faults::begin_at(std::uint64_t seed) {
    state.began = {1'000'000, 0};
    state.random.emplace(seed);
}

void Faults::put_beyond_mount(int process) {
    state.process_beyond_mount = process;
}

void Faults::interrupt(std::size_t nth, std::function<void()> other) {
    state.interrupted_call = nth;
    state.interruption = std::move(other);
}

void Faults::kill(std::size_t nth) {
    state.fatal_call = nth;
}

void Faults::bury() {
    state.fatal_call = 0;
    state.dead_process = 0;
}

int Faults::dead_process() {
    return state.dead_process;
}

void Faults::advance(microseconds span) {
    state.elapsed += span;
    if (state.failing_process != 0 && state.elapsed >= state.ends)
        state.is_over = true;
}

void Faults::set_time_of_day(microseconds by) {
    state.time_of_day_set_by += by;
}

microseconds Faults::elapsed() {
    return state.elapsed;
}

As::As(int process) : before_(std::exchange(state.process, process)) {}

As::~As() {
    state.process = before_;
}

std::size_t kept_inotify_instances() {
    return inotify_instances().kept.size();
}

}  // namespace notifybridge::test

using namespace notifybridge::test;

// The linker redirects each call of `name` to `__wrap_name`; `__real_name` is the original. The
// names are those in glibc's headers.
extern "C" {

int __real_open64(const char* path, int flags, ...);
int __real_openat64(int directory, const char* path, int flags, ...);
long __real_syscall(long number, ...);
int __real_fcntl64(int fd, int operation, ...);
int __real_socket(int domain, int type, int protocol);
int __real_pipe2(int* ends, int flags);
int __real_connect(int socket, const sockaddr* address, socklen_t size);
int __real_inotify_init1(int flags);
int __real_inotify_add_watch(int fd, const char* path, std::uint32_t events);
int __real_inotify_rm_watch(int fd, int watch);
int __real_close(int fd);
int __real_epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
int __real_timerfd_create(int clock, int flags);
ssize_t __real_pread64(int fd, void* buffer, std::size_t size, off64_t offset);
ssize_t __real_pwrite64(int fd, const void* buffer, std::size_t size, off64_t offset);
int __real_ftruncate64(int fd, off64_t size);
int __real_renameat(int from, const char* old_name, int to, const char* new_name);
int __real_renameat2(int from, const char* old_name, int to, const char* new_name, unsigned flags);
int __real_linkat(int from, const char* old_name, int to, const char* new_name, int flags);
int __real_unlinkat(int directory, const char* name, int flags);
int __real_fstat64(int fd, struct stat64* status);
int __real_fstatat64(int directory, const char* name, struct stat64* status, int flags);
int __real_fchmod(int fd, mode_t mode);
int __real_fstatfs64(int fd, struct statfs64* status);
ssize_t __real_recvmsg(int socket, msghdr* message, int flags);
ssize_t __real_sendmsg(int socket, const msghdr* message, int flags);
ssize_t __real_getrandom(void* buffer, std::size_t size, unsigned flags);
int __real_clock_gettime(clockid_t clock, timespec* time);

int __wrap_open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (fails(flags & O_CREAT ? Call::create : Call::open))
        return -1;
    return __real_open64(path, flags, mode);
}

int __wrap_openat64(int directory, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (fails(flags & O_CREAT ? Call::create : Call::open))
        return -1;
    return __real_openat64(directory, path, flags, mode);
}

long __wrap_syscall(long number, ...) {
    va_list more;
    va_start(more, number);
    std::array<long, 5> arguments;
    for (long& argument : arguments)
        argument = va_arg(more, long);
    va_end(more);
    const bool opens = number == SYS_openat2 || number == SYS_pidfd_open;
    if (opens && fails(Call::open))
        return -1;
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4]);
}

int __wrap_fcntl64(int fd, int operation, ...) {
    va_list more;
    va_start(more, operation);
    void* const argument = va_arg(more, void*);
    va_end(more);
    if (operation == F_DUPFD_CLOEXEC && fails(Call::duplicate))
        return -1;
    if (operation == F_OFD_GETLK && fails(Call::ask_lock))
        return -1;
    const int result = __real_fcntl64(fd, operation, argument);
    if (operation == F_OFD_GETLK && is_beyond_mount())
        static_cast<struct flock*>(argument)->l_type = F_UNLCK;
    return result;
}

int __wrap_socket(int domain, int type, int protocol) {
    return fails(Call::socket) ? -1 : __real_socket(domain, type, protocol);
}

int __wrap_pipe2(int* ends, int flags) {
    return fails(Call::pipe) ? -1 : __real_pipe2(ends, flags);
}

int __wrap_connect(int socket, const sockaddr* address, socklen_t size) {
    return fails(Call::connect) ? -1 : __real_connect(socket, address, size);
}

int __wrap_inotify_init1(int flags) {
    if (fails(Call::inotify))
        return -1;
    const As test_itself(0);
    InotifyInstances& instances = inotify_instances();
    int fd;
    if (instances.kept.empty()) {
        fd = __real_inotify_init1(flags);
    } else {
        fd = __real_fcntl64(instances.kept.back(), F_DUPFD_CLOEXEC, 0);
        __real_close(instances.kept.back());
        instances.kept.pop_back();
    }
    if (fd >= 0)
        instances.watches[fd] = {};
    return fd;
}

int __wrap_inotify_add_watch(int fd, const char* path, std::uint32_t events) {
    if (fails(Call::watch))
        return -1;
    const As test_itself(0);
    const int watch = __real_inotify_add_watch(fd, path, events);
    if (watch >= 0)
        inotify_instances().watches[fd].insert(watch);
    return watch;
}

int __wrap_inotify_rm_watch(int fd, int watch) {
    const As test_itself(0);
    inotify_instances().watches[fd].erase(watch);
    return __real_inotify_rm_watch(fd, watch);
}

int __wrap_close(int fd) {
    const As test_itself(0);
    InotifyInstances& instances = inotify_instances();
    const auto found = instances.watches.find(fd);
    if (found == instances.watches.end())
        return __real_close(fd);
    for (const int watch : found->second)
        __real_inotify_rm_watch(fd, watch);
    instances.watches.erase(found);
    std::array<char, 4096> events;
    while (::read(fd, events.data(), events.size()) > 0) {
    }
    // Tests may limit the number of descriptors. Numbers from 100 on are above such a limit.
    instances.kept.push_back(__real_fcntl64(fd, F_DUPFD_CLOEXEC, 100));
    return __real_close(fd);
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
    return operation == EPOLL_CTL_ADD && fails(Call::epoll)
               ? -1
               : __real_epoll_ctl(epoll, operation, fd, event);
}

// Without timerfd, Asio computes timeouts from steady_clock, whose time the test sets.
int __wrap_timerfd_create(int clock, int flags) {
    if (!state.is_active)
        return __real_timerfd_create(clock, flags);
    errno = ENOSYS;
    return -1;
}

ssize_t __wrap_pread64(int fd, void* buffer, std::size_t size, off64_t offset) {
    return fails(Call::read) ? -1 : __real_pread64(fd, buffer, size, offset);
}

ssize_t __wrap_pwrite64(int fd, const void* buffer, std::size_t size, off64_t offset) {
    const int error = fault_of(Call::write);
    struct stat64 status;
    const bool may_fit = (error == ENOSPC || error == EDQUOT) && state.fault.half_fits && size > 1
                         && __real_fstat64(fd, &status) == 0 && offset >= status.st_size;
    if (may_fit) {
        state.fault.half_fits = false;
        return __real_pwrite64(fd, buffer, size / 2, offset);
    }
    if (error > 0) {
        errno = error;
        return -1;
    }
    return __real_pwrite64(fd, buffer, error == short_write ? 1 : size, offset);
}

int __wrap_ftruncate64(int fd, off64_t size) {
    return fails(Call::truncate) ? -1 : __real_ftruncate64(fd, size);
}

int __wrap_renameat(int from, const char* old_name, int to, const char* new_name) {
    return fails(Call::rename) ? -1 : __real_renameat(from, old_name, to, new_name);
}

int __wrap_renameat2(int from, const char* old_name, int to, const char* new_name, unsigned flags) {
    return fails(Call::rename) ? -1 : __real_renameat2(from, old_name, to, new_name, flags);
}

int __wrap_linkat(int from, const char* old_name, int to, const char* new_name, int flags) {
    return fails(Call::link) ? -1 : __real_linkat(from, old_name, to, new_name, flags);
}

int __wrap_unlinkat(int directory, const char* name, int flags) {
    return fails(Call::unlink) ? -1 : __real_unlinkat(directory, name, flags);
}

int __wrap_fstat64(int fd, struct stat64* status) {
    return fails(Call::status) ? -1 : __real_fstat64(fd, status);
}

int __wrap_fstatat64(int directory, const char* name, struct stat64* status, int flags) {
    return fails(Call::status) ? -1 : __real_fstatat64(directory, name, status, flags);
}

int __wrap_fstatfs64(int fd, struct statfs64* status) {
    constexpr long fuse = 0x65735546;
    const int result = __real_fstatfs64(fd, status);
    if (is_beyond_mount())
        status->f_type = fuse;
    return result;
}

int __wrap_fchmod(int fd, mode_t mode) {
    return fails(Call::mode) ? -1 : __real_fchmod(fd, mode);
}

ssize_t __wrap_recvmsg(int socket, msghdr* message, int flags) {
    // Peek at the message first (MSG_PEEK), because its content decides the kind of this call.
    std::array<std::byte, 1024> control{};
    msghdr look{};
    look.msg_control = control.data();
    look.msg_controllen = control.size();
    const ssize_t there = __real_recvmsg(socket, &look, flags | MSG_PEEK);
    if (there < 0)
        return __real_recvmsg(socket, message, flags);
    bool has_fds = false;
    for (cmsghdr* header = CMSG_FIRSTHDR(&look); header; header = CMSG_NXTHDR(&look, header)) {
        if (header->cmsg_type != SCM_RIGHTS)
            continue;
        has_fds = true;
        for (std::size_t at = 0; at < header->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            int fd;
            std::memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
            __real_close(fd);
        }
    }
    const int error = fault_of(has_fds ? Call::receive_fds : Call::receive);
    if (error > 0) {
        errno = error;
        return -1;
    }
    if (error == lost_fds)
        message->msg_controllen = CMSG_SPACE(sizeof(ucred));
    return __real_recvmsg(socket, message, flags);
}

ssize_t __wrap_sendmsg(int socket, const msghdr* message, int flags) {
    return fails(Call::send) ? -1 : __real_sendmsg(socket, message, flags);
}

ssize_t __wrap_getrandom(void* buffer, std::size_t size, unsigned flags) {
    if (!state.is_active || !state.random)
        return __real_getrandom(buffer, size, flags);
    for (unsigned char& byte : std::span(static_cast<unsigned char*>(buffer), size))
        byte = static_cast<unsigned char>((*state.random)());
    return static_cast<ssize_t>(size);
}

int __wrap_clock_gettime(clockid_t clock, timespec* time) {
    const int result = __real_clock_gettime(clock, time);
    if (!state.is_active)
        return result;
    const timespec by_monotonic = later(state.began, state.elapsed);
    if (clock == CLOCK_MONOTONIC)
        *time = by_monotonic;
    else if (clock == CLOCK_REALTIME)
        *time = later(by_monotonic, std::chrono::hours(24 * 365) + state.time_of_day_set_by);
    return result;
}

std::chrono::steady_clock::time_point __wrap__ZNSt6chrono3_V212steady_clock3nowEv() {
    timespec time;
    __wrap_clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec)
                                                 + std::chrono::nanoseconds(time.tv_nsec));
}

}  // extern "C"

void* operator new(std::size_t size) {
    void* const memory = allocate(size);
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(size);
}

// Not inlined: otherwise GCC 12 sees free(3) after a new-expression, and warns.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
