#include "base/process/socket_owner.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::process {
namespace {

/// Reads the inode of "socket:[7]". Returns 0 for other descriptors.
std::uint64_t inode_of(std::string_view link) {
    constexpr std::string_view before = "socket:[";
    if (!link.starts_with(before) || !link.ends_with(']'))
        return 0;
    link.remove_prefix(before.size());
    link.remove_suffix(1);
    return util::parse_number<std::uint64_t>(link).value_or(0);
}

/// Moves the sockets of the process from `missing` to `found`.
void find_sockets_of(OwnedSockets& found, std::unordered_set<std::uint64_t>& missing, pid_t pid) {
    const std::string directory = util::concat("/proc/", pid, "/fd");
    const auto descriptors = system::list_directory(directory);
    if (!descriptors) {
        found.are_some_hidden = found.are_some_hidden || !is_ending(pid);
        return;
    }
    for (const system::DirectoryEntry& descriptor : *descriptors) {
        const auto link = system::read_link(util::concat(directory, '/', descriptor.name));
        // Root may list the descriptors of another user without the right to read them.
        if (!link && link.error().value() != ENOENT)
            found.are_some_hidden = true;
        if (!link)
            continue;
        if (const std::uint64_t inode = inode_of(*link); missing.erase(inode) != 0)
            found.inodes.push_back(inode);
    }
}

}  // namespace

OwnedSockets find_sockets(std::span<const std::uint64_t> inodes, std::span<const pid_t> processes) {
    OwnedSockets found;
    // A program may listen at tens of thousands of sockets.
    std::unordered_set<std::uint64_t> missing(inodes.begin(), inodes.end());
    for (const pid_t pid : processes) {
        if (missing.empty())
            break;
        find_sockets_of(found, missing, pid);
    }
    return found;
}

}  // namespace notifybridge::process
