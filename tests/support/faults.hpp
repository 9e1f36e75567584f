#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// System calls that fail when a test wants them to, and clocks that a test moves.
///
/// An executable that links with `faults_dep` has the calls of the project's libraries go through
/// here first, by the linker's --wrap: what is tested is the code as it is, to the last call.
namespace notifybridge::test {

/// What a call is for, so far as it decides how it can fail.
enum class Call {
    open,       ///< Of what is there: open, openat, openat2, a pidfd.
    create,     ///< Of a file that is not.
    duplicate,  ///< F_DUPFD
    ask_lock,   ///< F_OFD_GETLK, which never fails.
    socket,
    pipe,
    connect,
    inotify,  ///< An instance.
    watch,    ///< One of an instance.
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
    receive_fds,  ///< recvmsg of a message that has descriptors with it.
    send,
};

std::string_view name_of(Call call);

/// Not an errno: one byte is written and no more.
inline constexpr int short_write = -1;
/// Not an errno: the descriptors do not arrive, as where there is no number left for them.
inline constexpr int lost_fds = -2;

/// How a call of this kind can fail.
std::span<const int> errors_of(Call call);

/// "ENOSPC", or what it is else.
std::string name_of(int error);

/// What goes wrong.
struct Fault {
    std::size_t nth = 0;  ///< The how many-th call of all it begins with, from 1 on.
    int error = 0;
    /// Not 0: so long every call fails that can fail so, of all processes where it is the file
    /// system that does not work, else of the one where it began.
    std::chrono::microseconds lasts{0};
    std::size_t nth_allocation = 0;  ///< Not 0: this many-th piece of memory is not there.
};

/// While one lives, calls are counted and may fail, and time stands still but for `advance`. One at
/// a time.
class Faults {
public:
    explicit Faults(Fault fault = {});
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;
    ~Faults();

    /// The calls that were counted so far, in order.
    const std::vector<Call>& calls() const;

    /// How many pieces of memory were asked for so far.
    std::size_t allocations() const;

    /// Whether one of this kind was made to fail.
    bool has_failed(Call call) const;

    /// What somebody else does just before the nth call, if one comes.
    static void interrupt(std::size_t nth, std::function<void()> other);

    /// Whoever makes the nth call has been killed before that: it and all that come of the same
    /// process are in vain. Until `bury`.
    static void kill(std::size_t nth);
    static void bury();

    /// Lets this time go by, and ends the fault where it has lasted long enough.
    static void advance(std::chrono::microseconds span);

    /// Somebody sets the time of day, for this or the other direction. CLOCK_MONOTONIC goes on.
    static void set_time_of_day(std::chrono::microseconds by);

    /// Time since this began.
    static std::chrono::microseconds elapsed();
};

/// While it lives, calls are those of a process of the bridge, by any number but 0. What a test
/// does itself never fails.
class As {
public:
    explicit As(int process);
    As(const As&) = delete;
    As& operator=(const As&) = delete;
    ~As();

private:
    int before_;
};

/// Descriptors that are kept open behind the scenes: the kernel takes some 10 ms to close an
/// inotify instance, so that they are used again instead.
std::size_t kept_inotify_instances();

}  // namespace notifybridge::test
