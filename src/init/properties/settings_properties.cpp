#include "init/properties/settings_properties.hpp"

#include <optional>

#include "init/directive/choices.hpp"
#include "init/properties/property_words.hpp"

namespace notifybridge::properties {
namespace {

namespace choices = directive::choices;
using unit::EmergencyAction;
using unit::JobMode;

std::string exit_status(std::optional<std::uint8_t> status) {
    return status ? std::to_string(*status) : "[not set]";
}

void show_limits(const unit::UnitSettings& unit, const AddProperty& add) {
    add("JobTimeoutUSec", to_property(unit.job_timeout));
    add("JobRunningTimeoutUSec", to_property(unit.job_running_timeout.value_or(unit.job_timeout)));
    add("JobTimeoutAction", word(unit.job_timeout_action, choices::emergency_action));
    add("JobTimeoutRebootArgument", unit.job_timeout_reboot_argument);
    add("StartLimitIntervalUSec", to_property(unit.start_limit_interval));
    add("StartLimitBurst", std::to_string(unit.start_limit_burst));
    add("StartLimitAction", word(unit.start_limit_action, choices::emergency_action));
    add("FailureAction", word(unit.failure_action, choices::emergency_action));
    add("FailureActionExitStatus", exit_status(unit.failure_action_exit_status));
    add("SuccessAction", word(unit.success_action, choices::emergency_action));
    add("SuccessActionExitStatus", exit_status(unit.success_action_exit_status));
    add("RebootArgument", unit.reboot_argument);
}

}  // namespace

void show_unit_settings(const load::LoadedUnit& loaded, const AddProperty& add) {
    const unit::UnitSettings& unit = loaded.settings.unit;
    add("Id", loaded.id.text());
    add("Names", to_property(loaded.names()));
    add("RequiresMountsFor", to_property(unit.requires_mounts_for));
    add("Documentation", to_property(unit.documentation));
    add("Description", unit.description.empty() ? loaded.id.text() : unit.description);
    add("LoadState", std::string(to_string(loaded.state)));
    add("FragmentPath", loaded.fragment_path);
    add("SourcePath", unit.source_path);
    add("DropInPaths", to_property(loaded.drop_in_paths));
    add("StopWhenUnneeded", to_property(unit.stop_when_unneeded));
    add("RefuseManualStart", to_property(unit.refuse_manual_start));
    add("RefuseManualStop", to_property(unit.refuse_manual_stop));
    add("AllowIsolate", to_property(unit.allow_isolate));
    add("DefaultDependencies", to_property(unit.default_dependencies));
    add("OnSuccessJobMode", word(unit.on_success_job_mode, choices::job_mode));
    add("OnFailureJobMode", word(unit.on_failure_job_mode, choices::job_mode));
    add("IgnoreOnIsolate", to_property(unit.ignore_on_isolate));
    show_limits(unit, add);
    add("CollectMode", word(unit.collect_mode, choices::collect_mode));
}

void show_kill_settings(const unit::KillSettings& kill, const AddProperty& add) {
    add("KillMode", word(kill.mode, choices::kill_mode));
    add("KillSignal", std::to_string(kill.kill_signal));
    add("RestartKillSignal", std::to_string(kill.restart_signal.value_or(kill.kill_signal)));
    add("FinalKillSignal", std::to_string(kill.final_signal));
    add("SendSIGKILL", to_property(kill.send_sigkill));
    add("SendSIGHUP", to_property(kill.send_sighup));
    add("WatchdogSignal", std::to_string(kill.watchdog_signal));
}

void show_settings(const load::LoadedUnit& unit, const AddProperty& add, const RunOf& run_of) {
    const bool is_service = unit.id.type() == unit::UnitType::service;
    const bool is_socket = unit.id.type() == unit::UnitType::socket;
    if (is_service)
        show_service_settings(unit.settings.service, add, run_of);
    if (is_socket)
        show_socket_settings(unit.settings.socket, add, run_of);
    if (is_service || is_socket) {
        show_exec_settings(unit.settings.exec, add);
        show_kill_settings(unit.settings.kill, add);
    }
    show_unit_settings(unit, add);
}

}  // namespace notifybridge::properties
