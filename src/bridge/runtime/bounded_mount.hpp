#pragma once

#include <cstdint>
#include <string>

/// A file system for one directory of `run`, so that what a container writes there does not use up
/// the machine's /run. It is mounted in the mount namespace of process 1: our unit may have its own
/// (PrivateTmp=), which dockerd and `status` do not see. Mounts made there propagate to the unit.
namespace notifybridge::runtime {

/// Returns the size of the file system: 64 MiB for unread messages, as much again while a journal
/// is rotated, and as much while an ended run is read; but at most a quarter of the memory.
std::uint64_t bound_of_memory(std::uint64_t memory);

/// Mounts a file system on the directory at `path`. Returns why it cannot, or an empty string on
/// success.
std::string mount_bounded(const std::string& path);

/// Returns whether something is mounted on `path`.
bool has_own_mount(const std::string& path);

/// Unmounts what is mounted on `path`, even if it is in use. Returns whether nothing is mounted
/// there any more.
bool unmount(const std::string& path);

}  // namespace notifybridge::runtime
