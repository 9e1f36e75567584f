#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/clone.hpp"
#include "init/files/unit/settings.hpp"
#include "init/hands/execute/identity.hpp"
#include "init/hands/execute/mark.hpp"
#include "init/hands/execute/streams.hpp"
#include "init/hands/execute/terminal_reset.hpp"

namespace notifybridge::execute {

/// Strings in the form that execve(2) needs. `fill_in` replaces placeholders in the strings with
/// the pid of the process.
class Strings {
public:
    Strings() = default;
    /// Copies `texts`, which may contain `pid_placeholder`.
    explicit Strings(std::vector<std::string> texts);
    Strings(Strings&&) = default;
    Strings& operator=(Strings&&) = default;

    char* const* data() const { return pointers_.data(); }

    /// Replaces the placeholders with `pid`. Does not allocate. Must be called at most once.
    void fill_in(pid_t pid);

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
    /// The positions of placeholders. The last position of each text comes first, because replacing
    /// a placeholder moves the text behind it.
    std::vector<char*> slots_;
};

/// All data that a child needs to become a unit's process. With this data, the child only needs to
/// make system calls.
struct Launch {
    /// The child executes the first of these programs that exists. There is only one program unless
    /// RootDirectory= is set.
    std::vector<std::string> programs;
    Strings arguments;
    Strings environment;
    Streams streams;
    TerminalReset terminal_reset;
    std::vector<process::PlacedFd> fds;
    std::size_t sockets = 0;  ///< The number of leading `fds` to which `non_blocking` applies.
    bool non_blocking = false;
    /// The directory of the control group to join; empty if the child is in the group already.
    system::Fd cgroup;
    system::Fd idle;    ///< Becomes readable when the program may start (Type=idle).
    system::Fd report;  ///< If set, receives a report just before the program is executed.
    std::string oom_score_adjust;
    std::optional<int> nice;
    std::optional<int> cpu_policy;  ///< The value may include SCHED_RESET_ON_FORK.
    int cpu_priority = 0;
    std::optional<int> io_priority;  ///< The class and the priority in the format of ioprio_set(2).
    std::optional<std::uint64_t> timer_slack;
    mode_t umask = 0022;
    /// The signals that the manager ignores, but the program must not ignore.
    sigset_t ignored_signals{};
    bool ignores_sigpipe = true;
    unit::Limits limits;
    std::optional<Mark> mark;
    std::optional<std::vector<gid_t>> groups;
    std::optional<gid_t> gid;
    std::optional<uid_t> uid;
    std::optional<std::uint64_t> bounding_set;
    std::uint64_t ambient_set = 0;
    std::optional<int> secure_bits;  ///< The secure bits to set; nullopt if they stay unchanged.
    bool no_new_privileges = false;
    std::string root;  ///< The new root directory; empty if the child keeps ours.
    std::string directory;
    bool directory_may_be_missing = false;
    /// A failure that was found during the preparation. The child performs the steps before the
    /// failed step, and then ends.
    Failure planned;
    /// Whether the child ends with status 0 if its program does not exist.
    bool ignores_missing = false;
    // The child sets these members. We can read them if the child shares our memory.
    Failure failure;
    bool is_ignored = false;
};

/// Prepares a child that has a copy of our memory and may block. Resets the signals, so that
/// signals can end the child. Closes all our descriptors except `kept`, which is sorted.
void isolate_child(const sigset_t& ignored_signals, bool ignores_sigpipe,
                   const std::vector<int>& kept);

/// Executes the program of `launch`, which points to a Launch. Must be called in the child. Returns
/// the exit status if the child cannot execute the program.
int become_program(void* launch);

}  // namespace notifybridge::execute
