#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ranges>

#include "base/system/error.hpp"
#include "base/system/pidfd.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "init/execute/start.hpp"
#include "init/execute/start_report.hpp"
#include "init/perform/host.hpp"
#include "init/perform/pid_file.hpp"

namespace notifybridge::perform {
namespace {

bool goes_to_log(unit::OutputKind kind) {
    switch (kind) {
        case unit::OutputKind::journal:
        case unit::OutputKind::journal_and_console:
        case unit::OutputKind::kmsg:
        case unit::OutputKind::kmsg_and_console:
            return true;
        default:
            return false;
    }
}

bool is_one_of(const unit::Commands& commands, const unit::Command& command) {
    return std::ranges::any_of(commands,
                               [&](const unit::Command& one) { return &one == &command; });
}

/// systemd gives the terminal to main, and to commands that run before its start and after its end.
bool applies_terminal(const unit::ServiceSettings& service, const unit::Command& command) {
    return !is_one_of(service.exec_start_post, command) && !is_one_of(service.exec_reload, command)
           && !is_one_of(service.exec_stop, command);
}

}  // namespace

/// Adds the socket of StandardInput=socket, or those of LISTEN_FDS, and the descriptor store.
void Host::collect_fds(const unit_types::ProcessRequest& request, execute::StartRequest& start) {
    const bool is_inetd = execute::uses_socket(request.unit.settings().exec);
    if (!request.passes_fds && !is_inetd)
        return;
    const Possessions* const own = possessions_of(request.unit);
    std::vector<execute::NamedFd> sockets;
    if (own && own->connection) {
        sockets.push_back({own->connection, "connection"});
        for (std::string& variable : listen::remote_variables(own->connection))
            start.environment.push_back(std::move(variable));
    } else {
        sockets = sockets_of(request.unit);
    }
    if (is_inetd) {
        if (sockets.size() != 1)
            system::throw_error(EINVAL,
                                "one socket is what StandardInput=socket takes, and there "
                                "is not one");
        start.socket = sockets.front().fd;
        // A program expects to wait for its standard input, whatever NonBlocking= says.
        const int flags = ::fcntl(start.socket.get(), F_GETFL);
        ::fcntl(start.socket.get(), F_SETFL, flags & ~O_NONBLOCK);
    } else {
        start.fds = std::move(sockets);
    }
    // systemd passes the descriptor first that was stored last.
    if (request.passes_fds && own)
        for (const FdStore::Stored& stored : own->stored.all() | std::views::reverse)
            start.fds.push_back({stored.fd, stored.name, false});
}

execute::DynamicIds Host::acquire_ids(const manager::Unit& unit) {
    const unit::ExecSettings& exec = unit.settings().exec;
    if (!exec.dynamic_user)
        return {};
    std::string fault;
    const execute::DynamicIds ids =
        execute::acquire_ids(dynamic_users_, unit.key(), exec, settings_.facts, fault);
    if (!fault.empty())
        say(util::Severity::error, &unit, util::concat("No DynamicUser=: ", fault));
    return ids;
}

system::Fd Host::idle_event() {
    if (!idle_event_)
        idle_event_ = system::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    if (!idle_event_)
        system::throw_errno("eventfd");
    return idle_event_;
}

void Host::become_idle() {
    if (idle_event_)
        ::eventfd_write(idle_event_.get(), 1);
    // Processes that wait have a copy; a later one waits for the jobs of its time.
    idle_event_.reset();
}

unit_types::StartedProcess Host::start_process(const unit_types::ProcessRequest& request) {
    const unit::Settings& settings = request.unit.settings();
    const std::string& key = request.unit.key();
    execute::StartRequest start{.exec = settings.exec,
                                .command = request.command,
                                .facts = settings_.facts,
                                .manager_environment = settings_.environment,
                                .ignored_signals = ignored_signals_};
    if (request.may_notify)
        start.environment.push_back(util::concat("NOTIFY_SOCKET=", settings_.notify_socket));
    collect_fds(request, start);
    for (const std::string& variable : request.environment)
        unit::set_variable(start.environment, variable);
    system::Pipe log;
    if (goes_to_log(settings.exec->standard_output.kind)
        || goes_to_log(settings.exec->standard_error.kind))
        log = system::make_pipe();
    const system::UniqueFd group = processes_.group_of(key);
    start.log = log.writing;
    start.cgroup = group;
    if (request.is_idle)
        start.idle = idle_event();
    start.non_blocking = settings.service.non_blocking;
    start.applies_permissions = request.applies_permissions;
    start.applies_root = !request.is_control || !settings.service.root_directory_start_only;
    start.dynamic = acquire_ids(request.unit);
    start.applies_terminal =
        !request.is_control || applies_terminal(settings.service, request.command);
    start.watchdog = request.watchdog;
    start.invocation_id = request.unit.invocation_id;
    execute::look_for_slow_mounts(start, mounts_);
    execute::Started started = execute::start(start);
    const pid_t pid = started.child.pid;
    processes_.add(key, pid, request.unit.invocation_id);
    children_[pid] = key;
    if (settings.service.type == unit::ServiceType::forking) {
        forking_.insert(pid);
        look_after_forks();
    }
    if (log.reading)
        if (const auto error = output_.attach(key, pid, std::move(log.reading),
                                              settings.exec->syslog_level_prefix))
            // The process runs anyway.
            say(util::Severity::warning, &request.unit,
                util::concat("What it writes is lost: ", system::describe(error.value())));
    if (started.report) {
        follow_start(pid, request, std::move(started.report));
        return {pid, {}, true};
    }
    if (!started.failure)
        return {pid, {}};
    say_of_failure(request.unit, request.command.path, started.failure, started.is_ignored);
    if (started.is_ignored)
        return {pid, {}};
    return {pid, {started.failure.error, std::generic_category()}};
}

void Host::say_of_failure(const manager::Unit& unit, const std::string& program,
                          const execute::Failure& failure, bool is_ignored) {
    if (is_ignored)
        say(util::Severity::info, &unit,
            util::concat("Executable ", program,
                         " missing, skipping: ", system::describe(failure.error)));
    else
        say(util::Severity::error, &unit, execute::describe(failure, program));
}

void Host::follow_start(pid_t pid, const unit_types::ProcessRequest& request,
                        system::UniqueFd report) {
    const auto error = poller_.add(report, EPOLLIN, [this, pid] { read_report(pid); });
    // The report is read at the process's end at the latest.
    if (error)
        say(util::Severity::warning, &request.unit,
            util::concat("When it executes its program is not seen: ",
                         system::describe(error.value())));
    starting_[pid] = {request.unit.key(), request.command.path, std::move(report), {}};
}

/// Must be called when the report is readable, and before the process's end is reported.
void Host::read_report(pid_t pid) {
    const auto found = starting_.find(pid);
    if (found == starting_.end())
        return;
    char buffer[PIPE_BUF];
    ssize_t size;
    while ((size = ::read(found->second.report.get(), buffer, sizeof buffer)) > 0)
        found->second.written.append(buffer, static_cast<std::size_t>(size));
    if (size < 0)
        return;  // More is to come.
    const Starting starting = std::move(starting_.extract(found).mapped());
    poller_.remove(starting.report);
    const execute::StartReport report = execute::parse_report(starting.written);
    if (report.kind == execute::StartReport::Kind::executed)
        processes_.executed(starting.unit, pid);
    tell(starting.unit, [&](manager::Unit& unit) {
        switch (report.kind) {
            case execute::StartReport::Kind::vanished:
                break;
            case execute::StartReport::Kind::executed:
                unit.process_executed(pid);
                break;
            case execute::StartReport::Kind::failed:
                say_of_failure(unit, starting.program, report.failure, report.is_ignored);
                break;
            case execute::StartReport::Kind::refused:
                say(util::Severity::warning, &unit,
                    util::concat(starting.program, " cannot be run: ", report.reason, '.'));
                unit.process_refused(pid);
                break;
        }
    });
}

/// Every ten milliseconds: a program that waits for its daemon takes longer, and a look reads one
/// small file.
void Host::look_after_forks() {
    constexpr std::chrono::milliseconds interval(10);
    processes_.look_around();
    if (!forking_.empty())
        next_look_.start(interval);
}

bool Host::kill(const manager::Unit& unit, const unit_types::KillRequest& request) {
    return signal_unit(processes_, unit.key(), request, others_);
}

bool Host::has_processes(const manager::Unit& unit) {
    const auto own = unit.own_processes().value_or(manager::OwnProcesses{});
    return processes_.any_runs(unit.key(), [&](pid_t pid) { return !own.has(pid); });
}

pid_t Host::guess_main_pid(const manager::Unit& unit) {
    return perform::guess_main_pid(processes_, unit.key());
}

/// A child that we started, and that is in no group yet, or no longer, as a zombie, belongs to the
/// unit that it was started for.
std::string Host::key_of(pid_t pid) {
    std::string key = processes_.unit_of(pid);
    const auto child = key.empty() ? children_.find(pid) : children_.end();
    return child == children_.end() ? key : child->second;
}

bool Host::owns(const manager::Unit& unit, pid_t pid) {
    return key_of(pid) == unit.key();
}

bool Host::watch_process(const manager::Unit& unit, pid_t pid) {
    const auto process = find_process(pid);
    if (!process || pid == ::getpid())
        return false;
    const bool will_be_reaped = process->parent == ::getpid();
    if (!will_be_reaped && !others_.count(pid) && !watch_other(pid))
        return false;
    processes_.adopt(unit.key(), pid);
    // The unit that it was started for is told anyway.
    const auto child = children_.find(pid);
    if (child == children_.end() || child->second != unit.key())
        watchers_[pid].insert(unit.key());
    return true;
}

bool Host::watch_other(pid_t pid) {
    auto pidfd = system::open_pidfd(pid);
    if (!pidfd)
        return false;
    const auto on_end_of_it = [this, pid] {
        const auto ended = others_.extract(pid);
        poller_.remove(ended.mapped());
        // It may have been reparented to us since, and SIGCHLD tells how it ended.
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) < 0)
            tell_if_none_is_left(tell_of_end({pid, {}, false}));
    };
    if (poller_.add(*pidfd, EPOLLIN, on_end_of_it))
        return false;
    others_[pid] = std::move(*pidfd);
    return true;
}

