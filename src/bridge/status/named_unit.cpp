#include "bridge/status/named_unit.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/check_unit.hpp"
#include "bridge/diagnosis/machine.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/diagnosis/unit_check.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/runtime/own_command.hpp"
#include "bridge/runtime/run_place.hpp"
#include "bridge/status/check_directory.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

using diagnosis::UnitFacts;
using util::concat;
using util::escape;

constexpr std::string_view service_suffix = ".service";
constexpr auto quadlet_suffixes = std::to_array<std::string_view>({".container", ".kube", ".pod"});

bool is_of_quadlet(std::string_view path) {
    return std::ranges::any_of(quadlet_suffixes,
                               [&](std::string_view suffix) { return path.ends_with(suffix); });
}

std::string status_command(const UnitFacts& unit, std::string_view options) {
    return concat("`notifybridge status ", options, options.empty() ? "" : " ",
                  util::join_shell_words(std::array{unit.name}), '`');
}

/// Reports what SELinux or AppArmor has denied since the unit's last start. The messages of
/// podman's client and of `wrap` may be among the denied accesses.
void check_denials(diagnosis::Findings& found, const UnitFacts& unit) {
    const std::uint64_t started = unit.started_usec();
    const system::Moment now = system::now();
    const std::uint64_t boot = now.realtime - now.monotonic;
    // Programs of the container may end after the main process.
    constexpr std::uint64_t end_usec = 5'000'000;
    const bool has_ended = unit.main_ended_usec > started;
    if (started != 0)
        check_denial_between(found, boot + started,
                             has_ended ? boot + unit.main_ended_usec + end_usec : now.realtime);
}

}  // namespace

std::string service_name(std::string_view name) {
    constexpr std::size_t longest = 255;
    if (name.empty() || name.size() > longest || name.starts_with('.')
        || name.find_first_of("/ \n*?[") != name.npos)
        return {};
    if (name.ends_with(service_suffix))
        return std::string(name);
    for (const std::string_view suffix : quadlet_suffixes)
        if (name.ends_with(suffix))
            return concat(name.substr(0, name.size() - suffix.size()),
                          suffix == ".pod" ? "-pod" : "", service_suffix);
    return concat(name, service_suffix);
}

bool is_trigger(std::string_view name) {
    constexpr auto suffixes = std::to_array<std::string_view>({".timer", ".socket", ".path"});
    return std::ranges::any_of(suffixes,
                               [&](std::string_view suffix) { return name.ends_with(suffix); });
}

std::vector<Bridge> bridges_of_service(std::vector<Bridge> bridges, std::string_view service,
                                       uid_t viewer) {
    std::erase_if(bridges, [&](const Bridge& bridge) { return bridge.owner.unit != service; });
    const auto rank = [&](const Bridge& bridge) {
        return diagnosis::rank_of(bridge.owner.manager, viewer);
    };
    const auto first = std::ranges::min_element(bridges, {}, rank);
    const int best = first == bridges.end() ? 0 : rank(*first);
    std::erase_if(bridges, [&](const Bridge& bridge) { return rank(bridge) > best; });
    return bridges;
}

std::vector<std::string> places_of_unit(const UnitFacts& unit, const std::string& own_place) {
    const std::string above = !unit.user                  ? "/run"
                              : *unit.user == ::geteuid() ? own_place
                                                          : concat("/run/user/", *unit.user);
    std::vector<std::string> places;
    if (!above.empty())
        places.push_back(concat(runtime::service_place(above, unit.name), "/shared"));
    for (std::string named : {diagnosis::read_exec_start(diagnosis::start_words(unit)).directory,
                              variable_in_unit(unit, "SHARED_DIR")})
        if (named.starts_with('/'))
            places.push_back(std::move(named));
    return places;
}

MessageRoute route_of_unit(const UnitFacts& unit) {
    if (is_of_quadlet(unit.source_path))
        return MessageRoute::quadlet;
    if (machine_of(unit))
        return MessageRoute::machine;
    const std::span<const std::string> words = diagnosis::start_words(unit);
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string_view subcommand = runtime::own_subcommand(words.subspan(at));
        if (subcommand == "wait" || subcommand == "run")
            return MessageRoute::by_directory;
        if (runtime::is_own_name(util::base_name(words[at])))
            return MessageRoute::straight;
    }
    return MessageRoute::unknown;
}

