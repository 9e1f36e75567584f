#include "bridge/diagnosis/sandbox_causes.hpp"

#include <algorithm>
#include <ranges>
#include <span>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/utf8.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// A setting in which podman or its runtime fails. Both the setting and the text in the log are
/// needed: podman may work in spite of the setting, or fail for another reason.
struct SandboxCause {
    std::string setting;      ///< The name of systemd's property.
    std::string text;         ///< A part of the line in the log.
    std::string cause;        ///< What cannot work.
    std::string remedy = "";  ///< How to set the setting; empty if "no" is right.
};

/// newuidmap(1) needs rights that its file gives. In a unit with User=, most settings of the
/// sandbox also set NoNewPrivileges= (systemd.exec(5)).
constexpr const char* newuidmap = "newuidmap: write to uid_map failed";
constexpr const char* no_new_rights =
    "newuidmap gets no rights, so podman cannot make a user namespace";

/// Each row was seen with podman 4.3 or 5.4 and crun, as root or as another user.
std::span<const SandboxCause> sandbox_causes() {
    static const SandboxCause rows[] = {
        {"PrivateDevices", "mknod `/dev/", "the container's devices cannot be created"},
        {"PrivateUsers", "[graphdriver]", "podman cannot mount its storage"},
        {"PrivateUsers", newuidmap, "podman cannot make a user namespace"},
        {"PrivatePIDs", "conmon exited prematurely",
         "podman's monitor is killed before it has removed the container"},
        {"NoNewPrivileges", newuidmap, no_new_rights},
        {"LockPersonality", newuidmap, no_new_rights},
        {"MemoryDenyWriteExecute", newuidmap, no_new_rights},
        {"PrivateDevices", newuidmap, no_new_rights},
        {"ProtectClock", newuidmap, no_new_rights},
        {"ProtectKernelLogs", newuidmap, no_new_rights},
        {"ProtectKernelModules", newuidmap, no_new_rights},
        {"ProtectKernelTunables", newuidmap, no_new_rights},
        {"RestrictRealtime", newuidmap, no_new_rights},
        {"RestrictSUIDSGID", newuidmap, no_new_rights},
        {"RestrictAddressFamilies", newuidmap, no_new_rights,
         "RestrictAddressFamilies= to nothing"},
        {"SystemCallArchitectures", newuidmap, no_new_rights,
         "SystemCallArchitectures= to nothing"},
        {"ProtectHostname", "sethostname: Operation not permitted",
         "the container cannot have a name of its own"},
        {"ProtectKernelTunables", "/proc/sys/",
         "the container's kernel settings cannot be written"},
        {"ProtectControlGroups", "cgroup.subtree_control",
         "the container's control group cannot be created"},
        {"ProtectHome", "cannot make \"/run/user/",
         "/run/user and /home, which podman needs, are hidden"},
        {"ProtectSystem", "netavark.lock", "netavark cannot write its lock below /etc",
         "ReadWritePaths=-/etc/containers"},
        {"ProtectSystem", "cannot make \"/run/notifybridge",
         "podman and notifybridge cannot write files", "ProtectSystem=full"},
        {"ReadOnlyPaths", "cannot make \"/run/notifybridge",
         "podman and notifybridge cannot write files", "ReadOnlyPaths= to nothing"},
        {"ProcSubset", "open /proc/", "files below /proc that podman reads do not exist",
         "ProcSubset=all"},
        {"RestrictNamespaces", "clone: Operation not permitted",
         "the container's namespaces cannot be created"},
        {"RestrictNamespaces", "unshare (CLONE_NEW",
         "the container's namespaces cannot be created"},
        {"RestrictNamespaces", "cannot set user namespace", "podman cannot make a user namespace"},
        {"RestrictAddressFamilies", "socket(PF_NETLINK)",
         "the container's network cannot be set up",
         "RestrictAddressFamilies= to a list with AF_NETLINK and AF_UNIX"},
        {"SystemCallFilter", "killed by SIGSYS", "podman needs system calls that it does not allow",
         "SystemCallFilter= to nothing"},
        {"CapabilityBoundingSet", "mount `proc` to `proc`: Operation not permitted",
         "the container's file systems cannot be mounted without CAP_SYS_ADMIN",
         "CapabilityBoundingSet= to a list with CAP_SYS_ADMIN"},
        {"CapabilityBoundingSet", "newuidmap: open of uid_map failed", no_new_rights,
         "CapabilityBoundingSet=~"},
        {"CapabilityBoundingSet", "cannot write uid_map",
         "podman takes itself for one without root, because root has no capabilities",
         "CapabilityBoundingSet=~"},
        {"DynamicUser", "mkdir /.local", "podman finds no home directory for its storage"},
    };
    return rows;
}

/// Returns whether the value of a property is not its default.
bool is_set(std::string_view setting, std::string_view value) {
    constexpr auto defaults = std::to_array<std::string_view>({"no", "all", "~"});
    if (setting == "CapabilityBoundingSet")
        return value.find("cap_sys_admin") == value.npos
               && (value.empty() || value.starts_with("cap_"));
    return !value.empty() && std::ranges::find(defaults, value) == defaults.end();
}

std::string shown(std::string_view setting, std::string_view value) {
    constexpr std::size_t longest_value = 20;
    return concat(setting, '=', value.size() > longest_value ? "" : util::escape(value));
}

}  // namespace

bool is_sandbox_setting(std::string_view name) {
    return std::ranges::find(sandbox_causes(), name, &SandboxCause::setting)
           != sandbox_causes().end();
}

std::optional<Diagnosis> find_sandbox(const Symptoms& symptoms) {
    constexpr std::size_t most_line = 240;
    const UnitFacts& unit = symptoms.unit;
    if (was_active(unit) || unit.sandbox.empty())
        return std::nullopt;
    for (const LogLine& line : symptoms.log | std::views::reverse) {
        std::string settings;
        std::string remedies;
        std::string_view what;
        for (const SandboxCause& cause : sandbox_causes()) {
            const auto set = unit.sandbox.find(cause.setting);
            if (set == unit.sandbox.end() || !is_set(set->first, set->second)
                || line.text.find(cause.text) == std::string::npos)
                continue;
            what = what.empty() ? std::string_view(cause.cause) : what;
            settings += concat(settings.empty() ? "" : ", ", shown(set->first, set->second));
            remedies += concat(remedies.empty() ? "" : " and ",
                               cause.remedy.empty() ? concat(cause.setting, "=no") : cause.remedy);
        }
        if (!what.empty())
            return Diagnosis{.cause = concat("with ", settings, ", ", what, ": ",
                                             util::quote(util::shorten(line.text, most_line))),
                             .remedy = set_setting(symptoms, remedies)};
    }
    return std::nullopt;
}

}  // namespace notifybridge::diagnosis
