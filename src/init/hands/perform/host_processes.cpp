#include "init/hands/perform/host_processes.hpp"

#include <sys/eventfd.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>

#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/pipe.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/severity_name.hpp"
#include "init/files/unit/environment.hpp"
#include "init/hands/execute/exec_directory.hpp"
#include "init/hands/execute/start.hpp"
#include "init/hands/execute/terminal_reset.hpp"
#include "init/hands/perform/passed_fds.hpp"

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

output::OutputFormat output_format(const unit::ExecSettings& exec, const unit::Command& command) {
    const auto number = [&](std::string_view directive, unsigned otherwise) {
        return util::parse_number<unsigned>(exec.kept->find(directive).value_or(""))
            .value_or(otherwise);
    };
    const char level = static_cast<char>('0' + number("SyslogLevel", LOG_INFO));
    return {.identifier = exec.syslog_identifier->empty()
                              ? std::string(util::base_name(command.path))
                              : *exec.syslog_identifier,
            .facility = number("SyslogFacility", output::daemon_facility),
            .severity = util::severity_of_priority(level),
            .has_priorities = exec.syslog_level_prefix};
}

bool is_one_of(const unit::Commands& commands, const unit::Command& command) {
    return std::ranges::any_of(commands,
                               [&](const unit::Command& one) { return &one == &command; });
}

/// Returns whether the command gets the terminal. As in systemd, the main process gets the
/// terminal, and also the commands before its start and after its end.
bool applies_terminal(const unit::ServiceSettings& service, const unit::Command& command) {
    return !is_one_of(service.exec_start_post, command) && !is_one_of(service.exec_reload, command)
           && !is_one_of(service.exec_stop, command);
}

}  // namespace

HostProcesses::HostProcesses(event::Loop& loop, HostState& state, PendingStarts& starts,
                             Reaper& reaper)
    : state_(state),
      starts_(starts),
      reaper_(reaper),
      pid_files_(loop, state),
      bus_(loop, state.poller, state.closer,
           process::environment_variable("DBUS_SYSTEM_BUS_ADDRESS").value_or("")) {}

execute::DynamicIds HostProcesses::acquire_ids(const manager::Unit& unit) {
    const unit::ExecSettings& exec = unit.settings().exec;
    if (!exec.dynamic_user)
        return {};
    std::string fault;
    const execute::DynamicIds ids =
        execute::acquire_ids(state_.dynamic_users, unit.key(), exec, state_.settings.facts, fault);
    if (!fault.empty())
        state_.say(util::Severity::error, &unit,
                   util::concat("cannot choose a user for DynamicUser=yes: ", fault));
    return ids;
}

system::Fd HostProcesses::idle_event() {
    if (!idle_event_)
        idle_event_ = system::UniqueFd(::eventfd(0, EFD_CLOEXEC));
    if (!idle_event_)
        system::throw_errno("eventfd");
    return idle_event_;
}

void HostProcesses::become_idle() {
    if (idle_event_)
        ::eventfd_write(idle_event_.get(), 1);
    // Waiting processes have copies of this descriptor. A later process gets a new descriptor, and
    // waits for the jobs that exist at that time.
    idle_event_.reset();
}

unit_types::StartedProcess HostProcesses::start_process(const unit_types::ProcessRequest& request) {
    const unit::Settings& settings = request.unit.settings();
    const std::string& key = request.unit.key();
    execute::StartRequest start{.exec = settings.exec,
                                .command = request.command,
                                .facts = state_.settings.facts,
                                .manager_environment = state_.settings.environment,
                                .ignored_signals = ignored_signals_};
    if (request.may_notify)
        start.environment.push_back(util::concat("NOTIFY_SOCKET=", state_.settings.notify_socket));
    pass_fds(state_, request, start);
    for (const std::string& variable : request.environment)
        unit::set_variable(start.environment, variable);
    system::Pipe log;
    if (goes_to_log(settings.exec->standard_output.kind)
        || goes_to_log(settings.exec->standard_error.kind))
        log = system::make_pipe();
    const system::UniqueFd group = state_.processes.group_of(key);
    start.log = log.writing;
    start.cgroup = group;
    start.mark = state_.processes.mark_of(key);
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
    execute::find_slow_mounts(start, mounts_);
    execute::Started started = execute::start(start);
    const pid_t pid = started.child.pid;
    state_.processes.add(key, pid, request.unit.invocation_id);
    reaper_.add(key, pid);
    if (log.reading)
        if (const auto error = state_.output.attach(key, pid, std::move(log.reading),
                                                    output_format(settings.exec, request.command)))
            // Only warn, because the program runs, although its output is lost.
            state_.say(
                util::Severity::warning, &request.unit,
                util::concat("the output of the unit is lost, because its pipe cannot be watched: ",
                             system::describe(error.value())));
    if (started.report) {
        starts_.follow(pid, request, std::move(started.report));
        return {pid, {}, true};
    }
    if (!started.failure)
        return {pid, {}};
    starts_.log_start_failure(request.unit, request.command.path, started.failure,
                              started.is_ignored);
    if (started.is_ignored)
        return {pid, {}};
    return {pid, {started.failure.error, std::generic_category()}};
}

bool HostProcesses::kill(const manager::Unit& unit, const unit_types::KillRequest& request) {
    return signal_unit(state_.processes, unit.key(), request, reaper_.others());
}

unit_types::Processes::PidFile HostProcesses::read_pid_file(const manager::Unit& unit,
                                                            const std::string& path) {
    auto [pid, fault] = pid_files_.read(unit, path);
    return {pid, std::move(fault)};
}

void HostProcesses::watch_pid_file(const manager::Unit& unit, const std::string& path,
                                   bool watched) {
    pid_files_.watch(unit, path, watched);
}

pid_t HostProcesses::guess_main_pid(const manager::Unit& unit) {
    return perform::guess_main_pid(state_.processes, unit.key());
}

pid_t HostProcesses::find_stray(pid_t started) {
    return state_.processes.stray_since(started);
}

bool HostProcesses::owns(const manager::Unit& unit, pid_t pid) {
    return reaper_.unit_of(pid) == unit.key();
}

bool HostProcesses::watch_process(const manager::Unit& unit, pid_t pid) {
    return reaper_.watch(unit.key(), pid);
}

void HostProcesses::watch_bus_name(const manager::Unit& unit) {
    bus_.watch(unit.key(), unit.settings().service.bus_name,
               [this, key = unit.key()](bool has_owner) {
                   state_.tell(key, [=](manager::Unit& told) { told.bus_name_changed(has_owner); });
               });
}

void HostProcesses::clean_up(const manager::Unit& unit, bool will_restart) {
    bus_.unwatch(unit.key());
    const std::string& pid_file = unit.settings().service.pid_file;
    if (!pid_file.empty())
        pid_files_.remove(unit, pid_file);
    execute::remove_runtime_directories(unit.settings().exec, state_.settings.facts, will_restart);
    state_.dynamic_users.release(unit.key());
    execute::reset_terminal(execute::terminal_reset_of(unit.settings().exec));
    // If KillMode= spared processes, keep the data about them, because they still belong to the
    // unit.
    if (!state_.processes.any_runs(unit.key(), [](pid_t) { return true; }))
        state_.processes.forget(unit.key());
}

void HostProcesses::forget(const manager::Unit& unit) {
    bus_.unwatch(unit.key());
    state_.processes.forget(unit.key());
    state_.dynamic_users.release(unit.key());
}

}  // namespace notifybridge::perform
