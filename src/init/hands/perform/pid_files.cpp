#include "init/hands/perform/pid_files.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::perform {
namespace {

using util::concat;

/// Returns a name for the child that accesses the PID file of this unit. There is only one at a
/// time.
std::string looker_of(const std::string& key) {
    return concat("PID file of ", key);
}

std::string to_text(const PidFileContent& content) {
    return concat(content.pid, ' ', content.is_roots ? 1 : 0, ' ', content.fault);
}

PidFileContent to_content(std::string_view text) {
    if (text.empty())
        return {.fault = "the process that reads it was killed"};
    const pid_t pid = util::parse_number<pid_t>(util::take_until(text, ' ')).value_or(0);
    const bool is_roots = util::take_until(text, ' ') == "1";
    return {pid, is_roots, std::string(text)};
}

/// Removes the file, unless a process has been started since then that writes it again.
void remove_if_stale(const std::string& path) {
    const pid_t pid = read_content(path).pid;
    if (pid > 0 && ::kill(pid, 0) < 0 && errno == ESRCH)
        ::unlink(path.c_str());
}

}  // namespace

PidFiles::PidFiles(event::Loop& loop, HostState& state)
    : state_(state), watches_(state.poller), next_poll_(loop) {
    next_poll_.on_expired = [this] { poll(); };
}

PidFile PidFiles::read(const manager::Unit& unit, const std::string& path) {
    const pid_t control = unit.own_processes().value_or(manager::OwnProcesses{}).control;
    if (known_)
        return judge(state_.processes, unit.key(), *known_, control);
    if (state_.looks.may_hang(path))
        return {0, "its file system may hang, so another process reads it"};
    return read_pid_file(state_.processes, unit.key(), path, control);
}

void PidFiles::watch(const manager::Unit& unit, const std::string& path, bool watched) {
    const std::string& key = unit.key();
    if (!watched) {
        watches_.unwatch(key);
        polled_.erase(key);
    } else if (state_.looks.may_hang(path)) {
        polled_[key] = path;
        ask(key, path);
    } else {
        watches_.watch(key, path, [this, key] {
            state_.tell(key, [](manager::Unit& changed) { changed.pid_file_changed(); });
        });
    }
}

/// Reads the file in a child. If this is not possible now, for example because the last child has
/// not ended, does nothing until the next poll.
void PidFiles::ask(const std::string& key, const std::string& path) {
    ChildLooks::Calls calls;
    calls.on_answer = [this, key](const ChildLooks::Answer& answer) { take(key, answer); };
    calls.on_late = [this, key] {
        state_.tell(key, [](const manager::Unit& late) {
            late.warn("The file system of the PID file does not respond; the start waits.");
        });
    };
    const auto look = [&path] { return to_text(read_content(path)); };
    state_.looks.start(looker_of(key), look, std::move(calls));
    if (!next_poll_.is_running())
        next_poll_.start(usual_interval);
}

void PidFiles::take(const std::string& key, const ChildLooks::Answer& answer) {
    if (!polled_.contains(key))
        return;
    const PidFileContent content = to_content(answer.text);
    known_ = &content;
    state_.tell(key, [](manager::Unit& unit) { unit.pid_file_changed(); });
    known_ = nullptr;
}

void PidFiles::poll() {
    for (const auto& [key, path] : polled_)
        ask(key, path);
}

void PidFiles::remove(const manager::Unit& unit, const std::string& path) {
    if (!state_.looks.may_hang(path)) {
        ::unlink(path.c_str());
        return;
    }
    const auto look = [&path] {
        remove_if_stale(path);
        return std::string();
    };
    state_.looks.start(looker_of(unit.key()), look, {.on_answer = [](auto&) {}});
}

}  // namespace notifybridge::perform
