#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/system/error.hpp"
#include "base/util/function_ref.hpp"
#include "bridge/runtime/container_config.hpp"

/// Finds out which files SELinux allows a container's process to execute. A policy may forbid files
/// in the host's /usr/bin, as Debian's does. Every policy forbids files in a home directory.
namespace notifybridge::runtime {

/// Parses `answer`, the content of /sys/fs/selinux/access. The result has one bit for each allowed
/// permission of the queried class (security_compute_av). Returns nullopt if `answer` is invalid.
std::optional<std::uint32_t> parse_access(std::string_view answer);

/// Sends a query to the kernel, and returns the answer. The query has the label of a process, the
/// label of a file and the number of the class "file".
using AskKernel = util::FunctionRef<system::Result<std::string>(const std::string& query)>;

/// Returns whether the policy in `selinuxfs` certainly forbids a process with label `process` to
/// execute a file with label `file`. Returns false if the kernel does not answer. If the policy
/// forbids the execution even so, the real runtime later reports the failure.
bool is_execution_forbidden(std::string_view process, std::string_view file,
                            const std::string& selinuxfs, AskKernel ask);

/// Returns the path on the host to mount as our executable. Usually this is `own`. If SELinux
/// forbids the container to execute `own`, and the bundle is known, makes a copy in the bundle. The
/// copy has the label of the mounts. Throws Refusal if no copy can be made.
std::string executable_for(const Wish& wish, const std::string& own, const std::string& bundle);

/// Returns the bundle of the container for a hook of the stage precreate. `directory` is the hook's
/// working directory. podman 5 calls the hook in the bundle. Other versions call it in other
/// directories. Returns an empty text if the bundle is not known.
std::string bundle_of_hook(const system::Result<std::string>& directory);

/// Copies the file at `own` to the directory `bundle`, so that everybody can execute the copy.
/// Gives the copy this SELinux label, unless `label` is empty. Returns the path of the copy. Throws
/// Refusal on failure.
std::string labelled_copy(const std::string& own, const std::string& bundle,
                          const std::string& label);

}  // namespace notifybridge::runtime
