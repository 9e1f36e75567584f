#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/system/error.hpp"
#include "bridge/runtime/container_config.hpp"

/// Finds out which files SELinux lets a container's process execute. A policy can forbid those in
/// the host's /usr/bin, as Debian's does; every policy forbids those in a home directory.
namespace notifybridge::runtime {

/// Parses the kernel's decision from `answer`, the content of /sys/fs/selinux/access: one bit for
/// each permission of the class (security_compute_av). Returns nullopt if it is something else.
std::optional<std::uint32_t> parse_access(std::string_view answer);

/// Sends `query` to the kernel: the label of a process, the label of a file and the number of the
/// class "file". Returns the answer.
using AskKernel = std::function<system::Result<std::string>(const std::string& query)>;

/// Returns whether the policy in `selinuxfs` certainly forbids a process with the label `process`
/// to execute a file with the label `file`. Returns false if that cannot be asked; then the runtime
/// finds out.
bool may_not_begin_with(std::string_view process, std::string_view file,
                        const std::string& selinuxfs, const AskKernel& ask);

/// Returns the path on the host that is mounted as our executable. This is `own`, or a copy in the
/// bundle with the label of the mounts if SELinux keeps the container from `own` and the bundle is
/// known. Throws Refusal.
std::string executable_for(const Wish& wish, const std::string& own, const std::string& bundle);

/// Returns the bundle of the container for a hook of the stage precreate, whose working directory
/// is `directory`. podman 5 calls the hook in the bundle, others call it anywhere. Returns an empty
/// string if the bundle is not known.
std::string bundle_of_hook(const system::Result<std::string>& directory);

/// Copies the file at `own` to the directory `bundle`, executable by everybody. Returns the path of
/// the copy. Throws Refusal.
std::string labelled_copy(const std::string& own, const std::string& bundle,
                          const std::string& label);

}  // namespace notifybridge::runtime
