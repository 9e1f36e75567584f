#include "bridge/diagnosis/sandbox_causes.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// Returns the properties of a unit that failed with these settings.
std::string failed_with(std::string_view settings, int status = 125) {
    return concat(failed("exit-code", status),
                  "CapabilityBoundingSet=cap_chown cap_sys_admin\nNoNewPrivileges=no\n"
                  "PrivateUsers=no\nProcSubset=all\nProtectSystem=no\nRestrictNamespaces=no\n"
                  "SystemCallFilter=~\nRestrictAddressFamilies=~\n",
                  settings);
}

/// The remedy that sets this in the unit.
std::string set(std::string_view setting) {
    return concat("set ", setting, " (`systemctl edit app.service`)");
}

const std::string no_uid_map =
    "time=\"2026-11-30T08:24:52Z\" level=error msg=\"running `/usr/bin/newuidmap 248 0 1001 1`: "
    "newuidmap: write to uid_map failed: Operation not permitted\\n\"\n";

const std::vector<DiagnosisSample> broken_by_settings = {
    {.properties = failed_with("PrivateDevices=yes\n", 126),
     .log = "Error: /usr/libexec/crun: mknod `/dev/null`: Operation not permitted: OCI permission "
            "denied\n[MAIN] warning: the command exited with status 126 before the app started "
            "[app-not-started]\n",
     .cause = "with PrivateDevices=yes, the container's devices cannot be created: \"Error: "
              "/usr/libexec/crun: mknod `/dev/null`: Operation not permitted",
     .remedy = set("PrivateDevices=no")},
    {.properties = failed_with("PrivateUsers=yes\n"),
     .log = "level=error msg=\"[graphdriver] prior storage driver overlay failed: operation not "
            "permitted\"\nError: mount /var/lib/containers/storage/overlay, flags: 0x1000\n",
     .cause = "with PrivateUsers=yes, podman cannot mount its storage",
     .remedy = set("PrivateUsers=no")},
    {.properties = failed_with("PrivatePIDs=yes\n"),
     .log = "Error: cannot remove container 7f as it could not be stopped: conmon exited "
            "prematurely, exit code could not be retrieved: internal libpod error\n",
     .cause = "with PrivatePIDs=yes, podman's monitor is killed before it has removed",
     .remedy = set("PrivatePIDs=no")},
    {.properties = failed_with("ProtectHostname=yes\n"),
     .log = "Error: crun: sethostname: Operation not permitted: OCI permission denied\n",
     .cause = "with ProtectHostname=yes, the container cannot have a name of its own",
     .remedy = set("ProtectHostname=no")},
    {.properties = failed_with("ProtectKernelTunables=yes\n"),
     .log = "Error: crun: open /proc/sys/net/ipv4/ping_group_range: Read-only file system\n",
     .cause = "with ProtectKernelTunables=yes",
     .remedy = set("ProtectKernelTunables=no")},
    {.properties = failed_with("ProtectControlGroups=strict\n"),
     .log = "Error: crun: enable controllers ` `: opening file "
            "`/sys/fs/cgroup/cgroup.subtree_control` for writing: Read-only file system\n",
     .cause = "with ProtectControlGroups=strict, the container's control group cannot be created",
     .remedy = set("ProtectControlGroups=no")},
    {.properties = failed_with("ProtectSystem=full\n"),
     .log = "Error: open /etc/containers/networks/netavark.lock: read-only file system\n",
     .cause = "with ProtectSystem=full, netavark cannot write its lock below /etc",
     .remedy = set("ReadWritePaths=-/etc/containers")},
    {.properties = failed_with("ProtectSystem=strict\n"),
     .log =
         "notifybridge run: cannot make \"/run/notifybridge/app.service\": Read-only file system; "
         "give a directory with --shared-dir\n",
     .cause = "with ProtectSystem=strict, podman and notifybridge cannot write files",
     .remedy = set("ProtectSystem=full")},
    {.properties = failed_with("ProtectHome=tmpfs\n"),
     .log = "notifybridge run: cannot make \"/run/user/1001/notifybridge\": No such file or "
            "directory; give a directory with --shared-dir\n",
     .cause = "with ProtectHome=tmpfs, /run/user and /home, which podman needs, are hidden",
     .remedy = set("ProtectHome=no")},
    {.properties = failed_with("ProcSubset=pid\n"),
     .log = "Error: open /proc/sys/kernel/cap_last_cap: no such file or directory\n",
     .cause = "with ProcSubset=pid",
     .remedy = set("ProcSubset=all")},
    {.properties = failed_with("RestrictNamespaces=cgroup ipc net\n"),
     .log = "Error: crun: clone: Operation not permitted: OCI permission denied\n",
     .cause =
         "with RestrictNamespaces=cgroup ipc net, the container's namespaces cannot be created",
     .remedy = set("RestrictNamespaces=no")},
    {.properties = failed_with("RestrictNamespaces=ipc mnt net pid uts\n", 126),
     .log = "Error: crun: unshare (CLONE_NEWCGROUP): Operation not permitted: OCI permission "
            "denied\n",
     .cause = "with RestrictNamespaces=ipc mnt net pid uts, the container's namespaces cannot be",
     .remedy = set("RestrictNamespaces=no")},
    {.properties = failed_with("RestrictAddressFamilies=AF_UNIX\n"),
     .log = "Error: OCI runtime error: crun: socket(PF_NETLINK): Address family not supported by "
            "protocol\n",
     .cause = "with RestrictAddressFamilies=AF_UNIX",
     .remedy = set("RestrictAddressFamilies= to a list with AF_NETLINK and AF_UNIX")},
    {.properties = failed_with("SystemCallFilter=arch_prctl brk cacheflush chroot\n", 159),
     .log = "[MAIN] warning: the command was killed by SIGSYS before the app started "
            "[app-not-started]\n",
     .cause = "with SystemCallFilter=, podman needs system calls that it does not allow",
     .remedy = set("SystemCallFilter= to nothing")},
    {.properties = failed_with("CapabilityBoundingSet=cap_chown\n"),
     .log = "Error: crun: mount `proc` to `proc`: Operation not permitted: OCI permission denied\n",
     .cause =
         "with CapabilityBoundingSet=cap_chown, the container's file systems cannot be mounted",
     .remedy = set("CapabilityBoundingSet= to a list with CAP_SYS_ADMIN")},
    {.properties = failed_with("DynamicUser=yes\n"),
     .log =
         "Error: creating runtime static files directory: mkdir /.local: read-only file system\n",
     .cause = "with DynamicUser=yes",
     .remedy = set("DynamicUser=no")},
    // In a unit with User=, several settings do the same, and all of them have to go.
    {.properties = failed_with("NoNewPrivileges=yes\nLockPersonality=yes\nUser=anna\n", 1),
     .log = no_uid_map,
     .cause = "with NoNewPrivileges=yes, LockPersonality=yes, newuidmap gets no rights",
     .remedy = set("NoNewPrivileges=no and LockPersonality=no")},
    {.properties = failed_with(
         "MemoryDenyWriteExecute=yes\nPrivateDevices=yes\nProtectClock=yes\nProtectKernelLogs=yes\n"
         "ProtectKernelModules=yes\nProtectKernelTunables=yes\nRestrictRealtime=yes\n"
         "RestrictSUIDSGID=yes\nRestrictAddressFamilies=AF_UNIX\nSystemCallArchitectures=native\n",
         1),
     .log = no_uid_map,
     .cause = "with MemoryDenyWriteExecute=yes, PrivateDevices=yes, ProtectClock=yes, "
              "ProtectKernelLogs=yes, ProtectKernelModules=yes, ProtectKernelTunables=yes, "
              "RestrictRealtime=yes, RestrictSUIDSGID=yes, RestrictAddressFamilies=AF_UNIX, "
              "SystemCallArchitectures=native, newuidmap gets no rights",
     .remedy = "and RestrictAddressFamilies= to nothing and SystemCallArchitectures= to nothing ("},
    {.properties = failed_with("PrivateUsers=yes\n", 1),
     .log = no_uid_map,
     .cause = "with PrivateUsers=yes, podman cannot make a user namespace",
     .remedy = set("PrivateUsers=no")},
    {.properties = failed_with("ReadOnlyPaths=/run\n"),
     .log = "notifybridge run: cannot make \"/run/notifybridge/app.service\": Read-only file "
            "system; give a directory with --shared-dir\n",
     .cause = "with ReadOnlyPaths=/run, podman and notifybridge cannot write files",
     .remedy = set("ReadOnlyPaths= to nothing")},
    {.properties = failed_with("RestrictNamespaces=cgroup ipc net\n", 1),
     .log = "cannot set user namespace\n",
     .cause = "with RestrictNamespaces=cgroup ipc net, podman cannot make a user namespace",
     .remedy = set("RestrictNamespaces=no")},
    {.properties = failed_with("CapabilityBoundingSet=cap_chown\n", 1),
     .log = "newuidmap: open of uid_map failed: Permission denied\n",
     .cause = "with CapabilityBoundingSet=cap_chown, newuidmap gets no rights",
     .remedy = set("CapabilityBoundingSet=~")},
    {.properties = failed_with("CapabilityBoundingSet=cap_chown\n", 1),
     .log = "level=error msg=\"cannot write uid_map: write /proc/7/uid_map: not permitted\"\n",
     .cause = "with CapabilityBoundingSet=cap_chown, podman takes itself for one without root",
     .remedy = set("CapabilityBoundingSet=~")},
    // The message alone is not enough.
    {.properties = failed_with("PrivateDevices=no\n", 126),
     .log = "Error: /usr/libexec/crun: mknod `/dev/null`: Operation not permitted: OCI permission "
            "denied\n",
     .cause = "the container was not started: \"Error: ",
     .remedy = "check the permissions of"},
    {.properties = failed_with("", 1),
     .log = "level=error msg=\"cannot write uid_map: write /proc/7/uid_map: not permitted\"\n",
     .cause = "the app exited with status 1",
     .remedy = "fix what the app reports"},
};

BOOST_AUTO_TEST_SUITE(sandbox_causes)

BOOST_DATA_TEST_CASE(a_setting_in_which_podman_cannot_work_is_named, broken_by_settings) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_CASE(a_unit_that_was_active_does_not_suffer_from_its_sandbox) {
    const auto symptoms = symptoms_by({.properties = was_up(failed_with("PrivateDevices=yes\n", 1)),
                                       .log = "mknod `/dev/fuse`: Operation not permitted\n"});
    BOOST_TEST(!find_sandbox(symptoms).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
