#include "init/dbus/interfaces.hpp"

#include <algorithm>
#include <array>

#include "base/bus/property.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::dbus {
namespace {

using util::concat;

/// The properties of all units with processes that `ctl show` prints in a form that `add_value`
/// reads: numbers, booleans, strings and lists of strings. Not among them are bit masks,
/// percentages, and properties that may be hidden.
constexpr util::Literal process_properties =
    "Slice s\n"
    "ControlGroup s\n"
    "ControlGroupId t\n"
    "MemoryCurrent t\n"
    "MemoryAvailable t\n"
    "CPUUsageNSec t\n"
    "TasksCurrent t\n"
    "IPIngressBytes t\n"
    "IPIngressPackets t\n"
    "IPEgressBytes t\n"
    "IPEgressPackets t\n"
    "IOReadBytes t\n"
    "IOReadOperations t\n"
    "IOWriteBytes t\n"
    "IOWriteOperations t\n"
    "Delegate b\n"
    "DelegateControllers as\n"
    "CPUAccounting b\n"
    "CPUWeight t\n"
    "StartupCPUWeight t\n"
    "CPUShares t\n"
    "StartupCPUShares t\n"
    "CPUQuotaPerSecUSec t\n"
    "CPUQuotaPeriodUSec t\n"
    "IOAccounting b\n"
    "IOWeight t\n"
    "StartupIOWeight t\n"
    "BlockIOAccounting b\n"
    "BlockIOWeight t\n"
    "StartupBlockIOWeight t\n"
    "MemoryAccounting b\n"
    "DefaultMemoryLow t\n"
    "DefaultMemoryMin t\n"
    "MemoryMin t\n"
    "MemoryLow t\n"
    "MemoryHigh t\n"
    "MemoryMax t\n"
    "MemorySwapMax t\n"
    "MemoryLimit t\n"
    "DevicePolicy s\n"
    "TasksAccounting b\n"
    "TasksMax t\n"
    "IPAccounting b\n"
    "IPIngressFilterPath as\n"
    "IPEgressFilterPath as\n"
    "DisableControllers as\n"
    "ManagedOOMSwap s\n"
    "ManagedOOMMemoryPressure s\n"
    "ManagedOOMPreference s\n"
    "Environment as\n"
    "PassEnvironment as\n"
    "UnsetEnvironment as\n"
    "UMask u\n"
    "LimitCPU t\n"
    "LimitCPUSoft t\n"
    "LimitFSIZE t\n"
    "LimitFSIZESoft t\n"
    "LimitDATA t\n"
    "LimitDATASoft t\n"
    "LimitSTACK t\n"
    "LimitSTACKSoft t\n"
    "LimitCORE t\n"
    "LimitCORESoft t\n"
    "LimitRSS t\n"
    "LimitRSSSoft t\n"
    "LimitNOFILE t\n"
    "LimitNOFILESoft t\n"
    "LimitAS t\n"
    "LimitASSoft t\n"
    "LimitNPROC t\n"
    "LimitNPROCSoft t\n"
    "LimitMEMLOCK t\n"
    "LimitMEMLOCKSoft t\n"
    "LimitLOCKS t\n"
    "LimitLOCKSSoft t\n"
    "LimitSIGPENDING t\n"
    "LimitSIGPENDINGSoft t\n"
    "LimitMSGQUEUE t\n"
    "LimitMSGQUEUESoft t\n"
    "LimitNICE t\n"
    "LimitNICESoft t\n"
    "LimitRTPRIO t\n"
    "LimitRTPRIOSoft t\n"
    "LimitRTTIME t\n"
    "LimitRTTIMESoft t\n"
    "WorkingDirectory s\n"
    "RootDirectory s\n"
    "RootImage s\n"
    "ExtensionDirectories as\n"
    "OOMScoreAdjust i\n"
    "Nice i\n"
    "IOSchedulingClass i\n"
    "IOSchedulingPriority i\n"
    "CPUSchedulingPolicy i\n"
    "CPUSchedulingPriority i\n"
    "CPUAffinityFromNUMA b\n"
    "TimerSlackNSec t\n"
    "CPUSchedulingResetOnFork b\n"
    "NonBlocking b\n"
    "StandardInput s\n"
    "StandardOutput s\n"
    "StandardError s\n"
    "TTYPath s\n"
    "TTYReset b\n"
    "TTYVHangup b\n"
    "TTYVTDisallocate b\n"
    "SyslogPriority i\n"
    "SyslogIdentifier s\n"
    "SyslogLevelPrefix b\n"
    "SyslogLevel i\n"
    "SyslogFacility i\n"
    "LogLevelMax i\n"
    "LogRateLimitIntervalUSec t\n"
    "LogRateLimitBurst u\n"
    "LogNamespace s\n"
    "SecureBits i\n"
    "User s\n"
    "Group s\n"
    "DynamicUser b\n"
    "RemoveIPC b\n"
    "SupplementaryGroups as\n"
    "PAMName s\n"
    "ReadWritePaths as\n"
    "ReadOnlyPaths as\n"
    "InaccessiblePaths as\n"
    "ExecPaths as\n"
    "NoExecPaths as\n"
    "ExecSearchPath as\n"
    "PrivateTmp b\n"
    "PrivateDevices b\n"
    "ProtectClock b\n"
    "ProtectKernelTunables b\n"
    "ProtectKernelModules b\n"
    "ProtectKernelLogs b\n"
    "ProtectControlGroups b\n"
    "PrivateNetwork b\n"
    "PrivateUsers b\n"
    "PrivateMounts b\n"
    "PrivateIPC b\n"
    "ProtectHome s\n"
    "ProtectSystem s\n"
    "SameProcessGroup b\n"
    "UtmpIdentifier s\n"
    "UtmpMode s\n"
    "IgnoreSIGPIPE b\n"
    "NoNewPrivileges b\n"
    "SystemCallArchitectures as\n"
    "Personality s\n"
    "LockPersonality b\n"
    "RuntimeDirectoryPreserve s\n"
    "RuntimeDirectoryMode u\n"
    "RuntimeDirectory as\n"
    "StateDirectoryMode u\n"
    "StateDirectory as\n"
    "CacheDirectoryMode u\n"
    "CacheDirectory as\n"
    "LogsDirectoryMode u\n"
    "LogsDirectory as\n"
    "ConfigurationDirectoryMode u\n"
    "ConfigurationDirectory as\n"
    "TimeoutCleanUSec t\n"
    "MemoryDenyWriteExecute b\n"
    "RestrictRealtime b\n"
    "RestrictSUIDSGID b\n"
    "MountAPIVFS b\n"
    "KeyringMode s\n"
    "ProtectProc s\n"
    "ProcSubset s\n"
    "ProtectHostname b\n"
    "NetworkNamespacePath s\n"
    "IPCNamespacePath s\n"
    "KillMode s\n"
    "KillSignal i\n"
    "RestartKillSignal i\n"
    "FinalKillSignal i\n"
    "SendSIGKILL b\n"
    "SendSIGHUP b\n"
    "WatchdogSignal i\n";

constexpr auto interfaces = std::to_array<Interface>({
    {"org.freedesktop.systemd1.Manager",
     "GetUnit s o\n"
     "GetUnitByPID u o\n"
     "LoadUnit s o\n"
     "GetJob u o\n"
     "StartUnit ss o\n"
     "StopUnit ss o\n"
     "ReloadUnit ss o\n"
     "RestartUnit ss o\n"
     "TryRestartUnit ss o\n"
     "ReloadOrRestartUnit ss o\n"
     "ReloadOrTryRestartUnit ss o\n"
     "EnqueueUnitJob sss uososa(uosos)\n"
     "KillUnit ssi -\n"
     "ResetFailedUnit s -\n"
     "ResetFailed - -\n"
     "CancelJob u -\n"
     "ClearJobs - -\n"
     "ListUnits - a(ssssssouso)\n"
     "ListUnitsFiltered as a(ssssssouso)\n"
     "ListUnitsByPatterns asas a(ssssssouso)\n"
     "ListUnitsByNames as a(ssssssouso)\n"
     "ListJobs - a(usssoo)\n"
     "Subscribe - -\n"
     "Unsubscribe - -\n"
     "Reload - -\n"
     "Reexecute - -\n"
     "Exit - -\n"
     "Reboot - -\n"
     "PowerOff - -\n"
     "Halt - -\n"
     "SetEnvironment as -\n"
     "UnsetEnvironment as -\n"
     "GetUnitFileState s s\n"
     "GetDefaultTarget - s\n",
     "Version s\n"
     "Features s\n"
     "Virtualization s\n"
     "Architecture s\n"
     "Tainted s\n"
     "FirmwareTimestamp t\n"
     "FirmwareTimestampMonotonic t\n"
     "LoaderTimestamp t\n"
     "LoaderTimestampMonotonic t\n"
     "KernelTimestamp t\n"
     "KernelTimestampMonotonic t\n"
     "InitRDTimestamp t\n"
     "InitRDTimestampMonotonic t\n"
     "UserspaceTimestamp t\n"
     "UserspaceTimestampMonotonic t\n"
     "FinishTimestamp t\n"
     "FinishTimestampMonotonic t\n"
     "NNames u\n"
     "NFailedUnits u\n"
     "NJobs u\n"
     "Environment as\n"
     "ConfirmSpawn b\n"
     "UnitPath as\n"
     "DefaultStandardOutput s\n"
     "DefaultStandardError s\n"
     "DefaultTimeoutStartUSec t\n"
     "DefaultTimeoutStopUSec t\n"
     "DefaultTimeoutAbortUSec t\n"
     "DefaultRestartUSec t\n"
     "DefaultStartLimitIntervalUSec t\n"
     "DefaultStartLimitBurst u\n"
     "ControlGroup s\n"
     "SystemState s\n",
     "UnitNew so\n"
     "UnitRemoved so\n"
     "JobRemoved uoss\n"
     "Reloading b\n"},
    {"org.freedesktop.systemd1.Unit",
     "Start s o\n"
     "Stop s o\n"
     "Reload s o\n"
     "Restart s o\n"
     "TryRestart s o\n"
     "ReloadOrRestart s o\n"
     "ReloadOrTryRestart s o\n"
     "Kill si -\n"
     "ResetFailed - -\n",
     "Id s\n"
     "Names as\n"
     "Following s\n"
     "Requires as\n"
     "Requisite as\n"
     "Wants as\n"
     "BindsTo as\n"
     "PartOf as\n"
     "Upholds as\n"
     "RequiredBy as\n"
     "RequisiteOf as\n"
     "WantedBy as\n"
     "BoundBy as\n"
     "UpheldBy as\n"
     "ConsistsOf as\n"
     "Conflicts as\n"
     "ConflictedBy as\n"
     "Before as\n"
     "After as\n"
     "OnSuccess as\n"
     "OnSuccessOf as\n"
     "OnFailure as\n"
     "OnFailureOf as\n"
     "Triggers as\n"
     "TriggeredBy as\n"
     "PropagatesReloadTo as\n"
     "ReloadPropagatedFrom as\n"
     "PropagatesStopTo as\n"
     "StopPropagatedFrom as\n"
     "JoinsNamespaceOf as\n"
     "RequiresMountsFor as\n"
     "Documentation as\n"
     "Description s\n"
     "LoadState s\n"
     "ActiveState s\n"
     "FreezerState s\n"
     "SubState s\n"
     "FragmentPath s\n"
     "SourcePath s\n"
     "DropInPaths as\n"
     "UnitFileState s\n"
     "UnitFilePreset s\n"
     "StateChangeTimestamp t\n"
     "StateChangeTimestampMonotonic t\n"
     "InactiveExitTimestamp t\n"
     "InactiveExitTimestampMonotonic t\n"
     "ActiveEnterTimestamp t\n"
     "ActiveEnterTimestampMonotonic t\n"
     "ActiveExitTimestamp t\n"
     "ActiveExitTimestampMonotonic t\n"
     "InactiveEnterTimestamp t\n"
     "InactiveEnterTimestampMonotonic t\n"
     "CanStart b\n"
     "CanStop b\n"
     "CanReload b\n"
     "CanIsolate b\n"
     "CanFreeze b\n"
     "Job (uo)\n"
     "StopWhenUnneeded b\n"
     "RefuseManualStart b\n"
     "RefuseManualStop b\n"
     "AllowIsolate b\n"
     "DefaultDependencies b\n"
     "OnSuccessJobMode s\n"
     "OnFailureJobMode s\n"
     "IgnoreOnIsolate b\n"
     "NeedDaemonReload b\n"
     "JobTimeoutUSec t\n"
     "JobRunningTimeoutUSec t\n"
     "JobTimeoutAction s\n"
     "ConditionResult b\n"
     "AssertResult b\n"
     "ConditionTimestamp t\n"
     "ConditionTimestampMonotonic t\n"
     "AssertTimestamp t\n"
     "AssertTimestampMonotonic t\n"
     "LoadError (ss)\n"
     "Transient b\n"
     "Perpetual b\n"
     "StartLimitIntervalUSec t\n"
     "StartLimitBurst u\n"
     "StartLimitAction s\n"
     "FailureAction s\n"
     "FailureActionExitStatus i\n"
     "SuccessAction s\n"
     "SuccessActionExitStatus i\n"
     "InvocationID ay\n"
     "CollectMode s\n",
     ""},
    {"org.freedesktop.systemd1.Service", "",
     "Type s\n"
     "ExitType s\n"
     "Restart s\n"
     "PIDFile s\n"
     "NotifyAccess s\n"
     "RestartUSec t\n"
     "TimeoutStartUSec t\n"
     "TimeoutStopUSec t\n"
     "TimeoutAbortUSec t\n"
     "TimeoutStartFailureMode s\n"
     "TimeoutStopFailureMode s\n"
     "RuntimeMaxUSec t\n"
     "RuntimeRandomizedExtraUSec t\n"
     "WatchdogUSec t\n"
     "WatchdogTimestamp t\n"
     "WatchdogTimestampMonotonic t\n"
     "RootDirectoryStartOnly b\n"
     "RemainAfterExit b\n"
     "GuessMainPID b\n"
     "MainPID u\n"
     "ControlPID u\n"
     "BusName s\n"
     "FileDescriptorStoreMax u\n"
     "NFileDescriptorStore u\n"
     "StatusText s\n"
     "StatusErrno i\n"
     "Result s\n"
     "ReloadResult s\n"
     "CleanResult s\n"
     "USBFunctionDescriptors s\n"
     "USBFunctionStrings s\n"
     "UID u\n"
     "GID u\n"
     "NRestarts u\n"
     "OOMPolicy s\n"
     "ExecMainStartTimestamp t\n"
     "ExecMainStartTimestampMonotonic t\n"
     "ExecMainExitTimestamp t\n"
     "ExecMainExitTimestampMonotonic t\n"
     "ExecMainPID u\n"
     "ExecMainCode i\n"
     "ExecMainStatus i\n",
     "", process_properties},
    {"org.freedesktop.systemd1.Socket", "",
     "BindIPv6Only s\n"
     "Backlog u\n"
     "TimeoutUSec t\n"
     "BindToDevice s\n"
     "SocketUser s\n"
     "SocketGroup s\n"
     "SocketMode u\n"
     "DirectoryMode u\n"
     "Accept b\n"
     "FlushPending b\n"
     "Writable b\n"
     "KeepAlive b\n"
     "KeepAliveTimeUSec t\n"
     "KeepAliveIntervalUSec t\n"
     "KeepAliveProbes u\n"
     "DeferAcceptUSec t\n"
     "NoDelay b\n"
     "Priority i\n"
     "ReceiveBuffer t\n"
     "SendBuffer t\n"
     "IPTOS i\n"
     "IPTTL i\n"
     "PipeSize t\n"
     "FreeBind b\n"
     "Transparent b\n"
     "Broadcast b\n"
     "PassCredentials b\n"
     "PassSecurity b\n"
     "PassPacketInfo b\n"
     "Timestamping s\n"
     "RemoveOnStop b\n"
     "Symlinks as\n"
     "Mark i\n"
     "MaxConnections u\n"
     "MaxConnectionsPerSource u\n"
     "TCPCongestion s\n"
     "ReusePort b\n"
     "ControlPID u\n"
     "Result s\n"
     "NConnections u\n"
     "NAccepted u\n"
     "NRefused u\n"
     "FileDescriptorName s\n"
     "SocketProtocol i\n"
     "TriggerLimitIntervalUSec t\n"
     "TriggerLimitBurst u\n",
     "", process_properties},
    {"org.freedesktop.systemd1.Target", "", "", ""},
    {"org.freedesktop.systemd1.Timer", "",
     "Unit s\n"
     "OnClockChange b\n"
     "OnTimezoneChange b\n"
     "NextElapseUSecRealtime t\n"
     "NextElapseUSecMonotonic t\n"
     "LastTriggerUSec t\n"
     "LastTriggerUSecMonotonic t\n"
     "Result s\n"
     "AccuracyUSec t\n"
     "RandomizedDelayUSec t\n"
     "FixedRandomDelay b\n"
     "Persistent b\n"
     "WakeSystem b\n"
     "RemainAfterElapse b\n",
     ""},
    {"org.freedesktop.systemd1.Path", "",
     "Unit s\n"
     "MakeDirectory b\n"
     "DirectoryMode u\n"
     "Result s\n"
     "TriggerLimitIntervalUSec t\n"
     "TriggerLimitBurst u\n",
     ""},
    {"org.freedesktop.systemd1.Job", "Cancel - -\n",
     "Id u\n"
     "JobType s\n"
     "State s\n",
     ""},
    {"org.freedesktop.DBus.Properties",
     "Get ss v\n"
     "GetAll s a{sv}\n"
     "Set ssv -\n",
     "", "PropertiesChanged sa{sv}as\n"},
    {"org.freedesktop.DBus.Introspectable", "Introspect - s\n", "", ""},
    {"org.freedesktop.DBus.Peer",
     "Ping - -\n"
     "GetMachineId - s\n",
     "", ""},
});

/// Returns the interface for a unit type: "org.freedesktop.systemd1.Service" for "service".
std::string type_interface(unit::UnitType type) {
    std::string name = concat("org.freedesktop.systemd1.", to_string(type));
    char& first = name[name.rfind('.') + 1];
    first = static_cast<char>(first - 'a' + 'A');
    return name;
}

void add_arguments(std::string& text, std::string_view types, std::string_view direction) {
    while (!types.empty()) {
        const std::size_t size = bus::size_of_type(types);
        text += concat("   <arg type=\"", types.substr(0, size), '"', direction, "/>\n");
        types.remove_prefix(size);
    }
}

void add_interface(std::string& text, const Interface& interface) {
    text += concat(" <interface name=\"", interface.name.view(), "\">\n");
    for_each_member(interface.methods, [&](const Member& method) {
        text += concat("  <method name=\"", method.name, "\">\n");
        add_arguments(text, method.type, " direction=\"in\"");
        add_arguments(text, method.answer, " direction=\"out\"");
        text += "  </method>\n";
    });
    for_each_property(interface, [&](const Member& property) {
        text += concat("  <property name=\"", property.name, "\" type=\"", property.type,
                       "\" access=\"read\"/>\n");
    });
    for_each_member(interface.signals, [&](const Member& signal) {
        text += concat("  <signal name=\"", signal.name, "\">\n");
        add_arguments(text, signal.type, "");
        text += "  </signal>\n";
    });
    text += " </interface>\n";
}

}  // namespace

