#include "bridge/diagnosis/log_writer.hpp"

#include <algorithm>
#include <array>

#include "base/util/contains.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Returns whether the main process is the one that systemd started for ExecStart=, and nobody but
/// systemd and our program could have named another one. Another user's service manager may name
/// any process.
bool is_main_process_certain(const UnitFacts& unit, uid_t viewer) {
    constexpr auto types =
        std::to_array<std::string_view>({"notify", "notify-reload", "simple", "exec", "oneshot"});
    const bool may_change = unit.notify_access == "all" || !unit.pid_file.empty()
                            || mentions(unit, "--main-p") || mentions(unit, "MAINPID");
    return unit.last_main_pid > 0 && (!unit.user || *unit.user == viewer)
           && util::contains(types, unit.type) && !may_change;
}

/// Returns whether ExecStart= has only one command, which is a subcommand of ours that never writes
/// another program's text as its own process. `wrap` does so for a probe of the app's log, and
/// `init` for its services. For podman's client, `wait` uses a child.
bool is_main_program_ours(const UnitFacts& unit) {
    constexpr auto subcommands = std::to_array<std::string_view>({"run", "wait", "wrap"});
    if (unit.exec_start.size() > 1)
        return false;
    const std::string_view subcommand = runtime::own_subcommand(start_words(unit));
    return util::contains(subcommands, subcommand)
           && (subcommand != "wrap" || !mentions(unit, "log:"));
}

/// Returns whether the main process has ended, and its pid may belong to another process by then.
/// Allow for a delay, because journald may read a line after its writer has ended. The kernel gives
/// out all other pids before it uses a pid again.
bool is_too_late(const LogOrigin& origin, const UnitFacts& unit) {
    constexpr std::uint64_t longest_delay_usec = 1'000'000;
    return unit.main_ended_usec != 0
           && origin.time_usec > unit.main_ended_usec + longest_delay_usec;
}

/// Returns whether the message may consist of lines of several processes. Before systemd 248,
/// journald joined the unfinished line of another process and our line, whose priority ("<4>") is
/// then in the middle.
bool may_be_joined(std::string_view message) {
    constexpr std::size_t digit = 1;
    for (std::size_t at = 1; (at = message.find('<', at)) != message.npos; ++at)
        if (const std::string_view rest = message.substr(at);
            rest.size() > 2 && rest[digit] >= '0' && rest[digit] <= '7' && rest[2] == '>')
            return true;
    return false;
}

}  // namespace

Writer writer_of(const LogOrigin& origin, std::string_view message, const UnitFacts& unit,
                 uid_t viewer) {
    if (origin.pid != unit.last_main_pid || origin.is_part || !is_main_process_certain(unit, viewer)
        || is_too_late(origin, unit))
        return Writer::other;
    // Until systemd's child executes the program, it writes by journald's own protocol. Our main
    // process never does.
    if (origin.transport == "journal")
        return Writer::systemd;
    return origin.transport == "stdout" && is_main_program_ours(unit) && !may_be_joined(message)
               ? Writer::ours
               : Writer::other;
}

}  // namespace notifybridge::diagnosis
