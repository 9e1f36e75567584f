#include "init/daemon/world.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/process/descendants.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/utf8.hpp"
#include "init/execute/environment.hpp"
#include "init/unit/value.hpp"

namespace notifybridge::daemon {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

constexpr std::chrono::milliseconds leftover_interval(20);

/// What a terminal may get: as systemctl, without colours, and only the size of what is no text.
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

/// As systemctl status shows the journal's: "Nov 20 17:40:18 app.service[30]: hello".
std::string log_line(const std::string& unit, const output::RecentLine& line) {
    const std::string time = system::to_local_time(line.realtime, "%b %d %H:%M:%S");
    const std::string text = printable(line.text);
    return line.pid == 0 ? concat(time, " init[", ::getpid(), "]: ", text)
                         : concat(time, ' ', unit, '[', line.pid, "]: ", text);
}

}  // namespace

World::World(event::Loop& loop, const unit::Facts& facts, const std::string& notify_path)
    : loop_(loop),
      host_(
          loop, system::Fd(STDOUT_FILENO),
          {facts, execute::manager_environment(system::text_of("/etc/locale.conf")), notify_path,
           execute::Cgroups::below_our_own(), listen::InheritedFds(process::take_inherited_fds())}),
      port_(loop, notify_path),
      leftover_pause_(loop) {
    // Orphans become our children, as they do PID 1's.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    port_.on_message = [this](notify::Datagram& datagram, const notify::Message& message) {
        take(datagram, message);
    };
    host_.on_events = [this] { on_events(); };
    host_.on_end = [this](unit::EmergencyAction, int status) {
        on_end(static_cast<std::uint8_t>(status));
    };
}

void World::attach(manager::Engine& engine) {
    host_.find_unit = [&engine](std::string_view id) { return engine.find(id); };
    engine.on_forget = [this](manager::Unit& unit) { host_.forget(unit); };
}

void World::start() {
    loop_.spawn([this] { return port_.run(); });
    loop_.spawn([this] { return host_.run_poller(); });
    loop_.spawn([this] { return host_.run_output(); });
    loop_.spawn([this] { return host_.run_writer(); });
}

bool World::reap() {
    port_.drain();
    return host_.reap_children();
}

void World::take(notify::Datagram& datagram, const notify::Message& message) {
    manager::Unit* const unit = host_.unit_of(datagram.sender.pid);
    if (!unit) {
        util::log(Severity::debug, Topic::messages, "A message of pid ", datagram.sender.pid,
                  ", which is no unit's, is passed over");
        return;
    }
    const std::size_t fds = datagram.fds.size();
    host_.set_message_fds(std::move(datagram.fds));
    unit->notified(datagram.sender, message, fds);
    host_.set_message_fds({});
    on_events();
}

std::vector<std::string> World::log(const manager::Unit& unit, std::size_t lines) {
    const auto& recent = host_.output().recent().of(unit.key());
    const std::size_t count = std::min(lines, recent.size());
    std::vector<std::string> out;
    for (auto line = recent.end() - static_cast<std::ptrdiff_t>(count); line != recent.end();
         ++line)
        out.push_back(log_line(unit.id(), *line));
    return out;
}

std::string World::kill_by_hand(const manager::Unit& unit, manager::KillWhom whom, int signal) {
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
    // As it is: what is stopped stays so.
    manager::KillRequest request;
    request.continues = false;
    request.signal = request.others_signal = signal;
    request.main = whom == control ? 0 : own->main;
    request.control = whom == main ? 0 : own->control;
    request.all_others = whom == all || whom == all_or_fail;
    const bool is_any = host_.kill(unit, request);
    return whom == all_or_fail && !is_any ? "No matching processes to kill" : "";
}

void World::signal_leftovers(int signal) {
    for (const pid_t pid : process::descendants(::getpid()))
        ::kill(pid, signal);
}

event::Awaitable<bool> World::await_leftovers(std::chrono::microseconds patience) {
    const auto end = system::now().monotonic + static_cast<std::uint64_t>(patience.count());
    while (!process::descendants(::getpid()).empty()) {
        if (system::now().monotonic > end)
            co_return false;
        co_await leftover_pause_.sleep(leftover_interval);
    }
    co_return true;
}

}  // namespace notifybridge::daemon
