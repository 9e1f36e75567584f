#pragma once

namespace notifybridge::process {

/// Forbids other processes of our user to inspect this process (prctl(2), PR_SET_DUMPABLE). They
/// can no longer trace it, read its memory, open its files in /proc, or take its descriptors
/// (pidfd_getfd(2)). A process that has CAP_SYS_PTRACE in our user namespace still can. This
/// process writes no core dump. Programs that it executes are not affected, because execve(2)
/// allows the inspection again, but only after it has closed the descriptors that are
/// close-on-exec.
///
/// Throws std::system_error if the kernel refuses.
void forbid_inspection();

}  // namespace notifybridge::process
