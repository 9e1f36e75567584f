#pragma once

#include <string>

#include "base/system/error.hpp"

/// SELinux, if this machine has it.
namespace notifybridge::system {

constexpr const char* selinux_directory = "/sys/fs/selinux";

/// Returns whether the policy in `directory` is enforced.
bool selinux_enforces(const std::string& directory = selinux_directory);

/// Returns the label of the file at `path`, following links, or an empty text.
std::string selinux_label(const std::string& path);

/// Sets the label of the file at `path`. Returns ENOTSUP if its file system has no labels.
boost::system::error_code set_selinux_label(const std::string& path, const std::string& label);

}  // namespace notifybridge::system
