#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "base/cli/version.hpp"
#include "base/process/proc.hpp"
#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/answers/properties/daemon.hpp"
#include "init/answers/properties/properties.hpp"
#include "init/answers/properties/state_properties.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/facts/virtualization.hpp"
#include "init/files/unit/release.hpp"

namespace notifybridge::properties {

using directive::Row;
using directive::to_property;
using util::concat;

namespace {

/// The properties of systemd's manager, in systemd's order. A line has a value if the value is the
/// same in each container. The list omits the properties that this manager cannot know.
constexpr std::string_view manager_order = R"(Version
Virtualization
Architecture
Tainted=
FirmwareTimestamp=
FirmwareTimestampMonotonic=0
LoaderTimestamp=
LoaderTimestampMonotonic=0
KernelTimestamp=
KernelTimestampMonotonic=0
InitRDTimestamp=
InitRDTimestampMonotonic=0
UserspaceTimestamp
UserspaceTimestampMonotonic
FinishTimestamp
FinishTimestampMonotonic
NNames
NFailedUnits
NJobs
Environment
ConfirmSpawn=no
UnitPath
DefaultStandardOutput=journal
DefaultStandardError=inherit
WatchdogDevice=
RuntimeWatchdogUSec=0
RuntimeWatchdogPreUSec=0
RuntimeWatchdogPreGovernor=
KExecWatchdogUSec=0
ServiceWatchdogs=yes
SystemState
DefaultTimerAccuracyUSec=1min
DefaultTimeoutStartUSec
DefaultTimeoutStopUSec
DefaultTimeoutAbortUSec
DefaultRestartUSec
DefaultStartLimitIntervalUSec
DefaultStartLimitBurst
DefaultLimitCPU
DefaultLimitFSIZE
DefaultLimitDATA
DefaultLimitSTACK
DefaultLimitCORE
DefaultLimitRSS
DefaultLimitNOFILE
DefaultLimitAS
DefaultLimitNPROC
DefaultLimitMEMLOCK
DefaultLimitLOCKS
DefaultLimitSIGPENDING
DefaultLimitMSGQUEUE
DefaultLimitNICE
DefaultLimitRTPRIO
DefaultLimitRTTIME
DefaultTasksMax=infinity
TimerSlackNSec
DefaultOOMPolicy=stop
DefaultOOMScoreAdjust
)";

/// Returns the start time of this process, rounded to a tick of the kernel. Returns zero if /proc
/// does not show the time.
system::Moment beginning() {
    const auto start = process::start_time(::getpid());
    const long ticks = ::sysconf(_SC_CLK_TCK);
    if (!start || ticks <= 0)
        return {};
    const system::Moment now = system::now();
    const std::uint64_t monotonic =
        std::min(*start * 1'000'000 / static_cast<std::uint64_t>(ticks), now.monotonic);
    return {now.realtime - now.monotonic + monotonic, monotonic};
}

/// Shows the defaults of units (systemd-system.conf(5)).
void show_defaults(AddProperty add) {
    const unit::ServiceSettings service;
    const unit::UnitSettings unit;
    for (const std::string_view name :
         {"DefaultTimeoutStartUSec", "DefaultTimeoutStopUSec", "DefaultTimeoutAbortUSec"})
        add(name, to_property(service.timeout_stop));
    add("DefaultRestartUSec", to_property(service.restart_delay));
    add("DefaultStartLimitIntervalUSec", to_property(unit.start_limit_interval));
    add("DefaultStartLimitBurst", concat(unit.start_limit_burst));
}

/// Shows the settings that processes inherit from the manager, such as limits.
void show_inherited(AddProperty add) {
    const unit::Settings unset;
    const RunOf no_runs;
    for (const Row& row : directive::exec_directives()) {
        const std::string_view name = row.names;
        if (name.starts_with("Limit") || name == "OOMScoreAdjust")
            row.field.print({concat("Default", name), unset, add, no_runs});
        else if (name == "TimerSlackNSec")
            row.field.print({name, unset, add, no_runs});
    }
}

std::string virtualization() {
    std::string container = facts::detect_container();
    return container.empty() ? facts::detect_virtual_machine() : container;
}

void collect_states(const manager::Engine& engine, Daemon& daemon, AddProperty add) {
    std::size_t names = 0;
    std::size_t failed = 0;
    for (const manager::Unit* const unit : engine.units()) {
        names += 1 + unit->loaded().aliases->size();
        failed += unit->active_state() == manager::ActiveState::failed;
    }
    add("Version", concat(unit::systemd_release, " (notifybridge ", NOTIFYBRIDGE_VERSION, ')'));
    add("Virtualization", virtualization());
    add("Architecture", std::string(daemon.files.facts().architecture));
    show_moment("UserspaceTimestamp", beginning(), add);
    show_moment("FinishTimestamp", daemon.boot_end, add);
    add("NNames", concat(names));
    add("NFailedUnits", concat(failed));
    add("NJobs", concat(engine.jobs().size()));
    add("Environment", to_property(daemon.environment));
    add("UnitPath", to_property(daemon.files.directories()));
    add("SystemState", std::string(daemon.system_state()));
}

}  // namespace

void show_manager(const manager::Engine& engine, Daemon& daemon, AddProperty add) {
    States states;
    const auto collect = [&](std::string_view name, const std::string& value) {
        states.emplace(name, value);
    };
    collect_states(engine, daemon, collect);
    show_defaults(collect);
    show_inherited(collect);
    for (std::string_view rest = manager_order; !rest.empty();) {
        std::string_view value = util::take_until(rest, '\n');
        const std::string name(util::take_until(value, '='));
        const auto state = states.extract(name);
        add(name, state ? state.mapped() : std::string(value));
        if (const auto soft = states.extract(concat(name, "Soft")))
            add(soft.key(), soft.mapped());
    }
    // systemctl requests this value from another daemon.
    utsname system{};
    ::uname(&system);
    add("Hostname", system.nodename);
}

}  // namespace notifybridge::properties
