#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "init/rules/unit_types/paths.hpp"
#include "init/rules/unit_types/processes.hpp"
#include "init/rules/unit_types/sockets.hpp"
#include "init/rules/unit_types/timers.hpp"

namespace notifybridge::unit_types::test {

/// A simulation of processes. They begin when the unit starts them, and end when the test ends
/// them. Signals are recorded, and have no effect.
class FakeWorld : public manager::Surroundings,
                  public Processes,
                  public Sockets,
                  public Descriptors,
                  public Timers,
                  public Paths {
public:
    struct Process {
        std::string unit;
        std::string program;
        bool is_control = false;
        bool is_idle = false;
        bool may_notify = false;
        bool passes_fds = false;
        bool applies_permissions = false;
        util::TimeSpan watchdog = util::TimeSpan::zero();
        std::vector<std::string> environment;
        bool was_signalled = false;
        std::set<std::string> watchers;  ///< The units that are notified of the end of the process.
    };
    static constexpr std::uint64_t epoch = 1'000'000'000;

    std::map<pid_t, Process> alive;
    std::map<std::string, Process> started;  ///< The last process of each program.
    std::vector<std::string> runs;           ///< The programs in the order of starting.
    /// The signals: "/program 15", or "/program 1" for a hangup.
    std::vector<std::string> signals;
    std::set<std::string> impossible;  ///< The programs for which no process can be created.
    std::set<std::string> missing;     ///< The programs that cannot be executed.
    std::set<std::string> pending;     ///< The programs of processes that prepare themselves.
    /// The programs whose pids are in PID files, by the paths of the files.
    std::map<std::string, std::string> pid_files;
    std::vector<std::string> said;
    std::vector<util::Severity> severities;  ///< The severities of the messages.
    std::vector<std::string> acts;           ///< All other actions, such as "open a.socket".
    /// The PID files that are written as soon as they are watched.
    std::map<std::string, std::string> late_pid_files;
    pid_t stale_pid = 0;  ///< The pid in a PID file whose program has ended.
    pid_t guess = 0;
    pid_t stray = 0;
    std::vector<Connection> waiting;  ///< The connections that a socket will accept.
    bool cannot_listen = false;
    bool opens_later = false;  ///< Whether the file system of a socket does not respond.
    bool cannot_watch = false;
    bool has_no_owner = false;  ///< Whether SocketUser= names an unknown user.
    bool is_out_of_fds = false;
    std::uint64_t clock = epoch;
    std::map<std::string, WakeUp> wake_ups;       ///< The wake-ups of timers.
    std::map<std::string, std::uint64_t> stamps;  ///< The stamps of timers.
    std::uint64_t random_number = 0;
    bool is_read_only = false;  ///< Whether nothing can be written.
    /// The time of day at which `clock` was 0, in microseconds since 1970.
    std::uint64_t time_of_day = 1'000'000'000'000;

    std::set<std::string> files;          ///< The files that path units see.
    std::set<std::string> watched_paths;  ///< The path units whose paths are watched.
    /// A file that is created when its path begins to be watched.
    std::string appears;
    std::error_code watch_error;  ///< The reason why paths cannot be watched.
    /// The created directories with decimal modes, such as "/a 493".
    std::vector<std::string> directories;

    pid_t start(const std::string& unit, const std::string& program) {
        const pid_t pid = ++last_pid_;
        Process process;
        process.unit = unit;
        process.program = program;
        alive[pid] = process;
        return pid;
    }
    pid_t find(std::string_view program) const {
        for (const auto& [pid, process] : alive)
            if (process.program == program)
                return pid;
        return 0;
    }
    bool has_any(const std::string& unit) const {
        return std::any_of(alive.begin(), alive.end(),
                           [&](const auto& entry) { return entry.second.unit == unit; });
    }
    bool did(std::string_view act) const {
        return std::find(acts.begin(), acts.end(), act) != acts.end();
    }
    bool sent(std::string_view signal) const {
        return std::find(signals.begin(), signals.end(), signal) != signals.end();
    }

    system::Moment now() const override { return {clock + time_of_day, clock}; }
    bool can_test(const Unit&) override { return true; }
    bool holds(const Unit&, const std::vector<unit::Condition>&, unit::UnmetConditions&) override {
        return true;
    }

    StartedProcess start_process(const ProcessRequest& request) override {
        const std::string& program = request.command.path;
        if (impossible.contains(program))
            throw std::system_error(EAGAIN, std::generic_category(), "clone");
        Process process;
        process.unit = request.unit.id();
        process.program = program;
        process.is_control = request.is_control;
        process.is_idle = request.is_idle;
        process.may_notify = request.may_notify;
        process.passes_fds = request.passes_fds;
        process.applies_permissions = request.applies_permissions;
        process.watchdog = request.watchdog;
        process.environment = request.environment;
        alive[++last_pid_] = process;
        started[program] = process;
        runs.push_back(program);
        const bool fails = missing.contains(program);
        return {
            last_pid_,
            fails ? std::make_error_code(std::errc::no_such_file_or_directory) : std::error_code{},
            pending.contains(program)};
    }

    bool kill(const Unit& unit, const KillRequest& request) override {
        bool is_any = false;
        for (auto& [pid, process] : alive) {
            const bool is_own = pid == request.main || pid == request.control;
            if (!is_own && (!request.all_others || process.unit != unit.id()))
                continue;
            is_any = true;
            signals.push_back(util::concat(process.program, ' ',
                                           is_own ? request.signal : request.others_signal));
            process.was_signalled = true;
            if (request.also_hangup)
                signals.push_back(util::concat(process.program, " 1"));
        }
        return is_any;
    }

    bool is_mount_point(const std::string&) override { return false; }
    bool has_processes(const Unit& unit) override {
        const auto [main, control] = own_of(unit);
        for (const auto& [pid, process] : alive)
            if (process.unit == unit.id() && pid != main && pid != control)
                return true;
        return false;
    }

    PidFile read_pid_file(const Unit&, const std::string& path) override {
        const auto found = pid_files.find(path);
        if (found == pid_files.end())
            return {0, "it is not there"};
        const pid_t pid = find(found->second);
        return {pid ? pid : stale_pid, ""};
    }
    void watch_pid_file(const Unit&, const std::string& path, bool watched) override {
        act(watched ? "watch" : "leave", path);
        if (watched)
            pid_files.merge(late_pid_files);
    }
    pid_t guess_main_pid(const Unit&) override { return guess; }
    pid_t find_stray(pid_t) override { return stray; }
    bool owns(const Unit& unit, pid_t pid) override {
        const auto found = alive.find(pid);
        return found != alive.end() && found->second.unit == unit.id();
    }
    bool watch_process(const Unit& unit, pid_t pid) override {
        const auto found = alive.find(pid);
        if (found != alive.end())
            found->second.watchers.insert(unit.id());
        return found != alive.end();
    }
    void watch_bus_name(const Unit& unit) override { act("ask the bus for", unit.id()); }
    void clean_up(const Unit& unit, bool will_restart) override {
        act(will_restart ? "tidy" : "clean", unit.id());
    }

    void store_fds(const Unit&, std::string_view name, bool polled) override {
        acts.push_back(util::concat("store ", name, polled ? " polled" : ""));
    }
    void remove_fds(const Unit&, std::string_view name) override { act("remove", name); }
    void release_fds(const Unit& unit) override { act("release", unit.id()); }

    bool open_sockets(const Unit& unit) override {
        if (cannot_listen)
            throw std::system_error(EADDRINUSE, std::generic_category(), "bind");
        if (has_no_owner)
            throw OwnerError(ESRCH, std::generic_category(), "SocketUser=nobody");
        act(opens_later ? "wait to open" : "open", unit.id());
        return !opens_later;
    }
    void watch_sockets(const Unit& unit, bool watched) override {
        if (watched && cannot_watch)
            throw std::system_error(EPERM, std::generic_category(), "epoll_ctl");
        act(watched ? "watch" : "leave", unit.id());
        is_watching = watched;
    }
    void close_sockets(const Unit& unit) override { act("close", unit.id()); }
    void flush_sockets(const Unit& unit) override { act("flush", unit.id()); }
    std::optional<Connection> accept(const Unit&, std::size_t) override {
        if (is_out_of_fds)
            throw std::system_error(EMFILE, std::generic_category(), "accept4");
        if (waiting.empty())
            return std::nullopt;
        const Connection connection = waiting.front();
        waiting.erase(waiting.begin());
        return connection;
    }
    void hand_over(const Unit&, const Unit& service) override { act("hand", service.id()); }
    void refuse(const Unit& socket) override { act("refuse", socket.id()); }
    void close_connection(const Unit& service) override { act("hang-up", service.id()); }

    std::uint64_t boot() const override { return epoch; }
    calendar::Zones& zones() override { return zones_; }
    std::uint64_t startup() const override { return epoch; }
    void wake(const Unit& timer, const WakeUp& wake_up) override {
        wake_ups.insert_or_assign(timer.id(), wake_up);
    }
    void cancel(const Unit& timer) override { wake_ups.erase(timer.id()); }
    std::uint64_t random(const Unit&) override { return random_number; }
    std::string stamp_path(const Unit& timer) const override { return "/stamp-" + timer.id(); }
    std::optional<std::uint64_t> read_stamp(const Unit& timer) override {
        const auto found = stamps.find(timer.id());
        return found == stamps.end() ? std::nullopt : std::optional(found->second);
    }
    std::error_code write_stamp(const Unit& timer, std::uint64_t realtime) override {
        if (is_read_only)
            return std::make_error_code(std::errc::read_only_file_system);
        stamps[timer.id()] = realtime;
        return {};
    }

    std::error_code watch(const Unit& path) override {
        if (watch_error)
            return watch_error;
        watched_paths.insert(path.id());
        if (!appears.empty())
            files.insert(std::exchange(appears, ""));
        return {};
    }
    void unwatch(const Unit& path) override { watched_paths.erase(path.id()); }
    bool exists(const std::string& path) override { return files.contains(path); }
    std::optional<std::string> find_match(const std::string& pattern) override {
        const std::string prefix = pattern.substr(0, pattern.find('*'));
        const auto found = files.lower_bound(prefix);
        return found != files.end() && found->starts_with(prefix) ? std::optional(*found)
                                                                  : std::nullopt;
    }
    bool has_files(const std::string& directory) override {
        return find_match(directory + "/*").has_value();
    }
    std::error_code make_directory(const std::string& path, mode_t mode) override {
        if (is_read_only)
            return std::make_error_code(std::errc::read_only_file_system);
        directories.push_back(util::concat(path, ' ', mode));
        return {};
    }

    void end(unit::EmergencyAction, int) override {}
    void announce(util::Severity, const Unit&, std::string_view) override {}
    void say(util::Severity severity, const Unit*, std::string_view text) override {
        said.emplace_back(text);
        severities.push_back(severity);
    }

    /// Returns the main and control process of a unit.
    std::function<std::pair<pid_t, pid_t>(const Unit&)> own_of = [](const Unit&) {
        return std::pair<pid_t, pid_t>{0, 0};
    };
    bool is_watching = false;

private:
    void act(std::string_view verb, std::string_view object) {
        acts.push_back(util::concat(verb, ' ', object));
    }

    pid_t last_pid_ = 100;
    calendar::Zones zones_;
};

}  // namespace notifybridge::unit_types::test
