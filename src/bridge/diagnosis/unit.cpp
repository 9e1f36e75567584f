#include "bridge/diagnosis/unit.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <ranges>

#include "base/process/cgroup_unit.hpp"
#include "base/process/environment.hpp"
#include "base/process/exit_status.hpp"
#include "base/process/proc.hpp"
#include "base/process/spawn.hpp"
#include "base/system/accounts.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/user_manager.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// How long to wait for output of a program, because systemctl may wait long for a manager that
/// hangs. The manager of another user has this time for its whole answer.
constexpr std::chrono::milliseconds answer_patience(5000);
/// A directory with the $XDG_RUNTIME_DIR of each user who has a service manager (pam_systemd(8)).
constexpr std::string_view user_places = "/run/user/";
constexpr std::size_t longest_answer = 4 * 1024 * 1024;

constexpr std::string_view unit_properties =
    "--property=Id,Type,NotifyAccess,MainPID,KillMode,Restart,ActiveState,SubState,Result,"
    "Environment,ExecStart,PrivateTmp,LoadState,StatusText,SourcePath,User,InvocationID,"
    "ExecMainCode,ExecMainStatus,ExecMainPID,ExecMainStartTimestampMonotonic,"
    "ExecMainExitTimestampMonotonic,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic,"
    "TimeoutStartUSec,"
    "TimeoutStopUSec,WatchdogUSec,NRestarts,StartLimitBurst,"
    "TriggeredBy,RuntimeMaxUSec,Requires,Requisite,BindsTo,ConditionResult,AssertResult,"
    "ConditionTimestampMonotonic,ExecCondition,ExecStartPre,ExecStartPost,ExecStop,ExecStopPost,"
    "PIDFile,NextElapseUSecRealtime,NextElapseUSecMonotonic,"
    "StateChangeTimestampMonotonic,ReloadResult,After,NeedDaemonReload,Triggers";

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

std::string queried_properties() {
    std::string option(unit_properties);
    for (const std::string_view setting : sandbox_settings)
        option += concat(',', setting);
    return option;
}

/// Runs a program as our own user, with all our rights, and returns its output.
std::string run_and_read(std::vector<std::string> words) {
    system::Pipe answer = system::make_pipe();
    process::Command command;
    command.arguments = std::move(words);
    command.environment = process::Environment::inherited();
    command.output = answer.writing;
    const system::UniqueFd nothing = system::open_null();
    command.input = nothing;
    command.error = nothing;
    std::string text;
    try {
        const process::Child child = process::spawn(command);
        answer.writing.reset();
        std::array<char, 4096> buffer;
        pollfd readable{answer.reading.get(), POLLIN, 0};
        while (text.size() < longest_answer
               && ::poll(&readable, 1, static_cast<int>(answer_patience.count())) > 0) {
            const ssize_t size = ::read(answer.reading.get(), buffer.data(), buffer.size());
            if (size <= 0)
                break;
            text.append(buffer.data(), static_cast<std::size_t>(size));
        }
        ::kill(child.pid, SIGKILL);
        ::waitpid(child.pid, nullptr, 0);
    } catch (const std::system_error&) {
        return {};
    }
    return text;
}

