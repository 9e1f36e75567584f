#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/clone.hpp"
#include "init/execute/identity.hpp"
#include "init/execute/mark.hpp"
#include "init/execute/streams.hpp"
#include "init/execute/terminal_reset.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// Strings in the form for execve(2). Placeholders in them are replaced by the pid of the process.
class Strings {
public:
    Strings() = default;
    /// `texts` may contain `pid_placeholder`.
    explicit Strings(std::vector<std::string> texts);
    Strings(Strings&&) = default;
    Strings& operator=(Strings&&) = default;

    char* const* data() const { return pointers_.data(); }

    /// Replaces the placeholders by `pid`. Does not allocate. Call it at most once.
    void fill_in(pid_t pid);

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
    std::vector<char*> slots_;  ///< Positions of placeholders. The last in a text comes first, as
                                ///< text behind a placeholder moves.
};

/// All data that a child needs to become a unit's process, so that it only makes system calls.
struct Launch {
    /// The child executes the first that it can. There are several only in another root.
    std::vector<std::string> programs;
    Strings arguments;
    Strings environment;
    Streams streams;
    TerminalReset terminal_reset;
    std::vector<process::PlacedFd> fds;
    std::size_t sockets = 0;  ///< The number of `fds` that `non_blocking` applies to.
    bool non_blocking = false;
    system::Fd cgroup;  ///< The directory of a control group to join, if the child is not in it.
    system::Fd idle;    ///< Becomes readable when the program may start (Type=idle).
    system::Fd report;  ///< Receives a report just before the program is executed, if set.
    std::string oom_score_adjust;
    std::optional<int> nice;
    std::optional<int> cpu_policy;  ///< With or without SCHED_RESET_ON_FORK.
    int cpu_priority = 0;
    std::optional<int> io_priority;  ///< Class and priority, as ioprio_set(2) takes them.
    std::optional<std::uint64_t> timer_slack;
    mode_t umask = 0022;
    sigset_t ignored_signals{};  ///< Ignored by the manager, but not by the program.
    bool ignores_sigpipe = true;
    unit::Limits limits;
    std::optional<Mark> mark;
    std::optional<std::vector<gid_t>> groups;
    std::optional<gid_t> gid;
    std::optional<uid_t> uid;
    std::optional<std::uint64_t> bounding_set;
    std::uint64_t ambient_set = 0;
    std::optional<int> secure_bits;  ///< nullopt: they stay unchanged.
    bool no_new_privileges = false;
    std::string root;  ///< Empty: our root.
    std::string directory;
    bool directory_may_be_missing = false;
    /// A failure that is known in advance: the child goes on up to that step, and ends.
    Failure planned;
    bool ignores_missing = false;  ///< Ends with status 0 if no program is executable.
    // Set by the child. We see it if the child shares our memory.
    Failure failure;
    bool is_ignored = false;
};

/// Prepares a child that has a copy of our memory and may wait: lets signals end it, and closes all
/// our descriptors except `kept`, which is sorted.
void stand_alone(const sigset_t& ignored_signals, bool ignores_sigpipe,
                 const std::vector<int>& kept);

/// Runs in the child with a Launch. Returns the exit status if it cannot execute the program.
int become_program(void* launch);

}  // namespace notifybridge::execute
