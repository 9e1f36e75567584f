#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Creates messages as systemd-notify(1) does.
namespace notifybridge::notify {

/// The assignments that the options of systemd-notify request.
struct Announcement {
    bool reloading = false;
    bool ready = false;
    bool stopping = false;
    std::optional<std::string> status;
    std::optional<pid_t> main_pid;
    /// The id of the main process on pidfs; nullopt if the kernel has no pidfs.
    std::optional<std::uint64_t> main_pidfd_id;
    bool stores_fds = false;
    std::optional<std::string> fd_name;

    bool empty() const {
        return !reloading && !ready && !stopping && !status && !main_pid && !stores_fds;
    }
};

/// Returns the assignments in systemd-notify's order. A reload includes `monotonic_usec`
/// (CLOCK_MONOTONIC), which Type=notify-reload needs.
std::vector<std::string> assignments(const Announcement& announcement,
                                     std::uint64_t monotonic_usec);

/// Returns `assignments` followed by `more`. A later assignment to a variable replaces an earlier
/// one. Like systemd, accepts a text without "=" and keeps it once.
std::vector<std::string> combine(std::vector<std::string> assignments,
                                 std::span<const std::string> more);

/// Returns whether `assignment` ends in an unescaped backslash. systemd would read the backslash as
/// an escape of the line break. The next assignment would be lost. If `assignment` is the last, the
/// whole message would be lost.
bool ends_in_escape(std::string_view assignment) noexcept;

/// Returns whether systemd accepts `name` as FDNAME: at most 255 printable ASCII characters without
/// a colon.
bool is_fd_name(std::string_view name) noexcept;

}  // namespace notifybridge::notify
