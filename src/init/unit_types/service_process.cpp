#include <system_error>

#include "base/util/concat.hpp"
#include "init/manager/engine.hpp"
#include "init/unit_types/find_again.hpp"
#include "init/unit_types/service.hpp"

/// The processes that a service starts, what they are told, and which one is its main process.
namespace notifybridge::unit_types {

using util::concat;

namespace {

/// EXIT_CODE and EXIT_STATUS of systemd.exec(5), with `prefix`, and the result.
void add_result(std::vector<std::string>& environment, std::string_view prefix,
                ServiceResult result, const ExecStatus& main) {
    environment.push_back(concat(prefix, "SERVICE_RESULT=", to_string(result)));
    if (!main.has_ended)
        return;
    environment.push_back(concat(prefix, "EXIT_CODE=", main.code_name()));
    environment.push_back(concat(prefix, "EXIT_STATUS=", main.number_name()));
}

}  // namespace

std::vector<std::string> Service::monitor_environment() const {
    std::vector<std::string> environment;
    add_result(environment, "MONITOR_", result_, exec_main_);
    if (!invocation_id.empty())
        environment.push_back(concat("MONITOR_INVOCATION_ID=", invocation_id));
    environment.push_back(concat("MONITOR_UNIT=", id()));
    return environment;
}

std::vector<std::string> Service::environment(ServiceCommand kind) const {
    std::vector<std::string> environment;
    if (main_pid_ > 0)
        environment.push_back(concat("MAINPID=", main_pid_));
    if (!service().pid_file->empty())
        environment.push_back(concat("PIDFILE=", *service().pid_file));
    if (kind == ServiceCommand::stop || kind == ServiceCommand::stop_post)
        add_result(environment, "", result_, exec_main_);
    if (kind == ServiceCommand::start_pre || kind == ServiceCommand::start)
        if (const manager::Unit* const monitored = engine().monitored_by(*this))
            for (std::string& assignment : monitored->monitor_environment())
                environment.push_back(std::move(assignment));
    return environment;
}

const unit::Command* Service::command(ServiceCommand kind, std::size_t index) const {
    const unit::Commands& list = commands(service(), kind);
    return index < list.size() ? &list[index] : nullptr;
}

std::optional<std::size_t> Service::find_again(const unit::Settings& before, ServiceCommand kind,
                                               std::size_t index) const {
    return unit_types::find_again(commands(before.service, kind), index, commands(service(), kind));
}

/// The lists go on after what runs, wherever it is in them now; where it is nowhere, they end with
/// it. What is known of the runs is of the lists that were, and let go as in systemd.
void Service::settings_replaced(const unit::Settings& before) {
    exec_statuses_ = {};
    if (main_command_)
        main_command_ = find_again(before, ServiceCommand::start, *main_command_);
    if (!control_command_)
        return;
    const ServiceCommand kind = control_command_->kind;
    if (const auto index = find_again(before, kind, control_command_->index))
        control_command_->index = *index;
    else
        control_command_.reset();
}

ExecStatus* Service::slot(ServiceCommand kind, std::size_t index) {
    auto& statuses = exec_statuses_[static_cast<std::size_t>(kind)].edit();
    if (statuses.size() <= index)
        statuses.resize(index + 1);
    return &statuses[index];
}

/// Enters the state in which commands of this kind run, with the first of them.
bool Service::begin(ServiceCommand kind) {
    if (!run(kind, 0))
        return false;
    set_state(state_of(kind));
    return true;
}

/// Starts a command, which has the whole time of its state. False where there can be no process.
bool Service::run(ServiceCommand kind, std::size_t index, manager::StartedProcess* how) {
    const unit::Command* const what = command(kind, index);
    if (!what)
        return false;
    const bool is_start = kind == ServiceCommand::start;
    const unit::NotifyAccess access = notify_access();
    manager::ProcessRequest request{
        .unit = *this, .command = *what, .environment = environment(kind)};
    request.is_control = !is_start;
    request.applies_permissions = is_start || !service().permissions_start_only;
    request.passes_fds = is_start;
    request.is_idle = is_start && service().type == unit::ServiceType::idle;
    request.may_notify = access == unit::NotifyAccess::all || access == unit::NotifyAccess::exec
                         || (is_start && access == unit::NotifyAccess::main);
    if (is_start)
        request.watchdog = watchdog_.span();
    arm(state_of(kind));

    manager::StartedProcess started;
    try {
        started = performer().start_process(request);
    } catch (const std::system_error& error) {
        warn(concat(to_string(kind), "= cannot be run: ", error.what(), '.'));
        return false;
    }
    if (how)
        *how = started;
    *slot(kind, index) = ExecStatus::started(started.pid, now());
    if (is_start && service().type != unit::ServiceType::forking) {
        main_command_ = index;
        set_main_pid(started.pid);
    } else {
        control_command_ = Control{kind, index};
        control_pid_ = started.pid;
    }
    return true;
}

bool Service::run_next_control() {
    const Control next{control_command_->kind, control_command_->index + 1};
    if (!command(next.kind, next.index))
        return false;
    forget_control();
    if (!run(next.kind, next.index))
        failed_next_control();
    return true;
}

void Service::failed_next_control() {
    if (state_ == State::reload) {
        reload_result_ = Result::resources;
        enter_running(Result::success);
    } else if (state_ == State::stop_post) {
        enter_dead(Result::resources, true);
    } else {
        enter_signal(State::stop_sigterm, Result::resources);
    }
}

bool Service::run_next_main() {
    const std::size_t next = *main_command_ + 1;
    if (!command(ServiceCommand::start, next))
        return false;
    if (!run(ServiceCommand::start, next))
        enter_stop(Result::resources);
    return true;
}

void Service::forget_main() {
    main_pid_ = 0;
}

void Service::forget_control() {
    control_pid_ = 0;
}

void Service::set_main_pid(pid_t pid) {
    if (pid <= 1 || (main_pid_ == pid && main_pid_known_))
        return;
    if (main_pid_ != pid)
        exec_main_ = ExecStatus::started(pid, now());
    main_pid_ = pid;
    main_pid_known_ = true;
}

Service::Life Service::main_life() const {
    if (!main_pid_known_)
        return Life::unknown;
    return main_pid_ > 0 ? Life::alive : Life::dead;
}

/// Whether what it is for is still there. Where main is not known, any process will do.
bool Service::is_good() const {
    if (is_on_bus() && !has_bus_name_)
        return false;
    const Life life = main_life();
    return life == Life::alive || (life == Life::unknown && performer().has_processes(*this));
}

Service::PidFileOutcome Service::load_pid_file(bool explains) {
    const std::string& path = service().pid_file;
    if (path.empty())
        return PidFileOutcome::none;
    const manager::Performer::PidFile file = performer().read_pid_file(*this, path);
    if (file.pid > 0 && main_pid_known_ && file.pid == main_pid_)
        return PidFileOutcome::same;
    const bool is_usable =
        file.pid > 1 && file.pid != control_pid_ && performer().watch_process(*this, file.pid);
    if (!is_usable) {
        if (explains)
            performer().say(
                util::Severity::info, this,
                concat("PID file ", path, " is of no use: ",
                       file.fault.empty() ? "it names another process" : file.fault, '.'));
        return PidFileOutcome::none;
    }
    set_main_pid(file.pid);
    return PidFileOutcome::changed;
}

/// Waits for the PID file. False where there is no process that could write it.
bool Service::demand_pid_file() {
    waits_for_pid_file_ = true;
    performer().watch_pid_file(*this, service().pid_file, true);
    // It may have come before it was watched.
    pid_file_changed();
    return !waits_for_pid_file_ || performer().has_processes(*this);
}

void Service::pid_file_changed() {
    if (waits_for_pid_file_ && load_pid_file(false) != PidFileOutcome::none)
        enter_running(Result::success);
}

/// systemd.service(5), GuessMainPID=.
void Service::find_main_pid() {
    if (main_pid_known_ || !service().guess_main_pid)
        return;
    const pid_t pid = performer().guess_main_pid(*this);
    if (pid > 1 && performer().watch_process(*this, pid))
        set_main_pid(pid);
}

}  // namespace notifybridge::unit_types
