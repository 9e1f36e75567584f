#include "init/directive/check.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/unit/value.hpp"

/// The directives of systemd.exec(5) that we do not honour, and the directives of
/// systemd.resource-control(5).
namespace notifybridge::directive {
namespace sandbox_rows {

using check::one_of;

constexpr Field private_tmp =
    field<&unit::Settings::exec, &unit::ExecSettings::private_tmp, parse::private_tmp, unseen>;

void delegate(unit::Line& line) {
    line.settings().exec.edit().delegate = unit::parse_boolean(line.value()).value_or(true);
    check::controllers(line);
}

constexpr char keyring_mode[] = "inherit private shared";
constexpr char protect_proc[] = "noaccess invisible ptraceable default";
constexpr char proc_subset[] = "all pid";
constexpr char utmp_mode[] = "init login user";
constexpr char device_policy[] = "auto closed strict";
constexpr char protect_system[] = "yes no full strict";
constexpr char private_users[] = "yes no self identity";
constexpr char protect_control_groups[] = "yes no private strict";
constexpr char memory_pressure_watch[] = "yes no auto skip";
constexpr char protect_home[] = "yes no read-only tmpfs";

constexpr auto sandbox_table = std::to_array<Row>({
    // clang-format off
    {"RootImage", essential, check::strict_path},
    {"RootImageOptions CoredumpFilter CPUAffinity NUMAPolicy NUMAMask TTYRows TTYColumns BindPaths "
     "BindReadOnlyPaths MountFlags Personality SetCredential SetCredentialEncrypted LoadCredential "
     "LoadCredentialEncrypted", unsupported},
    {"RootHash RootHashSignature SystemCallFilter RestrictFileSystems TemporaryFileSystem",
     protection},
    {"RootVerity", protection, check::strict_path},
    {"ExtensionDirectories ExtensionImages MountImages NetworkNamespacePath IPCNamespacePath",
     essential},
    {"RemoveIPC", unsupported, check::as<bool>},
    {"TTYVTDisallocate", meaningless, check::as<bool>},
    {"UtmpIdentifier", meaningless, check::as<std::string>},
    {"SyslogFacility", meaningless, check::syslog_facility},
    {"SyslogLevel", meaningless, check::syslog_level},
    {"LogLevelMax", unsupported, check::syslog_level},
    {"LogRateLimitIntervalSec TimeoutCleanSec", meaningless, check::as<util::TimeSpan>},
    {"LogRateLimitBurst", meaningless, check::as<unsigned>},
    {"LogExtraFields LogNamespace SystemCallErrorNumber SystemCallLog", meaningless},
    {"KeyringMode", protection, one_of<keyring_mode>},
    {"ProtectProc", protection, one_of<protect_proc>},
    {"ProcSubset", protection, one_of<proc_subset>},
    {"SystemCallArchitectures", protection, check::architectures},
    {"MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID LockPersonality "
     "ProtectKernelTunables ProtectHostname PrivateNetwork PrivateMounts PrivateIPC", protection,
     check::as<bool>},
    {"PrivateUsers", protection, one_of<private_users>},
    {"ProtectControlGroups", protection, one_of<protect_control_groups>},
    {"RestrictNamespaces", protection, check::namespaces},
    {"RestrictAddressFamilies", protection, check::address_families},
    {"ReadWritePaths ExecPaths", meaningless, check::paths},
    {"ReadOnlyPaths InaccessiblePaths NoExecPaths", protection, check::paths},
    {"PrivateTmp", protection, private_tmp},
    {"ProtectSystem", protection, one_of<protect_system>},
    {"ProtectHome", protection, one_of<protect_home>},
    {"PAMName", unsupported, check::as<std::string>},
    {"UtmpMode", meaningless, one_of<utmp_mode>},
    {"SELinuxContext AppArmorProfile SmackProcessLabel", protection, check::strict_text},
    // clang-format on
});

// Former names, undocumented directives, and directives newer than systemd 252.
constexpr auto other_table = std::to_array<Row>({
    // clang-format off
    {"ReadWriteDirectories", meaningless, check::paths},
    {"ReadOnlyDirectories InaccessibleDirectories", protection, check::paths},
    {"Capabilities RootImagePolicy MountImagePolicy ExtensionImagePolicy", meaningless},
    {"BindLogSockets CoredumpReceive", meaningless, check::as<bool>},
    {"ImportCredential LogFilterPatterns StateDirectoryQuota", unsupported},
    {"MemoryKSM SetLoginEnvironment", unsupported, check::as<bool>},
    {"PrivatePIDs", protection, check::as<bool>},
    {"RootEphemeral", essential},
    // clang-format on
});

// The directives of systemd.resource-control(5), OPTIONS.
constexpr auto cgroup_table = std::to_array<Row>({
    // clang-format off
    {"Slice", meaningless, check::slice},
    {"AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes "
     "CPUQuotaPeriodSec IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax "
     "IOWriteIOPSMax IODeviceLatencyTargetSec BPFProgram", unsupported},
    {"CPUAccounting MemoryAccounting IOAccounting TasksAccounting IPAccounting",
     meaningless, check::as<bool>},
    {"CPUWeight StartupCPUWeight", unsupported, check::cpu_weight},
    {"CPUQuota", unsupported, check::cpu_quota},
    {"MemoryMin MemoryLow MemoryHigh MemoryMax MemorySwapMax", unsupported, check::memory},
    {"DeviceAllow", protection, check::devices},
    {"DevicePolicy", protection, one_of<device_policy>},
    {"IOWeight StartupIOWeight", unsupported, check::io_weight},
    {"TasksMax", unsupported, check::tasks},
    {"Delegate", unsupported, delegate},
    {"DisableControllers ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit "
     "ManagedOOMPreference SocketBindAllow", meaningless},
    {"IPAddressAllow", meaningless, check::addresses},
    {"IPAddressDeny", protection, check::addresses},
    {"IPIngressFilterPath IPEgressFilterPath SocketBindDeny RestrictNetworkInterfaces", protection},
    // clang-format on
});

// Deprecated directives (systemd.resource-control(5), DEPRECATED OPTIONS), and directives newer
// than systemd 252.
constexpr auto other_cgroup_table = std::to_array<Row>({
    // clang-format off
    {"CPUShares StartupCPUShares", unsupported, check::legacy_cpu},
    {"MemoryLimit", unsupported, check::legacy_memory},
    {"BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth "
     "BlockIOWriteBandwidth DelegateSubgroup NFTSet", unsupported},
    {"MemoryZSwapMax StartupMemoryHigh StartupMemoryLow StartupMemoryMax StartupMemorySwapMax "
     "StartupMemoryZSwapMax", unsupported, check::memory},
    {"MemoryZSwapWriteback", unsupported, check::as<bool>},
    {"MemoryPressureWatch", unsupported, one_of<memory_pressure_watch>},
    {"MemoryPressureThresholdSec", unsupported, check::as<util::TimeSpan>},
    {"ManagedOOMMemoryPressureDurationSec", meaningless},
    {"BlockIOAccounting", meaningless, check::as<bool>},
    {"NetClass", meaningless},
    {"DefaultMemoryMin DefaultMemoryLow DefaultStartupMemoryLow", meaningless, check::memory},
    // clang-format on
});

}  // namespace sandbox_rows

const std::span<const Row> sandbox_directives = sandbox_rows::sandbox_table;
const std::span<const Row> other_sandbox_directives = sandbox_rows::other_table;
const std::span<const Row> cgroup_directives = sandbox_rows::cgroup_table;
const std::span<const Row> other_cgroup_directives = sandbox_rows::other_cgroup_table;

}  // namespace notifybridge::directive