std::string why_no_directory(const UnitFacts& unit) {
    if (unit.load_state == "masked")
        return "the unit is masked, so that it cannot start";
    switch (route_of_unit(unit)) {
        case MessageRoute::quadlet:
            return "podman itself forwards the messages of a Quadlet unit, which has no shared "
                   "directory; `systemctl status` shows the state of the unit";
        case MessageRoute::straight:
            return "its messages go directly to systemd, so the unit has no shared directory; "
                   "`systemctl "
                   "status` shows the state of the unit";
        case MessageRoute::machine:
            return concat("its virtual machine sends messages to ",
                          escape(machine_of(unit)->address),
                          " (--listen), so the unit has no shared directory");
        case MessageRoute::unknown:
            return "its ExecStart= does not start notifybridge; if a script starts notifybridge, "
                   "give the "
                   "shared directory instead of the unit";
        case MessageRoute::by_directory:
            break;
    }
    if (!is_alive(unit))
        return "the unit is not running: its shared directory is created when the unit starts, and "
               "`run` removes "
               "the directory at the end";
    if (::geteuid() == 0)
        return "no `wait` of this unit is visible; the log of the unit shows why";
    return concat("this user cannot see the directory; run this as root",
                  unit.unit_user.empty() ? "" : concat(", or as ", escape(unit.unit_user)));
}

std::string to_table(const UnitFacts& unit, bool coloured) {
    const bool is_failed = unit.active_state == "failed";
    const std::string_view colour = !coloured        ? ""
                                    : is_failed      ? "\x1b[1;31m"
                                    : is_ready(unit) ? "\x1b[32m"
                                                     : "\x1b[33m";
    const std::string_view end = colour.empty() ? "" : "\x1b[0m";
    std::string text = concat(
        colour, is_alive(unit) ? "●" : "○", end, ' ', escape(unit.name),
        unit.user && *unit.user != ::geteuid() ? concat(" of uid ", *unit.user) : std::string(),
        machine_of(unit) ? " - virtual machine\n" : " - no shared directory\n");
    const auto add = [&](std::string_view label, std::string_view value) {
        if (!value.empty())
            text +=
                concat(std::string(table_indent - 2 - label.size(), ' '), label, ": ", value, '\n');
    };
    const bool has_result = !unit.result.empty() && unit.result != "success";
    add("State", concat(colour, escape(unit.active_state), " (", escape(unit.sub_state), ')', end,
                        has_result ? concat(", ", escape(unit.result)) : std::string()));
    add("Status", unit.status_text.empty() ? std::string() : util::quote(unit.status_text));
    add("Main PID", unit.main_pid == 0 ? std::string() : concat(unit.main_pid));
    add("Source", escape(unit.source_path));
    if (const auto machine = machine_of(unit))
        add("Listens", concat(escape(machine->address), " (--listen)"));
    else
        add("Directory", why_no_directory(unit));
    if (is_failed)
        add("Cause", concat(status_command(unit, "--check"), " finds the cause"));
    return text;
}

void check_named_unit(diagnosis::Findings& found, const UnitFacts& unit) {
    if (!is_alive(unit)) {
        check_unit(found, unit, {});
        if (has_failed(unit))
            check_denials(found, unit);
        return;
    }
    if (unit.active_state == "activating")
        check_denials(found, unit);
    // No run of this unit can be seen. If the unit is active, it must have had one.
    const diagnosis::Symptoms symptoms = read_symptoms(unit, !is_ready(unit));
    const auto diagnosis = diagnose(symptoms);
    if (diagnosis)
        found.add(diagnosis->verdict, "unit", diagnosis->cause, diagnosis->remedy);
    else
        found.good("unit", concat(escape(unit.name), " is ", escape(unit.active_state), " (",
                                  escape(unit.sub_state), ')'));
    judge_file(found, unit);
    if (const auto restart = diagnose_restart(symptoms))
        found.add(restart->verdict, "restart", restart->cause, restart->remedy);
    if (route_of_unit(unit) == MessageRoute::machine)
        return found.good("directory", why_no_directory(unit));
    found.note("directory", why_no_directory(unit),
               concat('`', systemctl_for(unit), " status ",
                      util::join_shell_words(std::array{unit.name}), "` shows more"));
}

}  // namespace notifybridge::status
