#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::status {

/// Returns the kernel's name for the process (proc_pid_comm(5)). Returns an empty text if the
/// process has ended.
std::string command_name(pid_t pid);

/// The names of the processes that send messages to one run. A process that has ended, or is not
/// visible to us, has no name.
class Senders {
public:
    /// `directory` contains the run's journal, and must outlive this object.
    Senders(system::Fd directory, const channel::JournalHeader& run)
        : directory_(directory), run_(run) {}

    /// Returns the name of a process, such as "redis-server". `pid` is its pid in the pid namespace
    /// of `wrap`. Returns an empty text if the name is unknown. Looks for each process only once.
    const std::string& name_of(pid_t pid);

private:
    std::string look_up(pid_t pid) const;

    system::Fd directory_;
    channel::JournalHeader run_;
    std::map<pid_t, std::string> names_;
};

}  // namespace notifybridge::status