/// Reaps a process, and tells the units that it was of, which are returned.
std::set<std::string> Host::tell_of_end(const EndedProcess& ended) {
    read_report(ended.pid);
    std::set<std::string> units{processes_.unit_of(ended.pid)};
    // A process that we started may have gone to another unit's group.
    if (const auto child = children_.extract(ended.pid))
        units.insert(child.mapped());
    forking_.erase(ended.pid);
    if (auto watchers = watchers_.extract(ended.pid))
        units.merge(watchers.mapped());
    processes_.remove(ended.pid);
    reap(ended.pid);
    for (const std::string& key : units)
        tell(key, [&](manager::Unit& unit) {
            unit.process_ended(ended.pid, ended.status, ended.dumped_core);
        });
    return units;
}

/// A unit's orphans become our children, so that the end of its last process comes here.
void Host::tell_if_none_is_left(const std::set<std::string>& units) {
    for (const std::string& key : units)
        tell(key, [&](manager::Unit& unit) {
            if (!processes_.is_any_left(key))
                unit.processes_gone();
        });
}

/// Ten thousand that end at once would take a second, so one turn reaps only some.
bool Host::reap_children() {
    constexpr int most = 64;
    std::set<std::string> units;
    int count = 0;
    for (; count < most; ++count) {
        const auto ended = next_ended();
        if (!ended)
            break;
        if (count == 0)
            output_.catch_up();
        units.merge(tell_of_end(*ended));
    }
    tell_if_none_is_left(units);
    if (count > 0 && on_events)
        on_events();
    return count == most;
}

}  // namespace notifybridge::perform
