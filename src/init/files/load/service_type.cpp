#include <array>

#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/honoured_types.hpp"
#include "init/files/load/rules.hpp"

namespace notifybridge::load {
namespace {

using unit::Dependency;

constexpr auto service_sections = std::to_array<std::string_view>({"Unit", "Service", "Install"});

constexpr auto service_defaults = std::to_array<NamedDependency>({
    {Dependency::requires_unit, "sysinit.target"},
    {Dependency::after, "sysinit.target"},
    {Dependency::after, "basic.target"},
    {Dependency::conflicts, "shutdown.target"},
    {Dependency::before, "shutdown.target"},
});

constexpr auto of_bus = std::to_array<NamedDependency>({
    {Dependency::requires_unit, "dbus.socket"},
    {Dependency::after, "dbus.socket"},
});

// The default of the manager's setting DefaultTimeoutStartSec= (systemd-system.conf(5)).
constexpr util::TimeSpan default_timeout = std::chrono::seconds(90);

/// Applies the defaults of Type=, TimeoutStartSec=, NotifyAccess= and OOMPolicy=
/// (systemd.service(5)).
void complete_service(unit::ServiceSettings& service, const unit::ExecSettings& exec) {
    if (!service.type)
        service.type = !service.bus_name->empty()     ? unit::ServiceType::dbus
                       : !service.exec_start->empty() ? unit::ServiceType::simple
                                                      : unit::ServiceType::oneshot;
    if (!service.timeout_start)
        service.timeout_start =
            service.type == unit::ServiceType::oneshot ? util::infinity : default_timeout;
    const bool is_notified = service.type == unit::ServiceType::notify
                             || service.type == unit::ServiceType::notify_reload
                             || service.watchdog > util::TimeSpan::zero()
                             || service.file_descriptor_store_max > 0;
    if (service.notify_access.value_or(unit::NotifyAccess::none) == unit::NotifyAccess::none)
        service.notify_access = is_notified ? unit::NotifyAccess::main : unit::NotifyAccess::none;
    if (service.oom_policy == unit::OomPolicy::unset)
        service.oom_policy =
            exec.delegate ? unit::OomPolicy::continue_running : unit::OomPolicy::stop;
}

/// Applies the defaults of StandardInput=, StandardOutput= and StandardError= (systemd.exec(5)). By
/// default, output goes to the descriptor of the input if the input is a terminal, a socket or a
/// named descriptor.
void complete_streams(unit::ExecSettings& exec) {
    if (exec.standard_input.kind == unit::InputKind::null && !exec.standard_input_data->empty())
        exec.standard_input.kind = unit::InputKind::data;
    const unit::InputKind input = exec.standard_input.kind;
    const bool goes_both_ways = input != unit::InputKind::null && input != unit::InputKind::data
                                && input != unit::InputKind::file;
    if (goes_both_ways && exec.standard_output.is_default)
        exec.standard_output.kind = unit::OutputKind::inherit;
    if (!goes_both_ways && exec.standard_output.kind == unit::OutputKind::inherit)
        exec.standard_output.kind = unit::OutputKind::journal;
}

bool is_usable_service(const unit::Settings& settings, unit::Place file, unit::Messages& messages) {
    const unit::ServiceSettings& service = settings.service;
    const bool is_oneshot = service.type == unit::ServiceType::oneshot;
    const bool has_start = !service.exec_start->empty();
    const bool has_success_action = settings.unit.success_action != unit::EmergencyAction::none;
    const bool restarts_after_success =
        service.restart == unit::Restart::always || service.restart == unit::Restart::on_success;
    const unit::ExitStatusSet& forced = service.restart_force_exit_status;
    return holds_all(
        {
            {!has_start && service.exec_stop->empty() && !has_success_action,
             "it needs ExecStart=, ExecStop= or SuccessAction="},
            {!has_start && !is_oneshot,
             "it needs ExecStart=, which only a service of Type=oneshot can omit"},
            {!has_start && !service.remain_after_exit && !has_success_action,
             "without ExecStart= and SuccessAction=, it needs RemainAfterExit=yes"},
            {service.exec_start->size() > 1 && !is_oneshot,
             "only a service of Type=oneshot can have more than one ExecStart=; an empty "
             "ExecStart= removes the earlier ones"},
            {is_oneshot && restarts_after_success,
             "Type=oneshot allows neither Restart=always nor Restart=on-success; use "
             "Restart=on-failure"},
            {is_oneshot && (forced.statuses.any() || forced.signals.any()),
             "Type=oneshot does not allow RestartForceExitStatus="},
            {is_oneshot && service.exit_type == unit::ExitType::cgroup,
             "Type=oneshot does not allow ExitType=cgroup"},
            {service.type == unit::ServiceType::dbus && service.bus_name->empty(),
             "a service of Type=dbus needs BusName="},
        },
        file, messages);
}

unit::LoadState complete_and_check_service(unit::Settings& settings, const unit::UnitName&,
                                           unit::Place file, unit::Messages& messages) {
    if (unit::ExecSettings* const exec = settings.exec.own())
        complete_streams(*exec);
    complete_service(settings.service, settings.exec);
    return is_usable_service(settings, file, messages) ? unit::LoadState::loaded
                                                       : unit::LoadState::bad_setting;
}

/// Returns the dependencies in systemd.service(5), "Implicit Dependencies".
std::span<const NamedDependency> implied_by_service(const unit::Settings& settings) {
    if (settings.service.type == unit::ServiceType::dbus)
        return of_bus;
    return {};
}

JobWords words_of_service(const unit::Settings& settings) {
    JobWords words{.failed_to_stop = "Stopped (with error) "};
    if (settings.service.type == unit::ServiceType::oneshot)
        words.started = "Finished ";
    return words;
}

}  // namespace

TypeRow service_row() {
    return {
        .sections = service_sections,
        .shown = directive::service_directives(),
        .runs_processes = true,
        .complete = complete_and_check_service,
        .defaults = service_defaults,
        .implied = implied_by_service,
        .has_commands = [](const unit::Settings&) { return true; },
        .words = words_of_service,
    };
}

}  // namespace notifybridge::load
