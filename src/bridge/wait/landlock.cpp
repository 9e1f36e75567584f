#include "bridge/wait/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace notifybridge::wait {
namespace {

// These rights are defined here, because the kernel headers of the build machine may be older than
// the kernel.
constexpr std::uint64_t access_refer = 1 << 13;      // Version 2, Linux 5.19.
constexpr std::uint64_t access_truncate = 1 << 14;   // Version 3, Linux 6.2.
constexpr std::uint64_t access_ioctl_dev = 1 << 15;  // Version 5, Linux 6.10.
constexpr std::uint64_t access_bind_tcp = 1 << 0;    // Version 4, Linux 6.7.
constexpr std::uint64_t access_connect_tcp = 1 << 1;

/// The landlock_ruleset_attr of version 4. Older kernels accept it if the members that they do not
/// know are 0. The scopes of version 6 are left out: they would block signals to the command, and
/// messages to a manager's abstract socket.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;
};

constexpr std::uint64_t first_rights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE
    | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
    | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
    | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK
    | LANDLOCK_ACCESS_FS_MAKE_SYM;

/// The rights that `wait` keeps in the directories. `wait` replaces files by renaming, and a rename
/// within one directory does not need access_refer. If the disk is full, `wait` truncates and
/// overwrites the old file.
constexpr std::uint64_t directory_rights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
    | LANDLOCK_ACCESS_FS_REMOVE_FILE | access_truncate;

constexpr std::uint64_t proc_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

/// Returns all rights that this version can refuse. The kernel refuses a handled right unless a
/// rule allows it. Rights of later versions are left out, because their meaning is not known here.
RulesetAttributes everything(int version) {
    RulesetAttributes all;
    all.handled_access_fs = first_rights;
    if (version >= 2)
        all.handled_access_fs |= access_refer;
    if (version >= 3)
        all.handled_access_fs |= access_truncate;
    if (version >= 4)
        all.handled_access_net = access_bind_tcp | access_connect_tcp;
    if (version >= 5)
        all.handled_access_fs |= access_ioctl_dev;
    return all;
}

bool allow_below(system::Fd ruleset, system::Fd directory, std::uint64_t rights) {
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights;
    rule.parent_fd = directory.get();
    return ::syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
           == 0;
}

}  // namespace

system::Result<int> landlock_version() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0)
        return system::last_error();
    return static_cast<int>(version);
}

boost::system::error_code restrict_files(const std::vector<system::Fd>& directories, int version) {
    const RulesetAttributes all = everything(version);
    const system::UniqueFd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0)));
    if (!ruleset)
        return system::last_error();
    for (const system::Fd directory : directories)
        if (!allow_below(ruleset, directory, directory_rights & all.handled_access_fs))
            return system::last_error();
    // If there is no /proc, nothing below it needs to be allowed.
    const system::UniqueFd proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (proc && !allow_below(ruleset, proc, proc_rights))
        return system::last_error();
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) < 0)
        return system::last_error();
    return {};
}

}  // namespace notifybridge::wait
