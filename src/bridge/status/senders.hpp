#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::status {

/// What the kernel calls the process (proc_pid_comm(5)); empty where it is gone.
std::string command_name(pid_t pid);

/// The names of the processes that send messages to one run, as far as they are there still and may
/// be seen from here.
class Senders {
public:
    /// `directory` has the run's journal, and outlives this.
    Senders(system::Fd directory, const channel::JournalHeader& run)
        : directory_(directory), run_(run) {}

    /// Of the process that `wrap` calls `pid`: "redis-server"; empty where it is not known. Each is
    /// looked up once.
    const std::string& name_of(pid_t pid);

private:
    std::string look_up(pid_t pid) const;

    system::Fd directory_;
    channel::JournalHeader run_;
    std::map<pid_t, std::string> names_;
};

}  // namespace notifybridge::status
