#pragma once

#include <cstdint>
#include <string>

/// A file system for one directory of `run`, so that what a container writes there is not taken
/// from the machine's /run. It is mounted where the machine's process 1 sees it, and not only we: a
/// unit may have mounts of its own (PrivateTmp=), and dockerd and `status` are not in it. What is
/// mounted there comes to the unit, too.
namespace notifybridge::runtime {

/// How much is put there at most: 64 MiB of unread messages, as much again while a journal is
/// rotated, and as much while an ended run is read; but a quarter of the memory at most.
std::uint64_t bound_of_memory(std::uint64_t memory);

/// Mounts one on the directory at this path. Returns why it cannot; empty if it did.
std::string mount_bounded(const std::string& path);

/// Whether something is mounted on it.
bool has_own_mount(const std::string& path);

/// Takes off what is mounted on it, also while it is used. Returns whether nothing is left mounted.
bool unmount(const std::string& path);

}  // namespace notifybridge::runtime
