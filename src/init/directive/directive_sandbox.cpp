#include "init/directive/check.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/unit/value.hpp"

/// What of systemd.exec(5) is not honoured, and systemd.resource-control(5).
namespace notifybridge::directive {
namespace {

using check::one_of;

constexpr Field private_tmp =
    field<&unit::Settings::exec, &unit::ExecSettings::private_tmp, by_type, unseen>;

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
constexpr char protect_home[] = "yes no read-only tmpfs";

constexpr auto sandbox_table = std::to_array<Directive>({
    // clang-format off
    {"RootImage",                essential,   check::strict_path},
    {"RootImageOptions",         unsupported},
    {"RootHash",                 protection},
    {"RootHashSignature",        protection},
    {"RootVerity",               protection,  check::strict_path},
    {"ExtensionDirectories",     essential},
    {"ExtensionImages",          essential},
    {"MountImages",              essential},
    {"CoredumpFilter",           unsupported},
    {"CPUAffinity",              unsupported},
    {"NUMAPolicy",               unsupported},
    {"NUMAMask",                 unsupported},
    {"RemoveIPC",                unsupported, check::boolean},
    {"TTYVTDisallocate",         meaningless, check::boolean},
    {"TTYRows",                  unsupported},
    {"TTYColumns",               unsupported},
    {"SyslogIdentifier",         meaningless, check::text},
    {"SyslogFacility",           meaningless, check::syslog_facility},
    {"SyslogLevel",              meaningless, check::syslog_level},
    {"LogLevelMax",              unsupported, check::syslog_level},
    {"LogRateLimitIntervalSec",  meaningless, check::seconds},
    {"LogRateLimitBurst",        meaningless, check::unsigned_number},
    {"LogExtraFields",           meaningless},
    {"LogNamespace",             meaningless},
    {"KeyringMode",              protection,  one_of<keyring_mode>},
    {"ProtectProc",              protection,  one_of<protect_proc>},
    {"ProcSubset",               protection,  one_of<proc_subset>},
    {"SystemCallFilter",         protection},
    {"SystemCallArchitectures",  protection,  check::architectures},
    {"SystemCallErrorNumber",    meaningless},
    {"SystemCallLog",            meaningless},
    {"MemoryDenyWriteExecute",   protection,  check::boolean},
    {"RestrictNamespaces",       protection,  check::namespaces},
    {"RestrictRealtime",         protection,  check::boolean},
    {"RestrictSUIDSGID",         protection,  check::boolean},
    {"RestrictAddressFamilies",  protection,  check::address_families},
    {"RestrictFileSystems",      protection},
    {"LockPersonality",          protection,  check::boolean},
    {"ReadWritePaths",           meaningless, check::paths},
    {"ReadOnlyPaths",            protection,  check::paths},
    {"InaccessiblePaths",        protection,  check::paths},
    {"ExecPaths",                meaningless, check::paths},
    {"NoExecPaths",              protection,  check::paths},
    {"BindPaths",                unsupported},
    {"BindReadOnlyPaths",        unsupported},
    {"TemporaryFileSystem",      protection},
    {"PrivateTmp",               protection,  private_tmp},
    {"ProtectKernelTunables",    protection,  check::boolean},
    {"ProtectControlGroups",     protection,  check::boolean},
    {"ProtectHostname",          protection,  check::boolean},
    {"NetworkNamespacePath",     essential},
    {"IPCNamespacePath",         essential},
    {"PrivateNetwork",           protection,  check::boolean},
    {"PrivateUsers",             protection,  check::boolean},
    {"PrivateMounts",            protection,  check::boolean},
    {"PrivateIPC",               protection,  check::boolean},
    {"ProtectSystem",            protection,  one_of<protect_system>},
    {"ProtectHome",              protection,  one_of<protect_home>},
    {"MountFlags",               unsupported},
    {"Personality",              unsupported},
    {"SetCredential",            unsupported},
    {"SetCredentialEncrypted",   unsupported},
    {"LoadCredential",           unsupported},
    {"LoadCredentialEncrypted",  unsupported},
    {"TimeoutCleanSec",          meaningless, check::seconds},
    {"PAMName",                  unsupported, check::text},
    {"UtmpIdentifier",           meaningless, check::text},
    {"UtmpMode",                 meaningless, one_of<utmp_mode>},
    {"SELinuxContext",           protection,  check::strict_text},
    {"AppArmorProfile",          protection,  check::strict_text},
    {"SmackProcessLabel",        protection,  check::strict_text},
    // clang-format on
});

// Other names, and what is newer than systemd 252.
constexpr auto other_table = std::to_array<Directive>({
    // clang-format off
    {"ReadWriteDirectories",    meaningless, check::paths, undocumented},
    {"ReadOnlyDirectories",     protection,  check::paths, undocumented},
    {"InaccessibleDirectories", protection,  check::paths, undocumented},
    {"Capabilities",            meaningless, {}, undocumented},
    {"ImportCredential",        unsupported, {}, undocumented},
    {"MemoryKSM",               unsupported, {}, undocumented},
    {"PrivatePIDs",             protection,  {}, undocumented},
    {"BindLogSockets",          meaningless, {}, undocumented},
    {"RootEphemeral",           essential,   {}, undocumented},
    {"SetLoginEnvironment",     unsupported, {}, undocumented},
    {"CoredumpReceive",         meaningless, {}, undocumented},
    {"StateDirectoryQuota",     unsupported, {}, undocumented},
    // clang-format on
});

// systemd.resource-control(5), OPTIONS.
constexpr auto cgroup_table = std::to_array<Directive>({
    // clang-format off
    {"Slice",                         meaningless, check::slice},
    {"AllowedCPUs",                   unsupported},
    {"StartupAllowedCPUs",            unsupported},
    {"AllowedMemoryNodes",            unsupported},
    {"StartupAllowedMemoryNodes",     unsupported},
    {"CPUAccounting",                 meaningless, check::boolean},
    {"CPUWeight",                     unsupported, check::cpu_weight},
    {"StartupCPUWeight",              unsupported, check::cpu_weight},
    {"CPUQuota",                      unsupported, check::cpu_quota},
    {"CPUQuotaPeriodSec",             unsupported},
    {"MemoryAccounting",              meaningless, check::boolean},
    {"MemoryMin",                     unsupported, check::memory},
    {"MemoryLow",                     unsupported, check::memory},
    {"DefaultMemoryMin",              meaningless, check::memory, undocumented},
    {"DefaultMemoryLow",              meaningless, check::memory, undocumented},
    {"MemoryHigh",                    unsupported, check::memory},
    {"MemoryMax",                     unsupported, check::memory},
    {"MemorySwapMax",                 unsupported, check::memory},
    {"DeviceAllow",                   protection,  check::devices},
    {"DevicePolicy",                  protection,  one_of<device_policy>},
    {"IOAccounting",                  meaningless, check::boolean},
    {"IOWeight",                      unsupported, check::io_weight},
    {"StartupIOWeight",               unsupported, check::io_weight},
    {"IODeviceWeight",                unsupported},
    {"IOReadBandwidthMax",            unsupported},
    {"IOWriteBandwidthMax",           unsupported},
    {"IOReadIOPSMax",                 unsupported},
    {"IOWriteIOPSMax",                unsupported},
    {"IODeviceLatencyTargetSec",      unsupported},
    {"TasksAccounting",               meaningless, check::boolean},
    {"TasksMax",                      unsupported, check::tasks},
    {"Delegate",                      unsupported, delegate},
    {"DisableControllers",            meaningless},
    {"IPAccounting",                  meaningless, check::boolean},
    {"IPAddressAllow",                meaningless, check::addresses},
    {"IPAddressDeny",                 protection,  check::addresses},
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
    {"CPUShares",                  unsupported, check::legacy_cpu, undocumented},
    {"StartupCPUShares",           unsupported, check::legacy_cpu, undocumented},
    {"MemoryLimit",                unsupported, check::legacy_memory, undocumented},
    {"BlockIOWeight",              unsupported, {}, undocumented},
    {"StartupBlockIOWeight",       unsupported, {}, undocumented},
    {"BlockIODeviceWeight",        unsupported, {}, undocumented},
    {"BlockIOReadBandwidth",       unsupported, {}, undocumented},
    {"BlockIOWriteBandwidth",      unsupported, {}, undocumented},
    {"BlockIOAccounting",          meaningless, check::boolean, undocumented},
    {"NetClass",                   meaningless, {}, undocumented},
    {"DelegateSubgroup",           unsupported, {}, undocumented},
    {"MemoryZSwapMax",             unsupported, {}, undocumented},
    {"MemoryZSwapWriteback",       unsupported, {}, undocumented},
    {"StartupMemoryHigh",          unsupported, {}, undocumented},
    {"StartupMemoryLow",           unsupported, {}, undocumented},
    {"StartupMemoryMax",           unsupported, {}, undocumented},
    {"StartupMemorySwapMax",       unsupported, {}, undocumented},
    {"StartupMemoryZSwapMax",      unsupported, {}, undocumented},
    {"MemoryPressureWatch",        unsupported, {}, undocumented},
    {"MemoryPressureThresholdSec", unsupported, {}, undocumented},
    {"NFTSet",                     unsupported, {}, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> sandbox_directives = sandbox_table;
const std::span<const Directive> other_sandbox_directives = other_table;
const std::span<const Directive> cgroup_directives = cgroup_table;
const std::span<const Directive> other_cgroup_directives = other_cgroup_table;

}  // namespace notifybridge::directive
