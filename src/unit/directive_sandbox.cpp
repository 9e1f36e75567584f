#include "unit/directive_entry.hpp"

/// What of systemd.exec(5) is not honoured, and systemd.resource-control(5).
namespace notifybridge::unit {
namespace {

using E = ExecSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &Settings::exec, Member>;

constexpr auto sandbox_table = std::to_array<Directive>({
    // clang-format off
    {"RootDirectory",            unsupported},
    {"RootImage",                unsupported},
    {"RootImageOptions",         unsupported},
    {"RootHash",                 protection},
    {"RootHashSignature",        protection},
    {"RootVerity",               protection},
    {"ExtensionDirectories",     unsupported},
    {"ExtensionImages",          unsupported},
    {"MountImages",              unsupported},
    {"CoredumpFilter",           unsupported},
    {"CPUAffinity",              unsupported},
    {"NUMAPolicy",               unsupported},
    {"NUMAMask",                 unsupported},
    {"DynamicUser",              protection},
    {"RemoveIPC",                unsupported},
    {"TTYVTDisallocate",         meaningless},
    {"TTYRows",                  unsupported},
    {"TTYColumns",               unsupported},
    {"SyslogIdentifier",         meaningless},
    {"SyslogFacility",           meaningless},
    {"SyslogLevel",              meaningless},
    {"SyslogLevelPrefix",        meaningless},
    {"LogLevelMax",              unsupported},
    {"LogRateLimitIntervalSec",  meaningless},
    {"LogRateLimitBurst",        meaningless},
    {"LogExtraFields",           meaningless},
    {"LogNamespace",             meaningless},
    {"KeyringMode",              protection},
    {"ProtectProc",              protection},
    {"ProcSubset",               protection},
    {"SystemCallFilter",         protection},
    {"SystemCallArchitectures",  protection},
    {"SystemCallErrorNumber",    meaningless},
    {"SystemCallLog",            meaningless},
    {"MemoryDenyWriteExecute",   protection},
    {"RestrictNamespaces",       protection},
    {"RestrictRealtime",         protection},
    {"RestrictSUIDSGID",         protection},
    {"RestrictAddressFamilies",  protection},
    {"RestrictFileSystems",      protection},
    {"LockPersonality",          protection},
    {"ReadWritePaths",           meaningless},
    {"ReadOnlyPaths",            protection},
    {"InaccessiblePaths",        protection},
    {"ExecPaths",                meaningless},
    {"NoExecPaths",              protection},
    {"BindPaths",                unsupported},
    {"BindReadOnlyPaths",        unsupported},
    {"TemporaryFileSystem",      protection},
    {"PrivateTmp",               protection},
    {"PrivateDevices",           protection,  to<parse::boolean, &E::private_devices>},
    {"ProtectKernelTunables",    protection},
    {"ProtectKernelModules",     protection,  to<parse::boolean, &E::protect_kernel_modules>},
    {"ProtectKernelLogs",        protection,  to<parse::boolean, &E::protect_kernel_logs>},
    {"ProtectClock",             protection,  to<parse::boolean, &E::protect_clock>},
    {"ProtectControlGroups",     protection},
    {"ProtectHostname",          protection},
    {"NetworkNamespacePath",     unsupported},
    {"IPCNamespacePath",         unsupported},
    {"PrivateNetwork",           protection},
    {"PrivateUsers",             protection},
    {"PrivateMounts",            protection},
    {"PrivateIPC",               protection},
    {"ProtectSystem",            protection},
    {"ProtectHome",              protection},
    {"MountFlags",               unsupported},
    {"MountAPIVFS",              unsupported},
    {"Personality",              unsupported},
    {"SetCredential",            unsupported},
    {"SetCredentialEncrypted",   unsupported},
    {"LoadCredential",           unsupported},
    {"LoadCredentialEncrypted",  unsupported},
    {"TimeoutCleanSec",          meaningless},
    {"PAMName",                  unsupported},
    {"UtmpIdentifier",           meaningless},
    {"UtmpMode",                 meaningless},
    {"SELinuxContext",           protection},
    {"AppArmorProfile",          protection},
    {"SmackProcessLabel",        protection},
    // clang-format on
});

// Other names, and what is newer than systemd 252.
constexpr auto other_table = std::to_array<Directive>({
    // clang-format off
    {"ReadWriteDirectories",    meaningless, nullptr, undocumented},
    {"ReadOnlyDirectories",     protection,  nullptr, undocumented},
    {"InaccessibleDirectories", protection,  nullptr, undocumented},
    {"Capabilities",            meaningless, nullptr, undocumented},
    {"ImportCredential",        unsupported, nullptr, undocumented},
    {"MemoryKSM",               unsupported, nullptr, undocumented},
    {"PrivatePIDs",             protection,  nullptr, undocumented},
    {"BindLogSockets",          meaningless, nullptr, undocumented},
    {"RootEphemeral",           unsupported, nullptr, undocumented},
    {"SetLoginEnvironment",     unsupported, nullptr, undocumented},
    {"CoredumpReceive",         meaningless, nullptr, undocumented},
    {"StateDirectoryQuota",     unsupported, nullptr, undocumented},
    // clang-format on
});

// systemd.resource-control(5), OPTIONS.
constexpr auto cgroup_table = std::to_array<Directive>({
    // clang-format off
    {"Slice",                         meaningless},
    {"AllowedCPUs",                   unsupported},
    {"StartupAllowedCPUs",            unsupported},
    {"AllowedMemoryNodes",            unsupported},
    {"StartupAllowedMemoryNodes",     unsupported},
    {"CPUAccounting",                 meaningless},
    {"CPUWeight",                     unsupported},
    {"StartupCPUWeight",              unsupported},
    {"CPUQuota",                      unsupported},
    {"CPUQuotaPeriodSec",             unsupported},
    {"MemoryAccounting",              meaningless},
    {"MemoryMin",                     unsupported},
    {"MemoryLow",                     unsupported},
    {"DefaultMemoryMin",              meaningless, nullptr, undocumented},
    {"DefaultMemoryLow",              meaningless, nullptr, undocumented},
    {"MemoryHigh",                    unsupported},
    {"MemoryMax",                     unsupported},
    {"MemorySwapMax",                 unsupported},
    {"DeviceAllow",                   protection},
    {"DevicePolicy",                  protection},
    {"IOAccounting",                  meaningless},
    {"IOWeight",                      unsupported},
    {"StartupIOWeight",               unsupported},
    {"IODeviceWeight",                unsupported},
    {"IOReadBandwidthMax",            unsupported},
    {"IOWriteBandwidthMax",           unsupported},
    {"IOReadIOPSMax",                 unsupported},
    {"IOWriteIOPSMax",                unsupported},
    {"IODeviceLatencyTargetSec",      unsupported},
    {"TasksAccounting",               meaningless},
    {"TasksMax",                      unsupported},
    {"Delegate",                      unsupported},
    {"DisableControllers",            meaningless},
    {"IPAccounting",                  meaningless},
    {"IPAddressAllow",                meaningless},
    {"IPAddressDeny",                 protection},
    {"IPIngressFilterPath",           protection},
    {"IPEgressFilterPath",            protection},
    {"ManagedOOMSwap",                meaningless},
    {"ManagedOOMMemoryPressure",      meaningless},
    {"ManagedOOMMemoryPressureLimit", meaningless},
    {"ManagedOOMPreference",          meaningless},
    {"BPFProgram",                    unsupported},
    {"SocketBindAllow",               meaningless},
    {"SocketBindDeny",                protection},
    {"RestrictNetworkInterfaces",     protection},
    // clang-format on
});

// DEPRECATED OPTIONS, and what is newer than systemd 252.
constexpr auto other_cgroup_table = std::to_array<Directive>({
    // clang-format off
    {"CPUShares",                  unsupported, nullptr, undocumented},
    {"StartupCPUShares",           unsupported, nullptr, undocumented},
    {"MemoryLimit",                unsupported, nullptr, undocumented},
    {"BlockIOWeight",              unsupported, nullptr, undocumented},
    {"StartupBlockIOWeight",       unsupported, nullptr, undocumented},
    {"BlockIODeviceWeight",        unsupported, nullptr, undocumented},
    {"BlockIOReadBandwidth",       unsupported, nullptr, undocumented},
    {"BlockIOWriteBandwidth",      unsupported, nullptr, undocumented},
    {"BlockIOAccounting",          meaningless, nullptr, undocumented},
    {"NetClass",                   meaningless, nullptr, undocumented},
    {"DelegateSubgroup",           unsupported, nullptr, undocumented},
    {"MemoryZSwapMax",             unsupported, nullptr, undocumented},
    {"MemoryZSwapWriteback",       unsupported, nullptr, undocumented},
    {"StartupMemoryHigh",          unsupported, nullptr, undocumented},
    {"StartupMemoryLow",           unsupported, nullptr, undocumented},
    {"StartupMemoryMax",           unsupported, nullptr, undocumented},
    {"StartupMemorySwapMax",       unsupported, nullptr, undocumented},
    {"StartupMemoryZSwapMax",      unsupported, nullptr, undocumented},
    {"MemoryPressureWatch",        unsupported, nullptr, undocumented},
    {"MemoryPressureThresholdSec", unsupported, nullptr, undocumented},
    {"NFTSet",                     unsupported, nullptr, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> sandbox_directives = sandbox_table;
const std::span<const Directive> other_sandbox_directives = other_table;
const std::span<const Directive> cgroup_directives = cgroup_table;
const std::span<const Directive> other_cgroup_directives = other_cgroup_table;

}  // namespace notifybridge::unit
