#include "init/properties/property_order.hpp"

#include <algorithm>

namespace notifybridge::properties {
namespace {

// As org.freedesktop.systemd1(5) has them, the interface of the type first. Services and sockets
// have some in common, so that both fit into one list.
constexpr std::string_view order =
    " "
    "Type ExitType Restart PIDFile NotifyAccess RestartUSec TimeoutStartUSec TimeoutStopUSec "
    "TimeoutAbortUSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxUSec "
    "RuntimeRandomizedExtraUSec WatchdogUSec WatchdogTimestamp WatchdogTimestampMonotonic "
    "RootDirectoryStartOnly RemainAfterExit GuessMainPID RestartPreventExitStatus "
    "RestartForceExitStatus SuccessExitStatus MainPID "
    "BindIPv6Only Backlog TimeoutUSec BindToDevice SocketUser SocketGroup SocketMode "
    "DirectoryMode Accept FlushPending Writable KeepAlive KeepAliveTimeUSec "
    "KeepAliveIntervalUSec KeepAliveProbes DeferAcceptUSec NoDelay Priority ReceiveBuffer "
    "SendBuffer IPTOS IPTTL PipeSize FreeBind Transparent Broadcast PassCredentials "
    "PassSecurity PassPacketInfo Timestamping RemoveOnStop Listen Symlinks Mark MaxConnections "
    "MaxConnectionsPerSource TCPCongestion ReusePort "
    "ControlPID BusName FileDescriptorStoreMax NFileDescriptorStore StatusText StatusErrno "
    "Result ReloadResult CleanResult NConnections NAccepted NRefused FileDescriptorName "
    "SocketProtocol TriggerLimitIntervalUSec TriggerLimitBurst "
    "UID GID NRestarts OOMPolicy ExecMainStartTimestamp ExecMainStartTimestampMonotonic "
    "ExecMainExitTimestamp ExecMainExitTimestampMonotonic ExecMainPID ExecMainCode "
    "ExecMainStatus "
    "ExecCondition ExecConditionEx ExecStartPre ExecStartPreEx ExecStart ExecStartEx "
    "ExecStartPost ExecStartPostEx ExecReload ExecReloadEx ExecStop ExecStopEx ExecStopPre "
    "ExecStopPost ExecStopPostEx "
    "Slice ControlGroup MemoryCurrent CPUUsageNSec TasksCurrent "
    "Environment EnvironmentFiles PassEnvironment UnsetEnvironment UMask LimitCPU LimitCPUSoft "
    "LimitFSIZE LimitFSIZESoft LimitDATA LimitDATASoft LimitSTACK LimitSTACKSoft LimitCORE "
    "LimitCORESoft LimitRSS LimitRSSSoft LimitNOFILE LimitNOFILESoft LimitAS LimitASSoft "
    "LimitNPROC LimitNPROCSoft LimitMEMLOCK LimitMEMLOCKSoft LimitLOCKS LimitLOCKSSoft "
    "LimitSIGPENDING LimitSIGPENDINGSoft LimitMSGQUEUE LimitMSGQUEUESoft LimitNICE "
    "LimitNICESoft LimitRTPRIO LimitRTPRIOSoft LimitRTTIME LimitRTTIMESoft "
    "WorkingDirectory RootDirectory OOMScoreAdjust Nice IOSchedulingClass IOSchedulingPriority "
    "CPUSchedulingPolicy CPUSchedulingPriority TimerSlackNSec CPUSchedulingResetOnFork "
    "NonBlocking StandardInput "
    "StandardInputFileDescriptorName StandardInputData "
    "StandardOutput StandardOutputFileDescriptorName "
    "StandardError StandardErrorFileDescriptorName TTYPath TTYReset TTYVHangup SecureBits "
    "CapabilityBoundingSet AmbientCapabilities User Group DynamicUser SupplementaryGroups "
    "ExecSearchPath "
    "PrivateDevices ProtectClock ProtectKernelModules ProtectKernelLogs IgnoreSIGPIPE "
    "NoNewPrivileges "
    "RuntimeDirectorySymlink RuntimeDirectoryPreserve RuntimeDirectoryMode RuntimeDirectory "
    "StateDirectorySymlink StateDirectoryMode StateDirectory CacheDirectorySymlink "
    "CacheDirectoryMode CacheDirectory LogsDirectorySymlink LogsDirectoryMode LogsDirectory "
    "ConfigurationDirectoryMode ConfigurationDirectory MountAPIVFS "
    "KillMode KillSignal RestartKillSignal FinalKillSignal SendSIGKILL SendSIGHUP "
    "WatchdogSignal "
    "Id Names Requires Requisite Wants BindsTo PartOf Upholds RequiredBy RequisiteOf WantedBy "
    "BoundBy UpheldBy ConsistsOf Conflicts ConflictedBy Before After OnSuccess OnSuccessOf "
    "OnFailure OnFailureOf Triggers TriggeredBy PropagatesReloadTo ReloadPropagatedFrom "
    "PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf RequiresMountsFor "
    "Documentation Description LoadState ActiveState FreezerState SubState FragmentPath "
    "SourcePath DropInPaths UnitFileState UnitFilePreset "
    "StateChangeTimestamp StateChangeTimestampMonotonic InactiveExitTimestamp "
    "InactiveExitTimestampMonotonic ActiveEnterTimestamp ActiveEnterTimestampMonotonic "
    "ActiveExitTimestamp ActiveExitTimestampMonotonic InactiveEnterTimestamp "
    "InactiveEnterTimestampMonotonic "
    "CanStart CanStop CanReload CanIsolate CanClean CanFreeze Job StopWhenUnneeded "
    "RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies OnSuccessJobMode "
    "OnFailureJobMode IgnoreOnIsolate NeedDaemonReload JobTimeoutUSec JobRunningTimeoutUSec "
    "JobTimeoutAction JobTimeoutRebootArgument "
    "ConditionResult AssertResult ConditionTimestamp ConditionTimestampMonotonic "
    "AssertTimestamp AssertTimestampMonotonic LoadError Transient Perpetual "
    "StartLimitIntervalUSec StartLimitBurst StartLimitAction FailureAction "
    "FailureActionExitStatus SuccessAction SuccessActionExitStatus RebootArgument InvocationID "
    "CollectMode ";

}  // namespace

std::size_t property_rank(std::string_view name) {
    std::string word = " ";
    word += name;
    word += ' ';
    return order.find(word);
}

void OrderedProperties::add(std::string_view name, std::string value) {
    const std::size_t rank = property_rank(name);
    const auto place = std::upper_bound(
        all_.begin(), all_.end(), rank,
        [](std::size_t wanted, const Property& property) { return wanted < property.rank; });
    all_.insert(place, {rank, std::string(name), std::move(value)});
}

void OrderedProperties::complete() {
    for (std::size_t at = property_rank("Id"); at + 1 < order.size();) {
        const std::size_t end = order.find(' ', at + 1);
        const bool is_there = std::any_of(all_.begin(), all_.end(), [at](const Property& property) {
            return property.rank == at;
        });
        if (!is_there)
            add(order.substr(at + 1, end - at - 1), {});
        at = end;
    }
}

}  // namespace notifybridge::properties
