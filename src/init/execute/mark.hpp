#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string_view>

/// Marks the processes of a unit where control groups cannot tell them apart.
namespace notifybridge::execute {

/// A mark that a process and its descendants keep through fork(2), setsid(2), execve(2) and changes
/// of the user, and that every user may read. It is a pair of hard resource limits that Linux does
/// not enforce: RLIMIT_LOCKS (since 2.4.25) and RLIMIT_RSS (since 2.4.30), see getrlimit(2).
struct Mark {
    rlim_t locks = 0;
    rlim_t resident_set = 0;

    bool operator==(const Mark&) const = default;
};

/// Returns the mark in the text of /proc/PID/limits; nullopt if that has no such limits.
std::optional<Mark> parse_mark(std::string_view limits);

/// Reads the limits of a process; nullopt if there is none, or /proc does not show them.
std::optional<Mark> mark_of(pid_t pid);

/// Numbers for marks. If one limit of a mark is higher than that of another mark, the other limit
/// is lower. So no process can change its mark to another of ours, as only CAP_SYS_RESOURCE allows
/// to raise a hard limit.
class Marks {
public:
    using Number = std::uint32_t;

    /// Creates marks below our own limits. Returns nullopt if these leave no room, or if /proc does
    /// not show limits (gVisor).
    static std::optional<Marks> below_our_own();
    static std::optional<Marks> below(const Mark& own);

    Mark mark(Number number) const;
    /// Returns nullopt if the mark is not one of ours.
    std::optional<Number> number(const Mark& mark) const;

private:
    explicit Marks(const Mark& highest) : highest_(highest) {}

    Mark highest_;
};

}  // namespace notifybridge::execute
