#pragma once

#include <signal.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process/clone.hpp"
#include "init/execute/identity.hpp"
#include "init/execute/streams.hpp"
#include "init/execute/terminal_reset.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::execute {

/// Strings as execve(2) takes them, with a place in some that gets the process's own pid.
class Strings {
public:
    Strings() = default;
    /// `texts` may have `pid_placeholder` in them.
    explicit Strings(std::vector<std::string> texts);
    Strings(Strings&&) = default;
    Strings& operator=(Strings&&) = default;

    char* const* data() const { return pointers_.data(); }

    /// Writes `pid` where the placeholders are. Allocates nothing; may be called once.
    void fill_in(pid_t pid);

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
    std::vector<char*> slots_;  ///< The last of a text first, as those behind it move.
};

/// All that a child needs to become a unit's process, so that it makes system calls only.
struct Launch {
    /// The first that can be executed is. There are several only in another root.
    std::vector<std::string> programs;
    Strings arguments;
    Strings environment;
    Streams streams;
    TerminalReset terminal_reset;
    std::vector<process::PlacedFd> fds;
    std::size_t sockets = 0;  ///< So many of `fds` obey `non_blocking`.
    bool non_blocking = false;
    system::Fd cgroup;  ///< The directory of a control group to join, if it is not in that.
    system::Fd idle;    ///< Is readable when the program is to wait no longer (Type=idle).
    system::Fd report;  ///< Is told that the program is executed next, if there is one.
    std::string oom_score_adjust;
    std::optional<int> nice;
    std::optional<int> cpu_policy;  ///< With SCHED_RESET_ON_FORK, or without.
    int cpu_priority = 0;
    std::optional<int> io_priority;  ///< With its class, as ioprio_set(2) has them in one.
    std::optional<std::uint64_t> timer_slack;
    mode_t umask = 0022;
    sigset_t ignored_signals{};  ///< By the manager: not by the program.
    bool ignores_sigpipe = true;
    unit::Limits limits;
    std::optional<std::vector<gid_t>> groups;
    std::optional<gid_t> gid;
    std::optional<uid_t> uid;
    std::optional<std::uint64_t> bounding_set;
    std::uint64_t ambient_set = 0;
    std::optional<int> secure_bits;  ///< Nothing: they stay as they are.
    bool no_new_privileges = false;
    std::string root;  ///< Empty: ours.
    std::string directory;
    bool directory_may_be_missing = false;
    /// What is known to fail beforehand: the child gets as far as that, and ends.
    Failure planned;
    bool ignores_missing = false;  ///< No program that can be executed: it ends with status 0.
    // Of the child: seen by us where it shares our memory.
    Failure failure;
    bool is_ignored = false;
};

/// What a child that has a copy of our memory, and may wait, does first: lets signals end it, and
/// closes all our descriptors but `kept`, which are in order.
void stand_alone(const sigset_t& ignored_signals, bool ignores_sigpipe,
                 const std::vector<int>& kept);

/// Runs in the child, with a Launch: returns the status to end with, where it could not be the
/// program.
int become_program(void* launch);

}  // namespace notifybridge::execute