bool is_there(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

/// Returns the user's name. Returns an empty text if the user lingers (loginctl(1)).
std::string user_without_linger(uid_t uid) {
    const auto user = system::find_user(system::read_passwd(), concat(uid));
    return user && !is_there(concat("/var/lib/systemd/linger/", user->name)) ? user->name
                                                                             : std::string();
}

std::string ask_manager(std::optional<uid_t> user, const std::string& which) {
    if (user && *user != ::geteuid())
        return show_units_of_user(*user, which, answer_patience);
    return run_and_read(
        {"systemctl", user ? "--user" : "--system", "show", queried_properties(), "--", which});
}

/// Asks the service manager of `user` about units, or the manager of the system if `user` is
/// nullopt. `which` is the name of one unit, or "*.service" for all loaded services.
std::vector<UnitFacts> show_units(std::optional<uid_t> user, const std::string& which) {
    std::vector<UnitFacts> units = read_units(ask_manager(user, which));
    for (UnitFacts& unit : units) {
        unit.user = user;
        unit.user_without_linger = user ? user_without_linger(*user) : std::string();
    }
    return units;
}

bool is_booted() {
    return is_there("/run/systemd/system/");  // sd_booted(3) checks the same directory.
}

template <typename Number>
void take_number(std::string_view key, std::string_view value, std::string_view wanted,
                 Number& number) {
    if (key == wanted)
        number = util::parse_number<Number>(value).value_or(0);
}

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
    struct Row {
        std::string_view key;
        std::string UnitFacts::*member;
    };
    constexpr auto rows =
        std::to_array<Row>({{"Id", &UnitFacts::name},
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
                            {"NextElapseUSecMonotonic", &UnitFacts::next_elapse_monotonic}});
    for (const Row& row : rows)
        if (row.key == key)
            unit.*row.member = value;
    take_number(key, value, "MainPID", unit.main_pid);
    take_number(key, value, "ControlPID", unit.control_pid);
    take_number(key, value, "ExecMainPID", unit.last_main_pid);
    take_number(key, value, "ExecMainCode", unit.main_code);
    take_number(key, value, "ExecMainStatus", unit.main_status);
    take_number(key, value, "ExecMainStartTimestampMonotonic", unit.main_started_usec);
    take_number(key, value, "ExecMainExitTimestampMonotonic", unit.main_ended_usec);
    take_number(key, value, "InactiveExitTimestampMonotonic", unit.starting_usec);
    take_number(key, value, "ActiveEnterTimestampMonotonic", unit.active_usec);
    take_number(key, value, "StateChangeTimestampMonotonic", unit.state_usec);
    if (util::contains(sandbox_settings, key))
        unit.sandbox[std::string(key)] = value;
    take_number(key, value, "NRestarts", unit.restarts);
    take_number(key, value, "StartLimitBurst", unit.start_limit);
    take_number(key, value, "ConditionTimestampMonotonic", unit.condition_usec);
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

std::vector<UnitFacts> query_units(const UnitFacts& unit, const std::vector<std::string>& names) {
    constexpr std::size_t most_units = 32;
    std::vector<UnitFacts> units;
    for (const std::string& name : names | std::views::take(most_units)) {
        auto more = show_units(unit.user, name);
        // A manager also answers if it does not know the unit, so this manager hangs.
        if (more.empty())
            break;
        std::ranges::move(more, std::back_inserter(units));
    }
    return units;
}

std::optional<UnitFacts> unit_of_process(pid_t pid) {
    const auto found = process::unit_of_process(concat(pid));
    if (!found.is_service() || !is_booted())
        return std::nullopt;
    UnitFacts unit;
    unit.name = found.name;
    unit.user = found.user;
    auto units = show_units(unit.user, unit.name);
    return units.empty() ? std::move(unit) : std::move(units.front());
}

std::vector<UnitFacts> units_for_directory(const std::string& path) {
    if (!is_booted())
        return {};
    std::vector<UnitFacts> units = show_units(std::nullopt, "*.service");
    std::optional<uid_t> user = user_of_place(path);
    if (!user && ::geteuid() != 0)
        user = ::geteuid();
    if (user) {
        auto more = show_units(user, "*.service");
        std::ranges::move(more, std::back_inserter(units));
    }
    std::erase_if(units, [&](const UnitFacts& unit) { return !names_directory(unit, path); });
    return units;
}

int rank_of(Manager manager, uid_t viewer) {
    const bool prefers_system = viewer == 0;
    if (!manager)
        return prefers_system ? 0 : 1;
    if (*manager == viewer)
        return prefers_system ? 1 : 0;
    return 2;
}

UnitSearch search_managers(
    const std::string& service, const std::vector<Manager>& managers,
    util::FunctionRef<std::vector<UnitFacts>(Manager, const std::string&)> ask) {
    UnitSearch search;
    search.why_not =
        service.ends_with("@.service")
            ? concat(util::escape(service), " is a template; name one of its instances")
            : "the service manager does not answer this user";
    for (const Manager manager : managers)
        for (UnitFacts& unit : ask(manager, service)) {
            // A manager shows properties even of an unknown unit, so this manager has answered.
            if (!manager)
                search.why_not = concat("no unit is named ", util::escape(service));
            if (unit.load_state.empty() || unit.load_state == "not-found")
                continue;
            const bool is_masked = unit.load_state == "masked";
            if (!is_masked || !search.unit)
                search.unit = std::move(unit);
            if (!is_masked)
                return search;
        }
    return search;
}

UnitSearch find_unit(const std::string& service, int end) {
    if (!is_booted())
        return {};
    const uid_t viewer = ::geteuid();
    std::vector<Manager> managers = {std::nullopt, viewer};
    if (viewer == 0)
        for (const int user : process::numbers_in(std::string(user_places)))
            if (user != 0)
                managers.emplace_back(static_cast<uid_t>(user));
    const auto rank = [&](Manager manager) { return rank_of(manager, viewer); };
    std::erase_if(managers, [&](Manager manager) { return rank(manager) >= end; });
    std::ranges::stable_sort(managers, {}, rank);
    return search_managers(service, managers, show_units);
}

UnitSearch find_unit_of(uid_t user, const std::string& service) {
    UnitSearch search = search_managers(service, {user}, show_units);
    if (!search.unit)
        search.why_not = concat("no unit of this user is named ", util::escape(service));
    return search;
}

std::optional<uid_t> user_of_place(std::string_view path) {
    // A path with ".." may lead out of the user's directory.
    if (!path.starts_with(user_places) || concat(path, '/').find("/../") != std::string::npos)
        return std::nullopt;
    path.remove_prefix(user_places.size());
    return util::parse_number<uid_t>(util::take_until(path, '/'));
}

std::string why_user_is_absent(const std::string& path) {
    const auto uid = user_of_place(process::absolute_path(path));
    if (!uid || !is_booted() || is_there(concat(user_places, *uid)))
        return {};
    const std::string user_name = user_without_linger(*uid);
    const std::string name = util::escape(user_name);
    if (name.empty())
        return {};
    return concat(name, " is not logged in, so no unit of ", name,
                  " runs: `loginctl enable-linger ", util::shell_word(user_name),
                  "` lets them start at boot");
}

std::string answer_of(std::vector<std::string> words) {
    return run_and_read(std::move(words));
}

std::string systemctl_for(const UnitFacts& unit) {
    return unit.user ? "systemctl --user" : "systemctl";
}

}  // namespace notifybridge::diagnosis
