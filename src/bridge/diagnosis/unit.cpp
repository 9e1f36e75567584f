#include "bridge/diagnosis/unit.hpp"

#include <array>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "bridge/diagnosis/named_member.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

using Property = NamedMember<UnitFacts, std::string, int, unsigned, std::uint64_t>;
constexpr auto property_rows = std::to_array<Property>({
    {"Id", &UnitFacts::name},
    {"Type", &UnitFacts::type},
    {"NotifyAccess", &UnitFacts::notify_access},
    {"KillMode", &UnitFacts::kill_mode},
    {"Restart", &UnitFacts::restart},
    {"ActiveState", &UnitFacts::active_state},
    {"SubState", &UnitFacts::sub_state},
    {"Result", &UnitFacts::result},
    {"Environment", &UnitFacts::environment},
    {"ExecStart", &UnitFacts::exec_start},
    {"PrivateTmp", &UnitFacts::private_tmp},
    {"LoadState", &UnitFacts::load_state},
    {"StatusText", &UnitFacts::status_text},
    {"SourcePath", &UnitFacts::source_path},
    {"User", &UnitFacts::unit_user},
    {"InvocationID", &UnitFacts::invocation_id},
    {"TimeoutStartUSec", &UnitFacts::timeout_start},
    {"TimeoutStopUSec", &UnitFacts::timeout_stop},
    {"WatchdogUSec", &UnitFacts::watchdog},
    {"RuntimeMaxUSec", &UnitFacts::runtime_limit},
    {"PIDFile", &UnitFacts::pid_file},
    {"ReloadResult", &UnitFacts::reload_result},
    {"TriggeredBy", &UnitFacts::triggered_by},
    {"Triggers", &UnitFacts::triggers},
    {"After", &UnitFacts::after},
    {"NextElapseUSecRealtime", &UnitFacts::next_elapse},
    {"NextElapseUSecMonotonic", &UnitFacts::next_elapse_monotonic},
    {"MainPID", &UnitFacts::main_pid},
    {"ControlPID", &UnitFacts::control_pid},
    {"ExecMainPID", &UnitFacts::last_main_pid},
    {"ExecMainCode", &UnitFacts::main_code},
    {"ExecMainStatus", &UnitFacts::main_status},
    {"ExecMainStartTimestampMonotonic", &UnitFacts::main_started_usec},
    {"ExecMainExitTimestampMonotonic", &UnitFacts::main_ended_usec},
    {"InactiveExitTimestampMonotonic", &UnitFacts::starting_usec},
    {"ActiveEnterTimestampMonotonic", &UnitFacts::active_usec},
    {"StateChangeTimestampMonotonic", &UnitFacts::state_usec},
    {"NRestarts", &UnitFacts::restarts},
    {"StartLimitBurst", &UnitFacts::start_limit},
    {"ConditionTimestampMonotonic", &UnitFacts::condition_usec},
});

/// The properties that take_property() reads in another way.
constexpr std::string_view other_properties =
    "Requires,Requisite,BindsTo,ConditionResult,AssertResult,NeedDaemonReload,ExecCondition,"
    "ExecStartPre,ExecStartPost,ExecStop,ExecStopPost";

/// The settings of the sandbox that may keep a container manager from working.
constexpr auto sandbox_settings = std::to_array<std::string_view>({"CapabilityBoundingSet",
                                                                   "DynamicUser",
                                                                   "LockPersonality",
                                                                   "MemoryDenyWriteExecute",
                                                                   "NoNewPrivileges",
                                                                   "PrivateDevices",
                                                                   "PrivatePIDs",
                                                                   "PrivateUsers",
                                                                   "ProcSubset",
                                                                   "ProtectClock",
                                                                   "ProtectControlGroups",
                                                                   "ProtectHome",
                                                                   "ProtectHostname",
                                                                   "ProtectKernelLogs",
                                                                   "ProtectKernelModules",
                                                                   "ProtectKernelTunables",
                                                                   "ProtectSystem",
                                                                   "ReadOnlyPaths",
                                                                   "RestrictAddressFamilies",
                                                                   "RestrictNamespaces",
                                                                   "RestrictRealtime",
                                                                   "RestrictSUIDSGID",
                                                                   "SystemCallArchitectures",
                                                                   "SystemCallFilter"});

/// Reads how a command ended: "{ path=/bin/false ; argv[]=/bin/false ; ignore_errors=no ;
/// start_time=[…] ; stop_time=[…] ; pid=7 ; code=exited ; status=1 }".
void take_command(UnitFacts& unit, std::string_view key, std::string_view record) {
    constexpr std::string_view words = "argv[]=";
    constexpr std::string_view code = " ; code=";
    constexpr std::string_view status = " ; status=";
    const std::size_t begin = record.find(words);
    const std::size_t end = record.rfind(" ; ignore_errors=no ; ");
    const std::size_t code_at = record.rfind(code);
    const std::size_t status_at = record.rfind(status);
    if (begin == record.npos || end == record.npos || end < begin || code_at == record.npos
        || status_at == record.npos)
        return;
    const std::string_view number = record.substr(status_at + status.size());
    const int value =
        util::parse_number<int>(number.substr(0, number.find_first_of(" /"))).value_or(0);
    if (value == 0)
        return;
    const bool has_exited = record.substr(code_at + code.size()).starts_with("exited");
    unit.failed_command =
        concat(key, '=', record.substr(begin + words.size(), end - begin - words.size()));
    unit.failed_command_end = describe(has_exited ? process::ExitStatus::exited(value)
                                                  : process::ExitStatus::killed(value));
}

