#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/system/error.hpp"
#include "bridge/runtime/container_config.hpp"

/// What a container's process may begin with, by SELinux. A policy can keep it from what the host's
/// /usr/bin has, as Debian's does, and each does from what is in a home directory.
namespace notifybridge::runtime {

/// What the kernel decided: a bit for each permission of the class (security_compute_av).
/// `answer` is what its file /sys/fs/selinux/access has; nothing where it is something else.
std::optional<std::uint32_t> parse_access(std::string_view answer);

/// Asks the kernel `QUERY`, a process' label, a file's label and the number of the class "file".
using AskKernel = std::function<system::Result<std::string>(const std::string& query)>;

/// Whether the policy in `selinuxfs` surely keeps a process of the label `process` from beginning
/// with a file of the label `file`. What cannot be asked is left to the runtime to find out.
bool may_not_begin_with(std::string_view process, std::string_view file,
                        const std::string& selinuxfs, const AskKernel& ask);

/// The path on the host of what is mounted as our executable: `own`, or a copy in the bundle with
/// the label of what is mounted, where `own` is kept from the container's process and the bundle is
/// known. Throws Refusal.
std::string executable_for(const Wish& wish, const std::string& own, const std::string& bundle);

/// The bundle of the container that a hook of the stage precreate is called for, which works in
/// `directory`: podman 5 calls it in the bundle, and others anywhere. Empty where it is not known.
std::string bundle_of_hook(const system::Result<std::string>& directory);

/// A copy of the file at `own` in the directory `bundle`, to be executed by anybody. Throws
/// Refusal.
std::string labelled_copy(const std::string& own, const std::string& bundle,
                          const std::string& label);

}  // namespace notifybridge::runtime
