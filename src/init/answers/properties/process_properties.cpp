#include "init/answers/properties/process_properties.hpp"

#include <unordered_map>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "init/answers/properties/machine_share.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/directive/keep.hpp"
#include "init/files/unit/escape.hpp"

namespace notifybridge::properties {

using directive::Row;
using directive::to_property;
using util::concat;

namespace {

/// The properties in the order of systemd 252, with systemd's defaults. They are one string,
/// because a table of pointers would have to be relocated at each start of the static executable.
/// TasksMax= has no limit, because this manager sets none.
constexpr std::string_view order = R"(Slice=system.slice
ControlGroup=
ControlGroupId=0
MemoryCurrent=[not set]
MemoryAvailable=infinity
CPUUsageNSec=[not set]
EffectiveCPUs=
EffectiveMemoryNodes=
TasksCurrent=[not set]
IPIngressBytes=[no data]
IPIngressPackets=[no data]
IPEgressBytes=[no data]
IPEgressPackets=[no data]
IOReadBytes=18446744073709551615
IOReadOperations=18446744073709551615
IOWriteBytes=18446744073709551615
IOWriteOperations=18446744073709551615
Delegate=no
DelegateControllers=
CPUAccounting=yes
CPUWeight=[not set]
StartupCPUWeight=[not set]
CPUShares=[not set]
StartupCPUShares=[not set]
CPUQuotaPerSecUSec=infinity
CPUQuotaPeriodUSec=infinity
AllowedCPUs=
StartupAllowedCPUs=
AllowedMemoryNodes=
StartupAllowedMemoryNodes=
IOAccounting=no
IOWeight=[not set]
StartupIOWeight=[not set]
BlockIOAccounting=no
BlockIOWeight=[not set]
StartupBlockIOWeight=[not set]
MemoryAccounting=yes
DefaultMemoryLow=0
DefaultMemoryMin=0
MemoryMin=0
MemoryLow=0
MemoryHigh=infinity
MemoryMax=infinity
MemorySwapMax=infinity
MemoryLimit=infinity
DevicePolicy=auto
DeviceAllow
TasksAccounting=yes
TasksMax=infinity
IPAccounting=no
IPAddressAllow=
IPAddressDeny=
IPIngressFilterPath=
IPEgressFilterPath=
DisableControllers=
ManagedOOMSwap=auto
ManagedOOMMemoryPressure=auto
ManagedOOMMemoryPressureLimit=0
ManagedOOMPreference=none
RestrictNetworkInterfaces=~
Environment
EnvironmentFiles
PassEnvironment
UnsetEnvironment
UMask
LimitCPU
LimitFSIZE
LimitDATA
LimitSTACK
LimitCORE
LimitRSS
LimitNOFILE
LimitAS
LimitNPROC
LimitMEMLOCK
LimitLOCKS
LimitSIGPENDING
LimitMSGQUEUE
LimitNICE
LimitRTPRIO
LimitRTTIME
WorkingDirectory
RootDirectory
RootImage=
RootHash=
RootHashPath=
RootHashSignature=
RootHashSignaturePath=
RootVerity=
ExtensionDirectories=
ExtensionImages=
MountImages=
OOMScoreAdjust
CoredumpFilter=0x33
Nice
IOSchedulingClass
IOSchedulingPriority
CPUSchedulingPolicy
CPUSchedulingPriority
CPUAffinity=
CPUAffinityFromNUMA=no
NUMAPolicy=n/a
NUMAMask=
TimerSlackNSec
CPUSchedulingResetOnFork
NonBlocking
StandardInput
StandardInputData
StandardOutput
StandardError
TTYPath
TTYReset
TTYVHangup
TTYVTDisallocate=no
TTYRows=[unprintable]
TTYColumns=[unprintable]
SyslogPriority
SyslogIdentifier
SyslogLevelPrefix
SyslogLevel=6
SyslogFacility=3
LogLevelMax=-1
LogRateLimitIntervalUSec=0
LogRateLimitBurst=0
LogExtraFields=
LogNamespace=
SecureBits
CapabilityBoundingSet
AmbientCapabilities
User
Group
DynamicUser
RemoveIPC=no
SetCredential=[unprintable]
SetCredentialEncrypted=[unprintable]
LoadCredential=[unprintable]
LoadCredentialEncrypted=[unprintable]
SupplementaryGroups
PAMName=
ReadWritePaths=
ReadOnlyPaths=
InaccessiblePaths=
ExecPaths=
NoExecPaths=
ExecSearchPath
MountFlags=
PrivateTmp
PrivateDevices
ProtectClock
ProtectKernelTunables=no
ProtectKernelModules
ProtectKernelLogs
ProtectControlGroups=no
PrivateNetwork=no
PrivateUsers=no
PrivateMounts=no
PrivateIPC=no
ProtectHome=no
ProtectSystem=no
SameProcessGroup=no
UtmpIdentifier=
UtmpMode=init
SELinuxContext=
AppArmorProfile=
SmackProcessLabel=
IgnoreSIGPIPE
NoNewPrivileges
SystemCallFilter=~
SystemCallArchitectures=
SystemCallErrorNumber=2147483646
SystemCallLog=~
Personality=
LockPersonality=no
RestrictAddressFamilies=~
RuntimeDirectorySymlink
RuntimeDirectoryPreserve
RuntimeDirectoryMode
RuntimeDirectory
StateDirectorySymlink
StateDirectoryMode
StateDirectory
CacheDirectorySymlink
CacheDirectoryMode
CacheDirectory
LogsDirectorySymlink
LogsDirectoryMode
LogsDirectory
ConfigurationDirectoryMode
ConfigurationDirectory
TimeoutCleanUSec=infinity
MemoryDenyWriteExecute=no
RestrictRealtime=no
RestrictSUIDSGID=no
RestrictNamespaces=no
RestrictFileSystems=~
BindPaths=
BindReadOnlyPaths=
TemporaryFileSystem=
MountAPIVFS
KeyringMode=
ProtectProc=default
ProcSubset=all
ProtectHostname=no
NetworkNamespacePath=
IPCNamespacePath=
KillMode
KillSignal
RestartKillSignal
FinalKillSignal
SendSIGKILL
SendSIGHUP
WatchdogSignal
)";

using Printers = std::unordered_map<std::string, const Row*>;

/// Returns the rows that print a property, by the names of the properties.
Printers find_printers() {
    Printers rows;
    for (const auto& table : {directive::exec_directives(), directive::kill_directives(),
                              directive::sandbox_directives()})
        for (const Row& row : table)
            if (row.field.print)
                directive::for_each_name(row, [&](std::string_view name) {
                    rows.emplace(directive::property_name(name), &row);
                });
    return rows;
}

/// Returns the slice in which systemd puts a unit without Slice=.
std::string default_slice(const load::LoadedUnit& unit) {
    if (unit.state != unit::LoadState::loaded)
        return {};
    if (unit.id.instance().empty())
        return "system.slice";
    return concat("system-", unit::escape_name(unit.id.prefix()), ".slice");
}

/// A printer for the values of directives that we do not honour.
class KeptSettings {
public:
    KeptSettings(const load::LoadedUnit& unit, AddProperty add)
        : unit_(unit), exec_(unit.settings.exec), add_(add) {}