/// Reads the commands of a property. systemctl prints a property for each command, and
/// show_units_of_user one property for all.
void take_commands(UnitFacts& unit, std::string_view key, std::string_view records) {
    constexpr std::string_view between = " } { path=";
    // Commands that follow a failed one, such as ExecStopPost=, are not the cause.
    while (unit.failed_command.empty() && !records.empty()) {
        const std::size_t end = records.find(between);
        take_command(unit, key, records.substr(0, end));
        records = end == records.npos ? std::string_view() : records.substr(end + between.size());
    }
}

void take_property(UnitFacts& unit, std::string_view key, std::string_view value) {
    set_member(property_rows, unit, key, value);
    if (util::contains(sandbox_settings, key))
        unit.sandbox[std::string(key)] = value;
    if (key == "Requires" || key == "Requisite" || key == "BindsTo")
        for (std::string_view rest = value; !rest.empty();)
            unit.required.emplace_back(util::take_until(rest, ' '));
    if ((key == "ConditionResult" || key == "AssertResult") && value == "no")
        unit.is_condition_unmet = true;
    if (key == "NeedDaemonReload")
        unit.needs_daemon_reload = value == "yes" || value == "true";
    constexpr auto commands = std::to_array<std::string_view>(
        {"ExecCondition", "ExecStartPre", "ExecStartPost", "ExecStop", "ExecStopPost"});
    if (key == "ExecCondition" || key == "ExecStartPre")
        unit.has_first_command = unit.has_first_command || !value.empty();
    if (key == "ExecStop")
        unit.stops_container = unit.stops_container || value.find(" stop ") != value.npos;
    if (key.starts_with("ExecStop"))
        unit.has_last_command = unit.has_last_command || !value.empty();
    if (util::contains(commands, key))
        take_commands(unit, key, value);
}

/// Returns whether the text contains the path as a whole, not as the beginning of another path.
bool has_path(std::string_view text, std::string_view path) {
    constexpr std::string_view ends = " ;:,\"'/";
    for (std::size_t at = 0; (at = text.find(path, at)) != text.npos; at += path.size()) {
        const std::string_view rest = text.substr(at + path.size());
        const bool goes_on = rest.size() > 1 && rest[0] == '/' && rest[1] != ' ';
        if (rest.empty() || (ends.find(rest[0]) != ends.npos && !goes_on))
            return true;
    }
    return false;
}

}  // namespace

std::string property_names() {
    std::string names(other_properties);
    for (const Property& property : property_rows)
        names += concat(',', property.name);
    for (const std::string_view setting : sandbox_settings)
        names += concat(',', setting);
    return names;
}

std::vector<UnitFacts> read_units(std::string_view answer) {
    std::vector<UnitFacts> units;
    bool is_within = false;
    while (!answer.empty()) {
        const std::string_view line = util::take_until(answer, '\n');
        if (line.empty())
            is_within = false;
        const std::size_t equals = line.find('=');
        // A command may contain newlines, which systemctl does not escape.
        if (equals == line.npos)
            continue;
        if (!is_within)
            units.emplace_back();
        is_within = true;
        take_property(units.back(), line.substr(0, equals), line.substr(equals + 1));
    }
    return units;
}

bool names_directory(const UnitFacts& unit, std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    return has_path(unit.environment, concat("SHARED_DIR=", path))
           || has_path(unit.exec_start, concat("--shared-dir=", path))
           || has_path(unit.exec_start, concat("--shared-dir ", path))
           || path.ends_with(concat("/notifybridge/", unit.name, "/shared"))
           || path.ends_with(concat("/notifybridge/", unit.name));
}

std::string variable_in_unit(const UnitFacts& unit, std::string_view name) {
    std::string_view rest = unit.environment;
    while (!rest.empty()) {
        const std::string_view word = util::take_until(rest, ' ');
        if (word.starts_with(name) && word.substr(name.size()).starts_with('='))
            return std::string(word.substr(name.size() + 1));
    }
    return {};
}

std::vector<std::string> triggers_of(const UnitFacts& unit, std::string_view suffix) {
    std::vector<std::string> names;
    std::string_view rest = unit.triggered_by;
    while (!rest.empty())
        if (const std::string_view name = util::take_until(rest, ' '); name.ends_with(suffix))
            names.emplace_back(name);
    return names;
}

std::string systemctl_for(const UnitFacts& unit) {
    return unit.user ? "systemctl --user" : "systemctl";
}

}  // namespace notifybridge::diagnosis
