#include "init/files/directive/check.hpp"
#include "init/files/directive/directive_entry.hpp"
#include "init/files/directive/keep.hpp"

/// The directives of systemd.exec(5) that are not in directive_exec.cpp, and the directives of
/// systemd.resource-control(5). We honour none of these directives.
namespace notifybridge::directive {
namespace sandbox_rows {

using keep::one_of;

void show_private_tmp(const Property& property, unit::PrivateTmp setting) {
    print::value(property, setting != unit::PrivateTmp::no);
}

constexpr Field private_tmp = field<&unit::Settings::exec, &unit::ExecSettings::private_tmp,
                                    parse::private_tmp, show_private_tmp>;

constexpr char keyring_mode[] = "inherit private shared";
constexpr char protect_proc[] = "noaccess invisible ptraceable default";
constexpr char proc_subset[] = "all pid";
constexpr char utmp_mode[] = "init login user";
constexpr char device_policy[] = "auto closed strict";
constexpr char protect_system[] = "yes no full strict";
constexpr char private_users[] = "yes no self identity";
constexpr char protect_control_groups[] = "yes no private strict";
constexpr char pressure_watch[] = "yes no auto skip";
constexpr char cpu_set_partition[] = "member root isolated";
constexpr char memory_thp[] = "inherit disable madvise system";
constexpr char protect_home[] = "yes no read-only tmpfs";
constexpr char numa_policy[] = "default preferred bind interleave local";
constexpr char personality[] =
    "x86 x86-64 arm arm64 mips mips64 mips-le mips64-le parisc parisc64 ppc ppc64 ppc64-le s390 "
    "s390x";
constexpr char preference[] = "none avoid omit";

std::span<const Row> sandbox_table() {
    static const Row rows[] = {
        // clang-format off
        {"RootImage", essential, keep::strict_path},
        {"RootImageOptions TTYRows TTYColumns SetCredential SetCredentialEncrypted LoadCredential "
         "LoadCredentialEncrypted", unsupported},
        {"CoredumpFilter", unsupported, keep::hidden},
        {"CPUAffinity", unsupported, keep::cpu_affinity},
        {"NUMAPolicy", unsupported, one_of<numa_policy>},
        {"NUMAMask", unsupported, keep::numa_mask},
        {"BindPaths BindReadOnlyPaths", unsupported, keep::bind_paths},
        {"MountFlags", unsupported, keep::mount_flags},
        {"Personality", unsupported, one_of<personality>},
        {"RootHash RootHashSignature SystemCallFilter RestrictFileSystems", protection,
         keep::hidden},
        {"TemporaryFileSystem", protection, keep::temporary_file_systems},
        {"RootVerity", protection, keep::strict_path},
        {"ExtensionImages MountImages", essential, keep::hidden},
        {"ExtensionDirectories", essential, keep::paths},
        {"NetworkNamespacePath IPCNamespacePath", essential, keep::path},
        {"RemoveIPC", unsupported, keep::boolean},
        {"TTYVTDisallocate", meaningless, keep::boolean},
        {"UtmpIdentifier", meaningless, keep::text},
        {"SyslogFacility", honoured, keep::syslog_facility},
        {"SyslogLevel", honoured, keep::syslog_level},
        {"LogLevelMax", unsupported, keep::syslog_level},
        {"LogRateLimitIntervalSec TimeoutCleanSec", meaningless, keep::time_span},
        {"LogRateLimitBurst", meaningless, keep::number},
        {"LogExtraFields", unsupported, keep::words},
        {"LogNamespace", unsupported, keep::text},
        {"SystemCallErrorNumber", meaningless, keep::error_number},
        {"SystemCallLog", meaningless, keep::hidden},
        {"KeyringMode", protection, one_of<keyring_mode>},
        {"ProtectProc", protection, one_of<protect_proc>},
        {"ProcSubset", protection, one_of<proc_subset>},
        {"SystemCallArchitectures", protection, keep::architectures},
        {"MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID LockPersonality "
         "ProtectKernelTunables ProtectHostname PrivateNetwork PrivateMounts PrivateIPC",
         protection,
         keep::boolean},
        {"PrivateUsers", protection, keep::boolean_or<private_users>},
        {"ProtectControlGroups", protection, keep::boolean_or<protect_control_groups>},
        {"RestrictNamespaces", protection, keep::namespaces},
        {"RestrictAddressFamilies", protection, keep::address_families},
        {"ReadWritePaths ExecPaths", meaningless, keep::paths},
        {"ReadOnlyPaths InaccessiblePaths NoExecPaths", protection, keep::paths},
        {"PrivateTmp", protection, private_tmp},
        {"ProtectSystem", protection, one_of<protect_system>},
        {"ProtectHome", protection, one_of<protect_home>},
        {"PAMName", unsupported, keep::text},
        {"UtmpMode", meaningless, one_of<utmp_mode>},
        {"SELinuxContext AppArmorProfile SmackProcessLabel", protection, keep::strict_text},
        // clang-format on
    };
    return rows;
}

// Former names, undocumented directives, and directives newer than systemd 252.
std::span<const Row> other_table() {
    static const Row rows[] = {
        // clang-format off
        {"ReadWriteDirectories", meaningless, keep::paths},
        {"ReadOnlyDirectories InaccessibleDirectories", protection, keep::paths},
        {"Capabilities RootImagePolicy MountImagePolicy ExtensionImagePolicy", meaningless},
        {"BindLogSockets CoredumpReceive StateDirectoryAccounting CacheDirectoryAccounting "
         "LogsDirectoryAccounting", meaningless, check::as<bool>},
        {"ImportCredential LogFilterPatterns StateDirectoryQuota CacheDirectoryQuota "
         "LogsDirectoryQuota DelegateNamespaces BPFDelegateCommands BPFDelegateMaps "
         "BPFDelegatePrograms BPFDelegateAttachments", unsupported},
        {"MemoryTHP", unsupported, check::one_of<memory_thp>},
        {"MemoryKSM SetLoginEnvironment", unsupported, check::as<bool>},
        {"PrivatePIDs PrivateBPF", protection, check::as<bool>},
        {"RootEphemeral RootMStack UserNamespacePath", essential},
        // clang-format on
    };
    return rows;
}

// The directives of systemd.resource-control(5), OPTIONS.
std::span<const Row> cgroup_table() {
    static const Row rows[] = {
        // clang-format off
        {"Slice", unsupported, keep::slice},
        {"IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax "
         "IODeviceLatencyTargetSec BPFProgram", unsupported},
        {"AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes", unsupported,
         keep::cpu_set},
        {"CPUQuotaPeriodSec", unsupported, keep::resettable_time_span},
        {"CPUAccounting MemoryAccounting IOAccounting TasksAccounting IPAccounting",
         meaningless, keep::boolean},
        {"CPUWeight StartupCPUWeight", unsupported, keep::cpu_weight},
        {"CPUQuota", unsupported, keep::cpu_quota},
        {"MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax", unsupported, keep::memory},
        {"DeviceAllow", protection, keep::devices},
        {"DevicePolicy", protection, one_of<device_policy>},
        {"IOWeight StartupIOWeight", unsupported, keep::io_weight},
        {"TasksMax", unsupported, keep::tasks},
        {"Delegate", unsupported, keep::delegate},
        {"DisableControllers", unsupported, keep::controllers},
        {"ManagedOOMSwap ManagedOOMMemoryPressure", meaningless, keep::pressure_mode},
        {"ManagedOOMMemoryPressureLimit", meaningless, keep::pressure_limit},
        {"ManagedOOMPreference", meaningless, one_of<preference>},
        {"SocketBindAllow", meaningless},
        {"IPAddressAllow", meaningless, keep::addresses},
        {"IPAddressDeny", protection, keep::addresses},
        {"IPIngressFilterPath IPEgressFilterPath", protection, keep::paths},
        {"SocketBindDeny", protection},
        {"RestrictNetworkInterfaces", protection, keep::network_interfaces},
        // clang-format on
    };
    return rows;
}

// Deprecated directives (systemd.resource-control(5), DEPRECATED OPTIONS), and directives newer
// than systemd 252.
std::span<const Row> other_cgroup_table() {
    static const Row rows[] = {
        // clang-format off
        {"CPUShares StartupCPUShares", unsupported, keep::legacy_cpu},
        {"MemoryLimit", unsupported, keep::legacy_memory},
        {"BlockIOWeight StartupBlockIOWeight", unsupported, keep::legacy_io},
        {"BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth DelegateSubgroup NFTSet",
         unsupported},
        {"MemoryZSwapMax StartupMemoryHigh StartupMemoryLow StartupMemoryMax StartupMemorySwapMax "
         "StartupMemoryZSwapMax", unsupported, keep::memory},
        {"MemoryZSwapWriteback", unsupported, check::as<bool>},
        {"MemoryPressureWatch CPUPressureWatch IOPressureWatch", unsupported,
         check::one_of<pressure_watch>},
        {"MemoryPressureThresholdSec CPUPressureThresholdSec IOPressureThresholdSec", unsupported,
         check::as<util::TimeSpan>},
        {"CPUSetPartition", unsupported, check::one_of<cpu_set_partition>},
        {"ManagedOOMMemoryPressureDurationSec OOMRules", meaningless},
        {"BindNetworkInterface", essential},
        {"BlockIOAccounting", meaningless, keep::boolean},
        {"NetClass", meaningless},
        {"DefaultMemoryMin DefaultMemoryLow DefaultStartupMemoryLow", meaningless, keep::memory},
        // clang-format on
    };
    return rows;
}

}  // namespace sandbox_rows

std::span<const Row> sandbox_directives() {
    return sandbox_rows::sandbox_table();
}
std::span<const Row> other_sandbox_directives() {
    return sandbox_rows::other_table();
}
std::span<const Row> cgroup_directives() {
    return sandbox_rows::cgroup_table();
}
std::span<const Row> other_cgroup_directives() {
    return sandbox_rows::other_cgroup_table();
}

}  // namespace notifybridge::directive
