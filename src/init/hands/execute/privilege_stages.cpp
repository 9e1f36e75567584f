#include "init/hands/execute/privilege_stages.hpp"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/files/unit/value.hpp"

namespace notifybridge::execute {
namespace {

constexpr std::uint64_t bit(unsigned capability) {
    return std::uint64_t(1) << capability;
}

/// The capability sets of a process in the kernel's format, which has two halves.
struct Capabilities {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct halves[2]{};

    bool read() { return ::syscall(SYS_capget, &header, halves) == 0; }
    bool write() { return ::syscall(SYS_capset, &header, halves) == 0; }
};

bool change_inheritable(std::uint64_t kept, std::uint64_t added) {
    Capabilities now;
    if (!now.read())
        return false;
    bool changes = false;
    for (unsigned half = 0; half < 2; ++half) {
        std::uint32_t& set = now.halves[half].inheritable;
        const auto wanted =
            static_cast<std::uint32_t>((set & (kept >> (32 * half))) | (added >> (32 * half)));
        changes |= set != wanted;
        set = wanted;
    }
    return !changes || now.write();
}

/// Returns the unit's ambient set. As in systemd, omits the capabilities that are not in the
/// bounding set.
std::uint64_t possible_ambient_set(const Launch& launch) {
    std::uint64_t set = launch.ambient_set;
    for (unsigned capability = 0; capability <= unit::last_capability; ++capability)
        if ((set & bit(capability)) && ::prctl(PR_CAPBSET_READ, capability) != 1)
            set &= ~bit(capability);
    return set;
}

/// Returns whether to set SECBIT_KEEP_CAPS. Without this bit, setresuid(2) removes the capabilities
/// that this process still needs to set the ambient set and the secure bits. execve(2) clears
/// SECBIT_KEEP_CAPS.
bool keeps_capabilities(const Launch& launch) {
    return launch.uid.value_or(0) != 0
           && (launch.ambient_set != 0 || launch.secure_bits.value_or(0) != 0);
}

/// Sets the secure bits. Does nothing if the process already has exactly these bits, because some
/// kernels have no secure bits (gVisor).
bool have_secure_bits(int bits) {
    return std::max(::prctl(PR_GET_SECUREBITS), 0) == bits || ::prctl(PR_SET_SECUREBITS, bits) == 0;
}

/// Returns whether this process already has the user, the group and at least the groups. The
/// manager of a user may start only such processes (systemd.exec(5), User=), and keeps its groups.
bool is_own_identity(const Launch& launch) {
    std::array<gid_t, 256> own;
    const int count = ::getgroups(own.size(), own.data());
    const gid_t group = ::getegid();
    if (count < 0 || launch.uid.value_or(::geteuid()) != ::geteuid()
        || launch.gid.value_or(group) != group)
        return false;
    const auto is_own = [&](gid_t each) {
        return each == group
               || std::find(own.begin(), own.begin() + count, each) != own.begin() + count;
    };
    return std::all_of(launch.groups->begin(), launch.groups->end(), is_own);
}

}  // namespace

bool set_groups(const Launch& launch) {
    if (launch.groups && ::syscall(SYS_setgroups, launch.groups->size(), launch.groups->data()) < 0
        && !(errno == EPERM && is_own_identity(launch)))
        return false;
    return !launch.gid || ::syscall(SYS_setresgid, *launch.gid, *launch.gid, *launch.gid) == 0;
}

bool drop_bounding_set(const Launch& launch) {
    if (!launch.bounding_set)
        return true;
    for (unsigned capability = 0; capability <= unit::last_capability; ++capability)
        if (!(*launch.bounding_set & bit(capability)) && ::prctl(PR_CAPBSET_READ, capability) == 1
            && ::prctl(PR_CAPBSET_DROP, capability) < 0)
            return false;
    return change_inheritable(*launch.bounding_set, 0);
}

bool raise_ambient_set(const Launch& launch) {
    if (launch.ambient_set == 0)
        return true;
    const std::uint64_t set = possible_ambient_set(launch);
    for (unsigned capability = 0; capability <= unit::last_capability; ++capability)
        if ((set & bit(capability))
            && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
            return false;
    return true;
}

bool set_ambient_set(const Launch& launch) {
    return launch.ambient_set == 0
           || (change_inheritable(~std::uint64_t(0), possible_ambient_set(launch))
               && raise_ambient_set(launch));
}

bool set_user(const Launch& launch) {
    if (!launch.uid || *launch.uid == 0)
        return true;
    if (keeps_capabilities(launch)) {
        const int bits = launch.secure_bits.value_or(0) | SECBIT_KEEP_CAPS;
        if (!have_secure_bits(bits))
            return false;
    }
    return ::syscall(SYS_setresuid, *launch.uid, *launch.uid, *launch.uid) == 0;
}

bool set_secure_bits(const Launch& launch) {
    if (!launch.secure_bits)
        return true;
    const int bits = *launch.secure_bits | (keeps_capabilities(launch) ? SECBIT_KEEP_CAPS : 0);
    return have_secure_bits(bits);
}

bool set_no_new_privileges(const Launch& launch) {
    return !launch.no_new_privileges || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

}  // namespace notifybridge::execute
