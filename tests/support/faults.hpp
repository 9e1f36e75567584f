#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Lets a test choose system calls that fail, and set the clocks.
///
/// An executable uses these functions if it links with `faults_dep`. The linker's --wrap redirects
/// the system calls of the project's libraries to them, so the tested code stays unchanged.
namespace notifybridge::test {

/// The kinds of calls. The kind decides which errors are possible.
enum class Call {
    open,       ///< Descriptors of existing files: open, openat, openat2, a pidfd.
    create,     ///< Descriptors of new files.
    duplicate,  ///< F_DUPFD
    ask_lock,   ///< F_OFD_GETLK, which never fails.
    socket,
    pipe,
    connect,
    inotify,  ///< Creates an inotify instance.
    watch,    ///< Adds a watch to an inotify instance.
    epoll,    ///< EPOLL_CTL_ADD
    read,     ///< pread
    write,    ///< pwrite
    truncate,
    rename,
    link,
    unlink,
    status,  ///< fstat, fstatat
    mode,    ///< fchmod
    receive,
    receive_fds,  ///< recvmsg of a message with descriptors.
    send,
};

std::string_view name_of(Call call);

/// The error of a write that writes only one byte. This is not an errno.
inline constexpr int short_write = -1;
/// The error of a recvmsg that loses the descriptors, as if no descriptor numbers were free. This
/// is not an errno.
inline constexpr int lost_fds = -2;

/// Returns the errors with which a call of this kind can fail.
std::span<const int> errors_of(Call call);

/// Returns the name of an error, such as "ENOSPC".
std::string name_of(int error);

/// A fault that a test causes: which calls fail, with which error, and for how long.
struct Fault {
    /// The number of the first call that may fail, counted from 1. The fault begins with the first
    /// call from this number on that can fail with `error`.
    std::size_t nth = 0;
    int error = 0;
    /// The duration of the fault. During this time, all later calls to which the error applies also
    /// fail. If this is 0, only one call fails. An error of the file system applies to all
    /// processes. Other errors apply only to the process whose call failed first.
    std::chrono::microseconds lasts{0};
    std::size_t nth_allocation = 0;  ///< The number of the allocation that fails, counted from 1;
                                     ///< 0 if none fails.
    /// Whether the full disk still has room for half of a write, as a real disk may. Applies to
    /// ENOSPC and EDQUOT, and to the first write at the end of a file.
    bool half_fits = false;
};

/// The control of calls and clocks. While this object lives, calls are counted and may fail, and
/// clocks move only through `advance`. Only one such object may exist at a time.
class Faults {
public:
    explicit Faults(Fault fault = {});
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;
    ~Faults();

    /// Returns the counted calls, in order.
    const std::vector<Call>& calls() const;

    /// Returns how many allocations were counted.
    std::size_t allocations() const;

    /// Returns whether a call of this kind was made to fail.
    bool has_failed(Call call) const;

    /// Replaces the current fault, even if it has begun.
    static void set(Fault fault);

    /// Makes `process` see all files through a mount that hides the locks of other processes.
    static void put_beyond_mount(int process);

    /// Sets the clocks to a fixed time, and seeds the random numbers with `seed`. So a run can be
    /// repeated exactly.
    static void begin_at(std::uint64_t seed);

    /// Runs `other`, the action of another process, just before the nth call.
    static void interrupt(std::size_t nth, std::function<void()> other);

    /// Kills the process that makes the nth call, just before this call. Later calls of this
    /// process have no effect until `bury` is called.
    static void kill(std::size_t nth);
    static void bury();
    /// Returns the number of the killed process, or 0.
    static int dead_process();

    /// Advances the clocks by `span`. Ends the fault if it has lasted long enough.
    static void advance(std::chrono::microseconds span);

    /// Changes the time of day by `by`, as an administrator may do. `by` may be negative.
    /// CLOCK_MONOTONIC does not change.
    static void set_time_of_day(std::chrono::microseconds by);

    /// Returns the time since this object was created.
    static std::chrono::microseconds elapsed();
};

/// The process that makes calls. While this object lives, calls belong to a process of the bridge.
/// `process` is the number of this process, and is not 0. The calls of the test itself never fail.
class As {
public:
    explicit As(int process);
    As(const As&) = delete;
    As& operator=(const As&) = delete;
    ~As();

private:
    int before_;
};

/// Returns how many inotify descriptors are kept open for reuse. They are kept because the kernel
/// needs about 10 ms to close each of them.
std::size_t kept_inotify_instances();

}  // namespace notifybridge::test
