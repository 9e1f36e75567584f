#pragma once

#include <string>

#include "base/system/error.hpp"

/// SELinux, where this machine has it.
namespace notifybridge::system {

constexpr const char* selinux_directory = "/sys/fs/selinux";

/// Whether the policy in `directory` is enforced.
bool selinux_enforces(const std::string& directory = selinux_directory);

/// The label of what is at a path, links followed; empty where it has none.
std::string selinux_label(const std::string& path);

/// Gives it this label. The error is ENOTSUP where its file system has no labels.
boost::system::error_code set_selinux_label(const std::string& path, const std::string& label);

}  // namespace notifybridge::system
