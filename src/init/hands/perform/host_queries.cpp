#include "init/hands/perform/host_queries.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/utf8.hpp"
#include "init/files/unit/value.hpp"

/// Answers queries about running units.
namespace notifybridge::perform {
namespace {

using util::concat;

/// Returns a text that is safe to print on a terminal. Like systemctl, removes colours. If the
/// bytes are not text, returns a note with the number of bytes.
std::string printable(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (bytes.substr(at, 2) == "\x1b[")
            at = bytes.find_first_not_of("0123456789;", at + 2);
        else
            text += bytes[at];
        if (at == bytes.npos)
            break;
    }
    const bool is_text = util::is_utf8(text) && !unit::has_control_characters(text, "\t");
    return is_text ? text : concat('[', text.size(), "B blob data]");
}

/// Formats a line as systemctl status shows lines of the journal: "Nov 20 17:40:18 app.service[30]:
/// hello".
std::string log_line(const std::string& unit, const output::RecentLine& line) {
    const std::string time = system::to_local_time(line.time.realtime, "%b %d %H:%M:%S");
    const std::string text = printable(line.text);
    return line.pid == 0 ? concat(time, " init[", ::getpid(), "]: ", text)
                         : concat(time, ' ', unit, '[', line.pid, "]: ", text);
}

}  // namespace

manager::Unit* HostQueries::unit_of(pid_t pid) {
    const std::string key = reaper_.unit_of(pid);
    return key.empty() || !state_.find_unit ? nullptr : state_.find_unit(key);
}

std::vector<pid_t> HostQueries::processes_of(const manager::Unit& unit) {
    return state_.processes.processes(unit.key());
}

manager::UnitIds HostQueries::ids_of(const manager::Unit& unit) const {
    const unit::ExecSettings& exec = unit.settings().exec;
    execute::Failure failure;
    const execute::Identity identity = execute::find_identity(
        exec,
        exec.dynamic_user ? execute::find_ids(state_.dynamic_users, exec) : execute::DynamicIds(),
        failure);
    return {identity.uid, identity.gid};
}

manager::GroupUsage HostQueries::usage_of(const manager::Unit& unit) const {
    return state_.processes.usage(unit.key());
}

unsigned HostQueries::stored_fds(const manager::Unit& unit) {
    const UnitDescriptors* const own = state_.descriptors_of(unit);
    return own ? static_cast<unsigned>(own->stored.all().size()) : 0;
}

std::vector<std::string> HostQueries::log(const manager::Unit& unit, std::size_t lines,
                                          util::Severity least, std::uint64_t since) const {
    std::vector<std::string> out;
    for (const output::RecentLine& line : state_.output.recent().of(unit.key()))
        if (line.severity <= least && line.time.monotonic >= since)
            out.push_back(log_line(unit.id(), line));
    if (out.size() > lines)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(lines));
    return out;
}

void HostQueries::set_on_line(OnLine on_line) {
    auto& on_add = state_.output.recent().on_add;
    if (!on_line) {
        on_add = nullptr;
        return;
    }
    on_add = [on_line = std::move(on_line)](const std::string& key,
                                            const output::RecentLine& line) {
        on_line(key, line.severity, log_line(key, line));
    };
}

std::string HostQueries::kill_by_hand(const manager::Unit& unit, manager::KillWhom whom,
                                      int signal) {
    using enum manager::KillWhom;
    const auto own = unit.own_processes();
    if (!own)
        return "Operation not supported";
    if (whom == main && unit.type() == unit::UnitType::socket)
        return "socket units have no main processes";
    if (whom == main && own->main == 0)
        return "No main process to kill";
    if (whom == control && own->control == 0)
        return "No control process to kill";
    // Do not send SIGCONT, so that stopped processes stay stopped.
    unit_types::KillRequest request;
    request.continues = false;
    request.signal = request.others_signal = signal;
    request.main = whom == control ? 0 : own->main;
    request.control = whom == main ? 0 : own->control;
    request.all_others = whom == all || whom == all_or_fail;
    const bool is_any = signal_unit(state_.processes, unit.key(), request, reaper_.others());
    return whom == all_or_fail && !is_any ? "No matching processes to kill" : "";
}

}  // namespace notifybridge::perform
