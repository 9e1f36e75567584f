#include "bridge/probe/own_listeners.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/event/deadline.hpp"
#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/socket_owner.hpp"

namespace notifybridge::probe {
namespace {

/// A search reads all of /proc, so it is not repeated for the same sockets before this time.
constexpr std::chrono::milliseconds pause_between_searches(500);
/// Sockets that the command has closed long ago are forgotten.
constexpr std::size_t most_remembered = 4096;

/// Returns the command and its descendants. If the command is PID 1, and not our child, these are
/// all processes of our pid namespace.
std::vector<pid_t> processes_of(const process::Supervisor& supervisor) {
    const bool is_above_us = supervisor.pid() == 1;
    return is_above_us ? process::numbers_in("/proc") : process::descendants(::getpid());
}

}  // namespace

void OwnListeners::leave_out_present(const Target& target) {
    if (const auto* const listen = std::get_if<ListenTarget>(&target))
        for (const system::Listener& listener : diag_.listeners(listen->transport, 0))
            early_.push_back(listener.inode);
    if (std::holds_alternative<ListenLocalTarget>(target))
        for (const system::LocalListener& listener : diag_.local_listeners())
            early_.push_back(listener.inode);
    std::ranges::sort(early_);
}

Inodes OwnListeners::own_among(std::vector<std::uint64_t> inodes) {
    std::erase_if(
        inodes, [this](std::uint64_t inode) { return std::ranges::binary_search(early_, inode); });
    const auto is_own = [this](std::uint64_t inode) { return own_.contains(inode); };
    std::vector<std::uint64_t> unknown = inodes;
    std::erase_if(unknown, is_own);
    if (!unknown.empty() && (unknown != foreign_ || event::Deadline::now() >= next_search_)) {
        if (own_.size() > most_remembered) {
            own_.clear();
            unknown = inodes;
        }
        search(unknown);
    }
    std::erase_if(inodes, [&](std::uint64_t inode) { return !is_own(inode); });
    return Inodes(inodes.begin(), inodes.end());
}

void OwnListeners::search(const std::vector<std::uint64_t>& inodes) {
    const std::vector<pid_t> processes = processes_of(supervisor_);
    process::OwnedSockets found = process::find_sockets(inodes, processes);
    // Without /proc, there are no processes to search.
    if (found.are_some_hidden || processes.empty())
        found.inodes = inodes;
    own_.insert(found.inodes.begin(), found.inodes.end());
    foreign_ = inodes;
    std::erase_if(foreign_, [this](std::uint64_t inode) { return own_.contains(inode); });
    next_search_ = event::Deadline::now() + pause_between_searches;
}

}  // namespace notifybridge::probe