    /// Shows a property, or nothing if its value is hidden. `otherwise` is systemd's default.
    void show(std::string_view name, std::string_view otherwise) const {
        std::string value = value_of(name, otherwise);
        if (value == directive::keep::hidden_value)
            return;
        // Each line is a separate property (DeviceAllow=).
        std::string_view rest = value;
        do
            add_(name, std::string(util::take_until(rest, '\n')));
        while (!rest.empty());
    }

    /// Returns whether a line of the unit sets the property, or another setting implies it.
    bool has(std::string_view name) const { return !value_of(name, "").empty(); }

private:
    std::string kept(std::string_view name, std::string_view otherwise) const {
        return std::string(exec_.kept->find(name).value_or(otherwise));
    }

    std::string value_of(std::string_view name, std::string_view otherwise) const {
        if (name == "Slice" && !exec_.kept->find(name))
            return default_slice(unit_);
        std::string value = kept(name, otherwise);
        if (const bool is_memory = name.starts_with("Memory") || name.starts_with("DefaultMemory");
            value.ends_with('%') && (is_memory || name == "TasksMax")) {
            const std::uint64_t share = directive::keep::hundredths(value);
            return concat(is_memory ? share_of_memory(share) : share_of_tasks(share));
        }
        return implied(name, std::move(value));
    }

    /// Returns the value that other settings or the unit's type imply. If nothing implies a value,
    /// returns `value` (systemd.exec(5): DynamicUser=, KeyringMode=, PrivateDevices=,
    /// ProtectClock=).
    std::string implied(std::string_view name, std::string value) const {
        if (exec_.dynamic_user) {
            if (name == "RemoveIPC" || name == "RestrictSUIDSGID")
                return "yes";
            if (name == "ProtectSystem" && value == "no")
                return "strict";
            if (name == "ProtectHome" && value == "no")
                return "read-only";
        }
        if (name == "DevicePolicy" && exec_.private_devices && value == "auto")
            return "closed";
        if (name == "KeyringMode" && value.empty())
            return unit_.id.type() == unit::UnitType::socket ? "shared" : "private";
        if (name == "DeviceAllow" && exec_.protect_clock
            && (!value.empty() || value_of("DevicePolicy", "auto") != "auto"))
            return concat("char-rtc r", value.empty() ? "" : "\n", value);
        return value;
    }

    const load::LoadedUnit& unit_;
    const unit::ExecSettings& exec_;
    AddProperty add_;
};

/// Returns the facility and level of messages to syslog(3) as one number.
std::string syslog_priority(const unit::ExecSettings& exec) {
    const auto number = [&](std::string_view name, unsigned otherwise) {
        return util::parse_number<unsigned>(exec.kept->find(name).value_or("")).value_or(otherwise);
    };
    return concat(number("SyslogFacility", 3) * 8 + number("SyslogLevel", 6));
}

}  // namespace

std::string_view process_properties() noexcept {
    return order;
}

void show_process_settings(const load::LoadedUnit& unit, AddProperty add, RunOf run_of,
                           States& states) {
    const Printers printers = find_printers();
    const KeptSettings kept(unit, add);
    for (std::string_view rest = order; !rest.empty();) {
        std::string_view otherwise = util::take_until(rest, '\n');
        const bool has_default = otherwise.find('=') != otherwise.npos;
        const std::string name(util::take_until(otherwise, '='));
        if (const auto row = printers.find(name); row != printers.end())
            row->second->field.print({name, unit.settings, add, run_of});
        else if (name == "SyslogPriority")
            add(name, syslog_priority(unit.settings.exec));
        else if (const auto state = states.extract(name))
            add(name, state.mapped());
        else if (has_default || kept.has(name))
            kept.show(name, otherwise);
    }
}

}  // namespace notifybridge::properties
