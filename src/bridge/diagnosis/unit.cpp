#include "bridge/diagnosis/unit.hpp"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <utility>

#include "base/process/exit_status.hpp"
#include "base/util/capabilities.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "bridge/diagnosis/named_member.hpp"
#include "bridge/diagnosis/sandbox_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

using Property = NamedMember<UnitFacts, std::string, std::vector<std::string>, bool, int, unsigned,
                             std::uint64_t, util::TimeSpan>;
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
    {"NeedDaemonReload", &UnitFacts::needs_daemon_reload},
});

std::uint64_t number_of(const bus::Value& value) {
    const auto* const number = std::get_if<std::uint64_t>(&value);
    return number ? *number : 0;
}

/// Returns the value as `systemctl show` prints it.
std::string text_of(const bus::Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value))
        return *text;
    if (const auto* const flag = std::get_if<bool>(&value))
        return *flag ? "yes" : "no";
    if (const auto* const words = std::get_if<std::vector<std::string>>(&value))
        return joined(*words);
    return concat(number_of(value));
}

void store(std::string& member, const bus::Value& value) {
    member = text_of(value);
}

void store(std::vector<std::string>& member, const bus::Value& value) {
    if (const auto* const words = std::get_if<std::vector<std::string>>(&value))
        member = *words;
}

void store(bool& member, const bus::Value& value) {
    member = value == bus::Value(true);
}

void store(util::TimeSpan& member, const bus::Value& value) {
    const auto most = static_cast<std::uint64_t>(util::infinity.count());
    member = util::TimeSpan(static_cast<std::int64_t>(std::min(number_of(value), most)));
}

template <std::integral Number>
void store(Number& member, const bus::Value& value) {
    const std::uint64_t number = number_of(value);
    member = std::in_range<Number>(number) ? static_cast<Number>(number) : 0;
}

std::string capabilities_of(std::uint64_t bits) {
    std::vector<std::string> names;
    for (std::size_t bit = 0; bit < util::capabilities.size(); ++bit)
        if (bits >> bit & 1)
            names.push_back(concat("cap_", util::capabilities[bit]));
    return joined(names);
}

/// Returns the kinds of namespaces that RestrictNamespaces= allows: "no" for all, and "yes" for
/// none.
std::string namespaces_of(std::uint64_t flags) {
    struct Namespace {
        std::uint64_t flag;
        std::string_view name;
    };
    constexpr auto kinds = std::to_array<Namespace>({{CLONE_NEWCGROUP, "cgroup"},
                                                     {CLONE_NEWIPC, "ipc"},
                                                     {CLONE_NEWNET, "net"},
                                                     {CLONE_NEWNS, "mnt"},
                                                     {CLONE_NEWPID, "pid"},
                                                     {CLONE_NEWUSER, "user"},
                                                     {CLONE_NEWUTS, "uts"}});
    std::vector<std::string> allowed;
    for (const Namespace& kind : kinds)
        if (flags & kind.flag)
            allowed.emplace_back(kind.name);
    return allowed.empty() ? "yes" : allowed.size() == kinds.size() ? "no" : joined(allowed);
}

/// Returns a setting of the sandbox. D-Bus has numbers in place of the names of some settings.
std::string sandbox_text(std::string_view setting, const bus::Value& value) {
    if (const auto* const bits = std::get_if<std::uint64_t>(&value)) {
        if (setting == "CapabilityBoundingSet")
            return capabilities_of(*bits);
        if (setting == "RestrictNamespaces")
            return namespaces_of(*bits);
    }
    return text_of(value);
}

/// Takes a command that failed. Commands after a failed one, such as ExecStopPost=, are not the
/// cause.
void take_end(UnitFacts& unit, std::string_view key, const bus::Command& command) {
    if (!unit.failed_command.empty() || command.ignores_errors || command.status == 0)
        return;
    unit.failed_command = concat(key, '=', joined(command.words));
    unit.failed_command_end =
        describe(command.code == CLD_EXITED ? process::ExitStatus::exited(command.status)
                                            : process::ExitStatus::killed(command.status));
}

void take_command(UnitFacts& unit, std::string_view key, const bus::Command& command) {
    if (key == "ExecStart")
        return unit.exec_start.push_back(command.words);
    if (key == "ExecCondition" || key == "ExecStartPre")
        unit.has_first_command = true;
    if (key == "ExecStop" && concat(joined(command.words), ' ').find(" stop ") != std::string::npos)
        unit.stops_container = true;
    if (key == "ExecStop" || key == "ExecStopPost")
        unit.has_last_command = true;
    take_end(unit, key, command);
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

void set_property(UnitFacts& unit, std::string_view name, const bus::Value& value) {
    constexpr auto commands =
        std::to_array<std::string_view>({"ExecStart", "ExecCondition", "ExecStartPre",
                                         "ExecStartPost", "ExecStop", "ExecStopPost"});
    constexpr auto requirements =
        std::to_array<std::string_view>({"Requires", "Requisite", "BindsTo"});
    set_member(property_rows, unit, name, [&](auto& member) { store(member, value); });
    if (is_sandbox_setting(name))
        unit.sandbox[std::string(name)] = sandbox_text(name, value);
    if (const auto* const units = std::get_if<std::vector<std::string>>(&value);
        units && util::contains(requirements, name))
        unit.required.insert(unit.required.end(), units->begin(), units->end());
    if (name == "ConditionResult" || name == "AssertResult")
        unit.is_condition_unmet = unit.is_condition_unmet || value == bus::Value(false);
    if (const auto* const all = std::get_if<std::vector<bus::Command>>(&value);
        all && util::contains(commands, name))
        for (const bus::Command& command : *all)
            take_command(unit, name, command);
}

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words)
        text += concat(text.empty() ? "" : " ", word);
    return text;
}

std::span<const std::string> start_words(const UnitFacts& unit) {
    return unit.exec_start.empty() ? std::span<const std::string>() : unit.exec_start.back();
}

bool mentions(const UnitFacts& unit, std::string_view text) {
    return std::ranges::any_of(unit.exec_start, [&](const std::vector<std::string>& words) {
        return joined(words).find(text) != std::string::npos;
    });
}

bool names_directory(const UnitFacts& unit, std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    const auto names = [&](std::string_view option) {
        return std::ranges::any_of(unit.exec_start, [&](const std::vector<std::string>& words) {
            return has_path(joined(words), concat(option, path));
        });
    };
    return has_path(joined(unit.environment), concat("SHARED_DIR=", path)) || names("--shared-dir=")
           || names("--shared-dir ")
           || path.ends_with(concat("/notifybridge/", unit.name, "/shared"))
           || path.ends_with(concat("/notifybridge/", unit.name));
}

std::string variable_in_unit(const UnitFacts& unit, std::string_view name) {
    for (const std::string_view word : unit.environment)
        if (word.starts_with(name) && word.substr(name.size()).starts_with('='))
            return std::string(word.substr(name.size() + 1));
    return {};
}

std::vector<std::string> triggers_of(const UnitFacts& unit, std::string_view suffix) {
    std::vector<std::string> names;
    for (const std::string& name : unit.triggered_by)
        if (name.ends_with(suffix))
            names.push_back(name);
    return names;
}

std::string systemctl_for(const UnitFacts& unit) {
    return unit.user ? "systemctl --user" : "systemctl";
}

}  // namespace notifybridge::diagnosis
