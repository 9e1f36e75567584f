#include "init/answers/properties/state_properties.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "init/rules/unit_types/service.hpp"
#include "init/rules/unit_types/socket.hpp"
#include "init/rules/unit_types/timer.hpp"

namespace notifybridge::properties {
namespace {

using directive::or_not_set;
using directive::to_property;
using unit_types::ExecStatus;
using util::concat;

void show_main(const unit_types::Service& service, AddProperty add) {
    const ExecStatus& main = service.exec_main();
    show_moment("ExecMainStartTimestamp", main.start, add);
    show_moment("ExecMainExitTimestamp", main.exit, add);
    add("ExecMainPID", concat(main.pid));
    add("ExecMainCode", concat(main.code()));
    add("ExecMainStatus", concat(main.has_ended ? main.number() : 0));
}

/// Shows the ids of the service's user and group, if the unit sets a user or group. Shows the ids
/// only while the service has processes or is active.
void show_identity(const unit_types::Service& service, Daemon& daemon, AddProperty add) {
    manager::UnitIds ids;
    if (service.is_in_use() || service.active_state() == manager::ActiveState::active)
        ids = daemon.running.ids_of(service);
    add("UID", or_not_set(ids.user));
    add("GID", or_not_set(ids.group));
}

void show_service_state(const manager::Unit& unit, Daemon& daemon, AddProperty add) {
    const auto& service = static_cast<const unit_types::Service&>(unit);
    const unit_types::ServiceMessages& messages = service.messages();
    const util::TimeSpan watchdog = service.watchdog_span();
    // Show "infinity" if the service was never started, and 0 if it was started without a watchdog.
    const bool has_watchdog = watchdog > util::TimeSpan::zero() ? watchdog != util::infinity
                                                                : service.exec_main().pid != 0;
    add("WatchdogUSec", has_watchdog ? to_property(watchdog) : "infinity");
    show_moment("WatchdogTimestamp", service.watchdog_timestamp(), add);
    add("MainPID", concat(service.main_pid()));
    add("ControlPID", concat(service.control_pid()));
    add("NFileDescriptorStore", concat(daemon.running.stored_fds(unit)));
    add("StatusText", messages.status_text);
    add("StatusErrno", concat(messages.status_errno));
    add("StatusBusError", messages.bus_error);
    add("Result", std::string(service.result()));
    add("ReloadResult", std::string(to_string(service.reload_result())));
    add("CleanResult", "success");
    add("NRestarts", concat(service.restarts()));
    show_identity(service, daemon, add);
    show_main(service, add);
}

void show_socket_state(const manager::Unit& unit, Daemon&, AddProperty add) {
    const auto& socket = static_cast<const unit_types::Socket&>(unit);
    add("ControlPID", concat(socket.control_pid()));
    add("Result", std::string(socket.result()));
    add("NConnections", concat(socket.connections()));
    add("NAccepted", concat(socket.accepted()));
    add("NRefused", concat(socket.refused()));
}

/// Returns a moment of the monotonic clock as a time span, as systemctl does.
std::string monotonic_text(std::uint64_t moment) {
    return moment == unit_types::never
               ? to_property(util::infinity)
               : to_property(util::TimeSpan(static_cast<std::int64_t>(moment)));
}

std::string rule_text(const unit::ElapseRule& rule, std::uint64_t next) {
    // The names are in the order of the enumeration.
    static constexpr auto names =
        std::to_array<std::string_view>({"OnActiveUSec", "OnBootUSec", "OnStartupUSec",
                                         "OnUnitActiveUSec", "OnUnitInactiveUSec", "OnCalendar"});
    const bool is_calendar = rule.base == unit::TimerBase::calendar;
    const std::string value =
        is_calendar ? calendar::to_string(rule.event) : to_property(rule.span);
    const std::string next_text = !is_calendar ? monotonic_text(next)
                                  : next == 0  ? "(null)"
                                               : directive::to_timestamp(next);
    return concat("{ ", names[static_cast<std::size_t>(rule.base)], '=', value,
                  " ; next_elapse=", next_text, " }");
}

/// Shows the state of a timer. Like systemd, shows the rule in the last line of the file first.
void show_timer_state(const manager::Unit& unit, Daemon&, AddProperty add) {
    const auto& timer = static_cast<const unit_types::Timer&>(unit);
    const auto& rules = unit.settings().timer->rules;
    for (std::size_t at = rules.size(); at-- > 0;)
        add(rules[at].base == unit::TimerBase::calendar ? "TimersCalendar" : "TimersMonotonic",
            rule_text(rules[at], timer.rules()[at].next));
    const std::uint64_t realtime = timer.next_elapse_realtime();
    const bool is_set = realtime != 0 && realtime != unit_types::never;
    add("NextElapseUSecRealtime", is_set ? concat('@', realtime) : "");
    add("NextElapseUSecMonotonic", monotonic_text(timer.next_elapse_monotonic()));
    show_moment("LastTriggerUSec", timer.last_trigger(), add);
    add("Result", std::string(timer.result()));
}

void show_path_state(const manager::Unit& unit, Daemon&, AddProperty add) {
    add("Result", std::string(unit.result()));
}

struct TypeWithState {
    unit::UnitType type;
    void (*show)(const manager::Unit& unit, Daemon& daemon, AddProperty add);
};

constexpr auto types_with_state = std::to_array<TypeWithState>({
    {unit::UnitType::path, show_path_state},
    {unit::UnitType::service, show_service_state},
    {unit::UnitType::socket, show_socket_state},
    {unit::UnitType::timer, show_timer_state},
});

}  // namespace

void show_usage(const manager::GroupUsage& usage, AddProperty add) {
    add("ControlGroup", usage.path);
    add("ControlGroupId", concat(usage.id));
    add("MemoryCurrent", or_not_set(usage.memory_bytes));
    const auto nanoseconds = [](std::uint64_t usec) { return usec * 1000; };
    add("CPUUsageNSec",
        or_not_set(usage.cpu_usec ? std::optional(nanoseconds(*usage.cpu_usec)) : std::nullopt));
    add("TasksCurrent", or_not_set(usage.tasks));
}

void show_moment(std::string_view name, system::Moment moment, AddProperty add) {
    add(name, moment.realtime == 0 ? "" : concat('@', moment.realtime));
    add(concat(name, "Monotonic"), concat(moment.monotonic));
}

void show_state_of_type(const manager::Unit& unit, Daemon& daemon, AddProperty add) {
    const auto found = std::ranges::find(types_with_state, unit.type(), &TypeWithState::type);
    if (found != types_with_state.end())
        found->show(unit, daemon, add);
}

}  // namespace notifybridge::properties
