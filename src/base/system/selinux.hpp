#pragma once

#include <string>

#include "base/system/error.hpp"

/// Reads the state of SELinux, and reads and sets labels, if this machine has SELinux.
namespace notifybridge::system {

constexpr const char* selinux_directory = "/sys/fs/selinux";

/// Returns whether the policy mounted at `directory` is enforced.
bool selinux_enforces(const std::string& directory = selinux_directory);

/// Returns the label of the file at `path`, following links. Returns an empty text if the file has
/// no label.
std::string selinux_label(const std::string& path);

/// Sets the label of the file at `path`. Returns ENOTSUP if the file system has no labels.
boost::system::error_code set_selinux_label(const std::string& path, const std::string& label);

}  // namespace notifybridge::system
