#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/util/rare.hpp"
#include "init/unit_types/commands.hpp"
#include "init/unit_types/exec_status.hpp"
#include "init/unit_types/processes.hpp"

namespace notifybridge::unit_types {

/// Runs the commands of a unit's lists, one at a time, and keeps how each ended. What follows from
/// an end, and how long a command may take, is the unit's to say.
class CommandRunner {
public:
    pid_t pid() const { return pid_; }  ///< 0: there is no process.
    /// Another process takes the place of the one that was started.
    void set_pid(pid_t pid) { pid_ = pid; }
    /// Lets go of the process and of its command, not of what is known of earlier runs.
    void forget();

    /// Starts command number `index` of a list. Nothing where there can be no process, of which the
    /// log tells.
    std::optional<StartedProcess> start(Processes& processes, const ProcessRequest& request,
                                        CommandKind kind, std::size_t index);
    /// The process has ended; the command is still told of until `forget`, or another is started.
    ExecStatus ended(process::ExitStatus status, bool dumped_core, system::Moment now);
    /// Keeps this as the last run of the command.
    void record(const ExecStatus& run);

    /// Whether it is known which command was started last: the files may not have it any more.
    bool has_command() const { return index_ != unknown; }
    CommandKind kind() const { return kind_; }
    /// For people: its directive, where it is known.
    std::string_view name() const { return has_command() ? to_string(kind_) : "Control process"; }
    std::size_t next() const { return index_ + std::size_t(1); }  ///< Its successor's number.
    /// In its list; null where it is not known.
    const unit::Command* command(const unit::Commands& list) const {
        return index_ < list.size() ? &list[index_] : nullptr;
    }

    /// The files were read again, and made `now` of the list `before` of `kind`. It goes on after
    /// what runs, wherever that is by now; earlier runs are forgotten, as in systemd.
    void list_replaced(const unit::Commands& before, const unit::Commands& now);

    /// The last run of a command; without a pid where there was none.
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

/// Where the command at `index` of the list `before` is in `now`, what the files that were read
/// again made of it: at its place still, or else the first of the same path and arguments; nothing
/// where there is none (systemd 252, service_deserialize_exec_command).
std::optional<std::size_t> find_again(const unit::Commands& before, std::size_t index,
                                      const unit::Commands& now);

}  // namespace notifybridge::unit_types
