#include "base/util/concat.hpp"
#include "init/directive/choices.hpp"
#include "init/properties/property_words.hpp"
#include "init/properties/settings_properties.hpp"
#include "init/unit/value.hpp"

/// What is in [Service] and in no other section.
namespace notifybridge::properties {
namespace {

namespace choices = directive::choices;
using unit::ServiceSettings;

/// Statuses by their numbers, signals by their names.
std::string statuses(const unit::ExitStatusSet& set) {
    std::string out;
    const auto add = [&](const std::string& one) { out += (out.empty() ? "" : " ") + one; };
    for (std::size_t at = 0; at < set.statuses.size(); ++at)
        if (set.statuses[at])
            add(std::to_string(at));
    for (std::size_t at = 0; at < set.signals.size(); ++at)
        if (set.signals[at])
            add(unit::signal_to_string(static_cast<int>(at)));
    return out;
}

void show_times(const ServiceSettings& service, const AddProperty& add) {
    using std::chrono::seconds;
    add("RestartUSec", to_property(service.restart_delay));
    add("TimeoutStartUSec", to_property(service.timeout_start.value_or(seconds(90))));
    add("TimeoutStopUSec", to_property(service.timeout_stop));
    add("TimeoutAbortUSec", to_property(service.timeout_abort.value_or(service.timeout_stop)));
    add("TimeoutStartFailureMode",
        word(service.timeout_start_failure_mode, choices::timeout_failure_mode));
    add("TimeoutStopFailureMode",
        word(service.timeout_stop_failure_mode, choices::timeout_failure_mode));
    add("RuntimeMaxUSec", to_property(service.runtime_max));
    add("RuntimeRandomizedExtraUSec", to_property(service.runtime_randomized_extra));
}

void show_commands(const unit::Commands& commands, const std::string& name, const AddProperty& add,
                   const RunOf& run_of) {
    for (const unit::Command& command : commands)
        add(name, to_property(command, run_of ? run_of(command) : CommandRun()));
    for (const unit::Command& command : commands)
        add(name + "Ex", to_extended_property(command, run_of ? run_of(command) : CommandRun()));
}

}  // namespace

void show_service_settings(const ServiceSettings& service, const AddProperty& add,
                           const RunOf& run_of) {
    add("Type", word(service.type.value_or(unit::ServiceType::simple), choices::service_type));
    add("ExitType", word(service.exit_type, choices::exit_type));
    add("Restart", word(service.restart, choices::restart));
    add("PIDFile", service.pid_file);
    add("NotifyAccess",
        word(service.notify_access.value_or(unit::NotifyAccess::none), choices::notify_access));
    show_times(service, add);
    add("RootDirectoryStartOnly", to_property(service.root_directory_start_only));
    add("RemainAfterExit", to_property(service.remain_after_exit));
    add("GuessMainPID", to_property(service.guess_main_pid));
    add("RestartPreventExitStatus", statuses(service.restart_prevent_exit_status));
    add("RestartForceExitStatus", statuses(service.restart_force_exit_status));
    add("SuccessExitStatus", statuses(service.success_exit_status));
    add("BusName", service.bus_name);
    add("FileDescriptorStoreMax", std::to_string(service.file_descriptor_store_max));
    add("OOMPolicy", word(service.oom_policy, choices::oom_policy));
    show_commands(service.exec_condition, "ExecCondition", add, run_of);
    show_commands(service.exec_start_pre, "ExecStartPre", add, run_of);
    show_commands(service.exec_start, "ExecStart", add, run_of);
    show_commands(service.exec_start_post, "ExecStartPost", add, run_of);
    show_commands(service.exec_reload, "ExecReload", add, run_of);
    show_commands(service.exec_stop, "ExecStop", add, run_of);
    show_commands(service.exec_stop_post, "ExecStopPost", add, run_of);
    add("NonBlocking", to_property(service.non_blocking));
}

}  // namespace notifybridge::properties
