#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Messages as systemd-notify(1) puts them together.
namespace notifybridge::notify {

/// What its options ask for.
struct Announcement {
    bool reloading = false;
    bool ready = false;
    bool stopping = false;
    std::optional<std::string> status;
    std::optional<pid_t> main_pid;
    std::optional<std::uint64_t> main_pidfd_id;  ///< Where the kernel has such ids (pidfs).
    bool stores_fds = false;
    std::optional<std::string> fd_name;

    bool empty() const {
        return !reloading && !ready && !stopping && !status && !main_pid && !stores_fds;
    }
};

/// Its assignments, in systemd-notify's order. A reload carries the time, in microseconds of
/// CLOCK_MONOTONIC, which Type=notify-reload needs.
std::vector<std::string> assignments(const Announcement& announcement,
                                     std::uint64_t monotonic_usec);

/// `assignments` and then `more`, where a later assignment takes the place of an earlier one to the
/// same variable. As with systemd, a text without "=" is no error; it is kept once.
std::vector<std::string> combine(std::vector<std::string> assignments,
                                 std::span<const std::string> more);

/// Whether `assignment` ends in a backslash that is not itself escaped. systemd would take it to
/// escape the line's end: the next assignment would be lost in this one, and at the end of the
/// message the whole of it.
bool ends_in_escape(std::string_view assignment) noexcept;

/// Whether systemd takes `name` for FDNAME: at most 255 printable ASCII characters and no colon.
bool is_fd_name(std::string_view name) noexcept;

}  // namespace notifybridge::notify
