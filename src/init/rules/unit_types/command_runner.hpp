#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/util/rare.hpp"
#include "init/rules/unit_types/commands.hpp"
#include "init/rules/unit_types/exec_status.hpp"
#include "init/rules/unit_types/processes.hpp"

namespace notifybridge::unit_types {

/// A runner for the commands of a unit's lists, one at a time. It records how each command ended.
/// The unit decides which action follows a command, and how long a command may take.
class CommandRunner {
public:
    pid_t pid() const { return pid_; }  ///< Returns 0 if there is no process.
    /// Replaces the pid of the started process.
    void set_pid(pid_t pid) { pid_ = pid; }
    /// Forgets the process and its command, but not the results of earlier runs.
    void forget();

    /// Starts command number `index` of a list. If no process can be started, logs the reason and
    /// returns nullopt.
    std::optional<StartedProcess> start(Processes& processes, const ProcessRequest& request,
                                        CommandKind kind, std::size_t index);
    /// Records the end of the process. `command` still returns the command until `forget` is called
    /// or another command starts.
    ExecStatus ended(process::ExitStatus status, bool dumped_core, system::Moment now);
    /// Records `run` as the last run of the command.
    void record(const ExecStatus& run);

    /// Returns whether the unit still has the command that was started last. A reload of the files
    /// may have removed this command.
    bool has_command() const { return index_ != unknown; }
    CommandKind kind() const { return kind_; }
    /// Returns the name of the command's directive, for messages. If the command is not known,
    /// returns "Control process".
    std::string_view name() const { return has_command() ? to_string(kind_) : "Control process"; }
    /// Returns the number of the next command in the list.
    std::size_t next() const { return index_ + std::size_t(1); }
    /// Returns the current command in this list, or null if the command is not known.
    const unit::Command* command(const unit::Commands& list) const {
        return index_ < list.size() ? &list[index_] : nullptr;
    }

    /// Adapts to new files that replaced the list `before` by `now`. Finds the running command in
    /// `now`, so that `next` returns the command after it. Like systemd, forgets earlier runs.
    void list_replaced(const unit::Commands& before, const unit::Commands& now);

    /// Returns the last run of a command. The run has no pid if the command never ran.
    ExecStatus last_run(CommandKind kind, std::size_t index) const;

private:
    static constexpr std::uint32_t unknown = UINT32_MAX;
    struct Run {
        CommandKind kind;
        std::uint32_t index;
        ExecStatus status;
    };

    pid_t pid_ = 0;
    std::uint32_t index_ = unknown;
    CommandKind kind_ = CommandKind::start;
    util::Rare<std::vector<Run>> runs_;
};

/// Finds command number `index` of `before` in `now`, after the files were read again. Returns
/// `index` if the command with this number is unchanged. Otherwise, returns the number of the first
/// command with the same path and arguments, or nullopt (systemd 252,
/// service_deserialize_exec_command).
std::optional<std::size_t> find_again(const unit::Commands& before, std::size_t index,
                                      const unit::Commands& now);

}  // namespace notifybridge::unit_types
