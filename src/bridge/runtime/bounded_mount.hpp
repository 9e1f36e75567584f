#pragma once

#include <cstdint>
#include <string>

/// Mounts a separate file system on one directory of `run`, so that a container cannot use up the
/// machine's /run. The mount is made in the mount namespace of process 1. dockerd and `status`
/// would not see a mount in the separate namespace that our unit may have (PrivateTmp=). Mounts of
/// process 1 propagate to the unit.
namespace notifybridge::runtime {

/// Returns the size of the file system in bytes: 256 MiB, or a quarter of `memory` if that is less,
/// but at least 16 MiB. A journal may have 64 MiB of unread messages. A rotation needs the same
/// room again, and so does the unread journal of an ended run.
std::uint64_t bound_of_memory(std::uint64_t memory);

/// Mounts a file system on the directory at `path`. Returns an empty text on success, or else the
/// reason for the failure.
std::string mount_bounded(const std::string& path);

/// Returns whether something is mounted on `path`.
bool has_own_mount(const std::string& path);

/// Unmounts everything from `path`, even if it is in use. Returns whether nothing is mounted there
/// any more.
bool unmount(const std::string& path);

}  // namespace notifybridge::runtime
