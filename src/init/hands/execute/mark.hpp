#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

/// Marks the processes of units. The marks show which process belongs to which unit if there are no
/// control groups.
namespace notifybridge::execute {

/// A mark that a process and its descendants keep. fork(2), setsid(2), execve(2) and a change of
/// the user keep the mark, and every user may read it.
///
/// A mark is a pair of hard resource limits that Linux does not enforce: RLIMIT_LOCKS (since
/// 2.4.25) and RLIMIT_RSS (since 2.4.30), see getrlimit(2).
struct Mark {
    rlim_t locks = 0;
    rlim_t resident_set = 0;

    bool operator==(const Mark&) const = default;
};

/// Returns the mark in `limits`, the text of /proc/PID/limits. Returns nullopt if the text does not
/// have both limits.
std::optional<Mark> parse_mark(std::string_view limits);

/// Reads the mark of a process. Returns nullopt if the process does not exist, or if /proc does not
/// show limits.
std::optional<Mark> mark_of(pid_t pid);

/// A converter between numbers and marks. If two marks differ, one has the higher RLIMIT_LOCKS, and
/// the other has the higher RLIMIT_RSS. Raising a hard limit requires CAP_SYS_RESOURCE. Therefore,
/// a process without this capability cannot change its mark to another of our marks.
class Marks {
public:
    using Number = std::uint32_t;

    /// Creates marks that are lower than our own limits. Returns nullopt if our limits are too low,
    /// or if /proc does not show limits (gVisor).
    static std::optional<Marks> below_our_own();
    static std::optional<Marks> below(const Mark& own);

    Mark mark(Number number) const;
    /// Returns the number of `mark`, or nullopt if it is not one of our marks.
    std::optional<Number> number(const Mark& mark) const;

private:
    explicit Marks(const Mark& highest) : highest_(highest) {}

    Mark highest_;
};

}  // namespace notifybridge::execute
