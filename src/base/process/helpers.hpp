#pragma once

#include <signal.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/process/exit_status.hpp"
#include "base/process/spawn.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::process {

/// The helpers of a supervisor: children that are not its command, such as probes and hooks.
class Helpers {
public:
    /// Called once with a helper's exit status. May start the next helper.
    using Report = std::function<void(ExitStatus)>;

    /// Whether the other processes in a helper's group are killed after the helper has ended.
    enum class GroupMembers { killed, kept };

    /// Helpers start with the signal mask `mask`.
    explicit Helpers(const sigset_t& mask) : mask_(mask) {}

    /// Starts a helper in a separate process group. Throws the exceptions of `spawn`.
    pid_t start(Command command, GroupMembers members, Report report);

    /// Starts a helper for work that may hang in the kernel. `check` runs in a copy of our memory,
    /// and its result is the exit status. A process that hangs may survive SIGKILL, so the helper
    /// has none of our descriptors: it keeps no lock, socket or pipe open. If possible, the kernel
    /// ends the helper when we end.
    pid_t start_isolated_check(util::FunctionRef<int()> check, Report report);

    /// Starts a helper that waits for a byte from `start`, and then runs the program that `make`
    /// returns for this byte. Use this if it may be impossible to start programs later. The helper
    /// exits if `make` returns no arguments, if nobody can write to `start`, and when we end. The
    /// program gets no input, and inherits only standard error. `title` is the command line that
    /// ps(1) shows for the helper. Throws std::system_error on failure.
    pid_t start_standby(const std::string& title, system::Fd start,
                        util::FunctionRef<Command(char)> make, Report report);

    /// Kills a helper's process group if the helper still runs. `report` is still called.
    void kill(pid_t pid);
    void kill_all();

    /// Reaps the helpers that have ended.
    void reap();

    bool empty() const { return helpers_.empty(); }
    bool contains(pid_t pid) const { return helpers_.contains(pid); }
    /// Returns whether this process is in the group of a helper that has ended.
    bool left_behind(pid_t pid) const;
    /// Returns whether there are helpers that SIGKILL may still end within `patience`.
    bool are_ending(std::chrono::microseconds patience) const;

private:
    struct Helper {
        Child child;
        GroupMembers members;
        Report report;
        /// When `kill` killed the helper; nullopt if it did not.
        std::optional<std::chrono::microseconds> killed = {};
    };
    pid_t add(Helper helper);

    sigset_t mask_;
    std::map<pid_t, Helper> helpers_;
    std::set<pid_t> groups_;  ///< The non-empty process groups of ended helpers.
};

}  // namespace notifybridge::process