Member take_member(std::string_view& list) {
    std::string_view line = util::take_until(list, '\n');
    const auto types = [&] {
        const std::string_view word = util::take_until(line, ' ');
        return word == "-" ? std::string_view() : word;
    };
    Member member{.name = util::take_until(line, ' '), .type = types(), .answer = {}};
    member.answer = types();
    return member;
}

std::optional<Member> find_member(std::string_view list, std::string_view name) {
    while (!list.empty())
        if (const Member member = take_member(list); member.name == name)
            return member;
    return std::nullopt;
}

std::optional<Member> find_property(const Interface& interface, std::string_view name) {
    const auto property = find_member(interface.properties, name);
    return property ? property : find_member(interface.process_properties, name);
}

const Interface& find_interface(std::string_view name) {
    return *std::ranges::find(interfaces, name, &Interface::name);
}

const Interface* interface_of(unit::UnitType type) {
    const std::string name = type_interface(type);
    const auto* const found =
        std::ranges::find(interfaces, std::string_view(name), &Interface::name);
    return found == interfaces.end() ? nullptr : found;
}

std::vector<const Interface*> interfaces_of(const Object& object, unit::UnitType type) {
    std::vector found = {&find_interface(peer_interface), &find_interface(introspection_interface)};
    using Kind = Object::Kind;
    if (object.kind == Kind::parent || object.kind == Kind::none)
        return found;
    found.push_back(&find_interface(properties_interface));
    if (object.kind == Kind::manager) {
        found.push_back(&find_interface(manager_interface));
    } else if (object.kind == Kind::job) {
        found.push_back(&find_interface(job_interface));
    } else {
        found.push_back(&find_interface(unit_interface));
        if (const Interface* const of_type = interface_of(type))
            found.push_back(of_type);
    }
    return found;
}

std::string introspect(std::span<const Interface* const> interfaces_of_object,
                       const std::vector<std::string>& children) {
    std::string text =
        "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
        "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
        "<node>\n";
    for (const Interface* const each : interfaces_of_object)
        add_interface(text, *each);
    for (const std::string& child : children)
        text += concat(" <node name=\"", child, "\"/>\n");
    return text + "</node>\n";
}

}  // namespace notifybridge::dbus
