#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/service.hpp"

/// Starts a service's processes, and finds its main process.
namespace notifybridge::unit_types {

using util::concat;

namespace {

/// Adds the variables EXIT_CODE, EXIT_STATUS and SERVICE_RESULT of systemd.exec(5). Each name
/// begins with `prefix`.
void add_result(std::vector<std::string>& environment, std::string_view prefix, Result result,
                const ExecStatus& main) {
    environment.push_back(concat(prefix, "SERVICE_RESULT=", to_string(result)));
    if (!main.has_ended)
        return;
    environment.push_back(concat(prefix, "EXIT_CODE=", main.code_name()));
    environment.push_back(concat(prefix, "EXIT_STATUS=", main.number_name()));
}

/// Returns the state in which commands of this kind run.
ServiceState state_of(CommandKind kind) {
    using State = ServiceState;
    constexpr State states[] = {State::condition,  State::start_pre, State::start,
                                State::start_post, State::reload,    State::stop,
                                State::stop_post};
    return states[static_cast<std::size_t>(kind)];
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

std::vector<std::string> Service::environment(CommandKind kind) const {
    std::vector<std::string> environment;
    for (const manager::Unit* const trigger : dependencies.list(manager::Relation::triggered_by))
        for (std::string& assignment : trigger->trigger_environment())
            environment.push_back(std::move(assignment));
    if (service().restart_mode == unit::RestartMode::debug && restarts_ > 0)
        environment.push_back("DEBUG_INVOCATION=1");
    if (main_.pid() > 0)
        environment.push_back(concat("MAINPID=", main_.pid()));
    if (!service().pid_file->empty())
        environment.push_back(concat("PIDFILE=", *service().pid_file));
    if (kind == CommandKind::stop || kind == CommandKind::stop_post)
        add_result(environment, "", result_, exec_main_);
    if (kind == CommandKind::start_pre || kind == CommandKind::start)
        if (const manager::Unit* const monitored = engine().monitored_by(*this))
            for (std::string& assignment : monitored->monitor_environment())
                environment.push_back(std::move(assignment));
    return environment;
}

void Service::settings_replaced(const unit::Settings& before) {
    ProcessUnit::settings_replaced(before);
    main_.list_replaced(commands_of(before, main_.kind()), list(main_.kind()));
}

/// Starts the first command of this kind, and enters the state for it. Returns false if the command
/// does not start.
bool Service::begin(CommandKind kind) {
    if (!run(kind, 0))
        return false;
    set_state(state_of(kind));
    return true;
}

/// Starts a command, and restarts the time limit of the state. Returns nullopt if there is no such
/// command, or if the start fails.
std::optional<StartedProcess> Service::run(CommandKind kind, std::size_t index) {
    const unit::Commands& listed = list(kind);
    if (index >= listed.size())
        return std::nullopt;
    const bool is_start = kind == CommandKind::start;
    const unit::NotifyAccess access = notify_access();
    ProcessRequest request{
        .unit = *this, .command = listed[index], .environment = environment(kind)};
    request.is_control = !is_start;
    request.applies_permissions = is_start || !service().permissions_start_only;
    request.passes_fds = is_start;
    request.is_idle = is_start && service().type == unit::ServiceType::idle;
    request.may_notify = access == unit::NotifyAccess::all || access == unit::NotifyAccess::exec
                         || (is_start && access == unit::NotifyAccess::main);
    if (request.may_notify && service().file_descriptor_store_max > 0)
        request.environment.push_back(concat("FDSTORE=", service().file_descriptor_store_max));
    if (is_start)
        request.watchdog = watchdog_.span();
    arm(state_of(kind));
    const bool is_main = is_start && service().type != unit::ServiceType::forking;
    const auto started = (is_main ? main_ : control_).start(processes_, request, kind, index);
    if (started && is_main) {
        exec_main_ = main_.last_run(kind, index);
        main_pid_known_ = true;
    }
    return started;
}

bool Service::run_next_control() {
    const auto next = next_control();
    if (!next)
        return false;
    control_.forget();
    if (!run(control_.kind(), *next))
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
    if (main_.next() >= service().exec_start->size())
        return false;
    if (!run(CommandKind::start, main_.next()))
        enter_stop(Result::resources);
    return true;
}

void Service::set_main_pid(pid_t pid) {
    exec_main_ = ExecStatus::started(pid, now());
    main_.set_pid(pid);
    main_pid_known_ = true;
}

Service::Life Service::main_life() const {
    if (!main_pid_known_)
        return Life::unknown;
    return main_.pid() > 0 ? Life::alive : Life::dead;
}

/// Returns whether the service has its bus name and its main process. If the main process is not
/// known, any process of the unit suffices.
bool Service::is_good() const {
    if (is_on_bus() && !has_bus_name_)
        return false;
    const Life life = main_life();
    return life == Life::alive || (life == Life::unknown && surroundings().has_processes(*this));
}

Service::PidFileOutcome Service::load_pid_file(bool explains) {
    const std::string& path = service().pid_file;
    if (path.empty())
        return PidFileOutcome::none;
    const Processes::PidFile file = processes_.read_pid_file(*this, path);
    if (file.pid > 0 && main_pid_known_ && file.pid == main_.pid())
        return PidFileOutcome::same;
    const bool is_usable =
        file.pid > 1 && file.pid != control_.pid() && processes_.watch_process(*this, file.pid);
    if (!is_usable) {
        if (explains)
            say(util::Severity::info,
                concat("cannot use PID file ", path, " yet: ",
                       file.fault.empty() ? "its process cannot be watched" : file.fault, '.'));
        return PidFileOutcome::none;
    }
    set_main_pid(file.pid);
    return PidFileOutcome::changed;
}

/// Waits for the PID file. Returns false if there is no process that could write it.
bool Service::demand_pid_file() {
    waits_for_pid_file_ = true;
    processes_.watch_pid_file(*this, service().pid_file, true);
    // The file may have been written before the watch began.
    pid_file_changed();
    return !waits_for_pid_file_ || surroundings().has_processes(*this);
}

void Service::pid_file_changed() {
    if (waits_for_pid_file_ && load_pid_file(false) != PidFileOutcome::none)
        enter_running(Result::success);
}

/// Applies GuessMainPID= (systemd.service(5)).
void Service::find_main_pid() {
    if (main_pid_known_ || !service().guess_main_pid)
        return;
    const pid_t pid = processes_.guess_main_pid(*this);
    if (pid > 1 && processes_.watch_process(*this, pid))
        set_main_pid(pid);
}

/// Returns whether the daemon of a service with Type=forking seems to be lost. This is so if none
/// of the unit's processes is left, but a stray process may be the daemon.
bool Service::has_lost_daemon() {
    if (is_good() || service().remain_after_exit)
        return false;
    const pid_t stray = processes_.find_stray(control_.last_run(CommandKind::start, 0).pid);
    if (stray == 0)
        return false;
    warn(concat(
        "process ", stray,
        " may be the daemon, but its unit is unknown (see \"Processes of "
        "a unit\" in notifybridge-init(1)); set PIDFile=, or run the daemon in the foreground."));
    return true;
}

}  // namespace notifybridge::unit_types
