#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <thread>

#include "channel/directory.hpp"
#include "cli/log.hpp"
#include "event/deadline.hpp"
#include "process/supervisor.hpp"
#include "relay/wait_plan.hpp"
#include "subcommands.hpp"
#include "system/lock.hpp"
#include "system/sandbox.hpp"
#include "util/concat.hpp"
#include "util/escape.hpp"
#include "util/log.hpp"
#include "util/time_span.hpp"
#include "wait_settings.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// What a container is asked to end by; other signals are the command's own business.
constexpr std::array stop_signals = {SIGTERM, SIGINT, SIGQUIT};
/// After a command that exited 0: how long a container that it detached from may take to come up.
constexpr std::chrono::seconds detached_run_grace(1);
/// How long the lock of a `wait` that is gone may still be held, and how often it is tried.
constexpr std::chrono::milliseconds killed_wait_patience(1000);
constexpr std::chrono::milliseconds killed_wait_pause(10);

/// Keeps what systemd passed to us for ourselves: container runtimes act on it.
void keep_from_command(process::Environment& environment) {
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID",
                                   "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "FDSTORE"})
        environment.unset(name);
}

bool is_gone(std::int64_t pid) {
    return pid > 0 && pid <= std::numeric_limits<pid_t>::max()
           && ::kill(static_cast<pid_t>(pid), 0) < 0 && errno == ESRCH;
}

/// Opens the directory, and refuses it where another `wait` has it.
system::UniqueFd open_directory(const WaitSettings& settings) {
    system::UniqueFd directory = channel::open_for_host(settings.shared_directory, settings.owner);
    if (system::take_directory_lock(directory))
        return directory;
    channel::HostFileReader host(directory);
    const auto other = host.refresh() ? host.read() : std::nullopt;
    // One that was killed as it started its command left the lock to that child, which drops it
    // when it executes the command.
    const bool about_to_be_free = other && is_gone(other->facts.pid);
    for (auto left = killed_wait_patience; about_to_be_free && left.count() > 0;
         left -= killed_wait_pause) {
        std::this_thread::sleep_for(killed_wait_pause);
        if (system::take_directory_lock(directory))
            return directory;
    }
    throw channel::DirectoryError(concat(
        "shared directory ", util::quote(settings.shared_directory),
        other ? concat(": in use by another wait (pid ", other->facts.pid, "); stop it")
              : ": locked by another process, as by a wait that begins; find it with `lslocks`",
        ", or give this one a directory of its own with --shared-dir"));
}

class Wait {
public:
    explicit Wait(WaitSettings settings);

    process::ExitStatus run();

private:
    void start_command();
    void enter_sandbox() const;
    void command_ended(process::ExitStatus status);
    bool nothing_is_left_to_end();
    void limit_patience();
    void ready();
    void signalled(int signal);
    void take_next_step();
    void detached();
    void await_detached_run();
    void timed_out();
    void stop(int signal);
    void ask_run_to_stop(int signal);
    void stop_timed_out();
    void directory_gone();
    void finish(process::ExitStatus status);
    process::ExitStatus final_status(process::ExitStatus status) const;

    WaitSettings settings_;
    event::Loop loop_;
    process::Supervisor supervisor_;
    system::UniqueFd directory_;
    relay::Uplink uplink_;
    relay::Courier courier_;
    event::Deadline deadline_;
    event::Timer grace_;
    event::Deadline stop_deadline_;
    relay::WaitFacts facts_;
    std::optional<process::ExitStatus> command_end_;  ///< In `facts_` once all it did was read.
    bool ready_ = false;
    bool stopping_ = false;
    bool asked_run_ = false;
    bool timed_out_ = false;
    bool patience_is_limited_ = false;
    process::ExitStatus result_;
};

Wait::Wait(WaitSettings settings)
    : settings_(std::move(settings)),
      supervisor_(loop_, /*adopt_orphans=*/false),
      directory_(open_directory(settings_)),
      uplink_(loop_, settings_.manager),
      courier_(loop_, directory_, settings_.courier, settings_.policy, uplink_,
               std::move(settings_.fds), settings_.reasons.get()),
      deadline_(loop_),
      grace_(loop_),
      stop_deadline_(loop_) {
    facts_.has_command = !settings_.command.empty();
    facts_.keeps_attached = settings_.keep;
    supervisor_.on_end = [this](process::ExitStatus status) { command_ended(status); };
    supervisor_.on_unclaimed_signal = [this](int signal) { signalled(signal); };
    courier_.forwarder().on_ready = [this] { ready(); };
    courier_.command_runs = [this] { return supervisor_.running(); };
    courier_.on_run_change = [this] { take_next_step(); };
    courier_.on_directory_gone = [this] { directory_gone(); };
    courier_.on_looked = [this] {
        facts_.command_end = command_end_;
        take_next_step();
    };
    courier_.forwarder().on_extend_timeout = [this](std::chrono::microseconds span) {
        deadline_.extend(span);
        stop_deadline_.extend(span);
    };
    deadline_.on_expired = [this] { timed_out(); };
    stop_deadline_.on_expired = [this] { stop_timed_out(); };
}

process::ExitStatus Wait::run() {
    util::log(Severity::info, Topic::process, "Shared directory: ", settings_.shared_directory);
    if (!uplink_.has_manager())
        util::log(Severity::warning, Topic::messages,
                  "NOTIFY_SOCKET is not set: nothing is sent, and what would be is shown; under "
                  "systemd, use Type=notify");
    make_files(settings_.shared_directory, [this] { courier_.announce(); });
    loop_.spawn([this] { return supervisor_.run(); });
    deadline_.start(settings_.timeout);
    if (facts_.has_command)
        start_command();
    if (settings_.sandbox)
        enter_sandbox();
    loop_.spawn([this] { return courier_.run(); });
    run_beside_command(loop_, supervisor_);
    if (settings_.until_ready && ready_)
        courier_.leave();
    else
        courier_.withdraw();
    return result_;
}

void Wait::start_command() {
    util::log(Severity::info, Topic::process,
              "Starting host waiter for container command: ", settings_.command.front());
    process::Command command;
    command.arguments = settings_.command;
    process::Environment environment = process::Environment::inherited();
    keep_from_command(environment);
    environment.set("SHARED_DIR", whole_path(settings_.shared_directory));
    command.environment = std::move(environment);
    try {
        supervisor_.start(std::move(command));
        util::log(Severity::info, Topic::process, "Container started with PID ", supervisor_.pid());
    } catch (const std::system_error& error) {
        finish(report_spawn_failure(settings_.command.front(), error.code(),
                                    "check its path, and PATH"));
    }
}

/// The command runs by now, and keeps its rights. Of what a container wrote, only a journal's
/// header and the file "host", as they were left from before, were read outside.
void Wait::enter_sandbox() const {
    cli::prepare_log();
    system::SandboxOptions sandbox;
    sandbox.directory = directory_;
    sandbox.reads_processes = settings_.courier.translates_main_pid;
    util::log(Severity::info, Topic::process,
              "Only what is needed from here on: ", system::narrow(sandbox).summary());
}

void Wait::command_ended(process::ExitStatus status) {
    util::log(Severity::info, Topic::process, "The command ", process::describe(status));
    command_end_ = status;
    if (status.success())
        courier_.adopt_older();
    if (nothing_is_left_to_end())
        limit_patience();
    // What the container said last may not have been read yet, nor even its journal been seen.
    courier_.look_again();
}

bool Wait::nothing_is_left_to_end() {
    return command_end_ && !courier_.writer_lives();
}

/// Nobody is left but us, and nothing to wait for but a manager that may never come.
void Wait::limit_patience() {
    if (!std::exchange(patience_is_limited_, true))
        uplink_.limit_patience(settings_.stop_timeout);
}

void Wait::ready() {
    ready_ = true;
    deadline_.cancel();
    if (settings_.until_ready)
        finish(process::ExitStatus::exited(0));
}

void Wait::signalled(int signal) {
    if (!facts_.has_command) {
        util::log(Severity::info, Topic::process, process::signal_name(signal),
                  ": the container goes on without us");
        finish(process::ExitStatus::exited(0));
    } else if (std::ranges::find(stop_signals, signal) != stop_signals.end()) {
        // The command is gone, and the container that it left behind is what the signal is for.
        stop(signal);
    } else {
        util::log(Severity::warning, Topic::process, process::signal_name(signal),
                  " cannot be passed on to a container that the command detached from");
    }
}

void Wait::take_next_step() {
    facts_.run = courier_.phase();
    facts_.run_end = courier_.end();
    if (!facts_.detached && facts_.command_end && facts_.command_end->success()
        && facts_.run == relay::RunPhase::live)
        detached();
    const relay::WaitStep step = relay::next_step(facts_);
    switch (step.action) {
        case relay::WaitStep::Action::go_on:
            break;
        case relay::WaitStep::Action::await_run:
            await_detached_run();
            break;
        case relay::WaitStep::Action::stop_run:
            stop(SIGTERM);
            break;
        case relay::WaitStep::Action::finish:
            finish(step.status);
            break;
    }
}

/// The command is done, and the container that it started goes on.
void Wait::detached() {
    facts_.detached = true;
    // A runtime's client that is about to exit with 0 loses what is sent to it.
    for (const int signal : stop_signals)
        if (supervisor_.received().test(static_cast<std::size_t>(signal)))
            stop(signal);
}

void Wait::await_detached_run() {
    loop_.spawn([this]() -> event::Awaitable<> {
        const bool over = co_await grace_.sleep(detached_run_grace);
        facts_.grace_over = facts_.grace_over || over;
        if (over)
            take_next_step();
    });
}

void Wait::timed_out() {
    // It is over, and ends as it does by itself; a run that is still to come may have its time.
    if (nothing_is_left_to_end()) {
        limit_patience();
        deadline_.start(detached_run_grace);
        return;
    }
    util::log(Severity::error, Topic::process,
              "Timeout waiting for container to be ready: no "
              "READY=1 came within ",
              util::to_string(settings_.timeout),
              "; raise TIMEOUT or --timeout, or see `notifybridge status`");
    timed_out_ = true;
    if (facts_.has_command)
        stop(SIGTERM);
    else
        finish(process::ExitStatus::exited(process::status_timed_out));
}

/// Ends the command; where that is gone, the run it left behind, through the shared directory.
void Wait::stop(int signal) {
    if (supervisor_.running())
        supervisor_.kill(signal);
    else
        ask_run_to_stop(signal);
    if (!std::exchange(stopping_, true))
        stop_deadline_.start(settings_.stop_timeout);
}

void Wait::ask_run_to_stop(int signal) {
    if (!std::exchange(asked_run_, true))
        courier_.ask_to_stop(signal);
}

/// A command that does not end is killed; but first its run is asked to end, as a runtime's client
/// may die and leave its container alive. A `wrap` that is the command itself kills its own: it has
/// passed SIGTERM on, and would leave them behind.
void Wait::stop_timed_out() {
    if (!asked_run_ && courier_.is_run_of(supervisor_.pid())) {
        ask_run_to_stop(SIGKILL);
        stop_deadline_.start(settings_.stop_timeout);
        return;
    }
    if (supervisor_.running()) {
        ask_run_to_stop(SIGTERM);
        supervisor_.kill(SIGKILL);
        stop_deadline_.start(settings_.stop_timeout);
        return;
    }
    util::log(Severity::error, Topic::process, "the container did not end within ",
              util::to_string(settings_.stop_timeout), " (--stop-timeout)");
    finish(command_end_.value_or(process::ExitStatus::exited(1)));
}

/// The name may be that of another directory by now, which is not the one that we lock. A command
/// that had its run may well take the directory away before it ends.
void Wait::directory_gone() {
    if (facts_.has_command && courier_.phase() != relay::RunPhase::none)
        return;
    util::log(Severity::error, Topic::process, "the shared directory ",
              util::quote(settings_.shared_directory),
              " was removed: no run can come there any more; start this again");
    if (!facts_.has_command)
        finish(process::ExitStatus::exited(1));
}

process::ExitStatus Wait::final_status(process::ExitStatus status) const {
    if (timed_out_)
        return process::ExitStatus::exited(process::status_timed_out);
    if (settings_.until_ready && !ready_ && status.success())
        return process::ExitStatus::exited(1);
    return process::own_exit(status, supervisor_.received(), process::Supervisor::is_pid1());
}

void Wait::finish(process::ExitStatus status) {
    if (settings_.until_ready && !ready_ && !timed_out_)
        util::log(Severity::error, Topic::process, "it ended before it was ready");
    result_ = final_status(status);
    loop_.stop();
}

int run_wait(const cli::Invocation& invocation) {
    return run_end_of_bridge(wait_usage, invocation, [](const cli::Arguments& arguments) {
        return Wait(read_wait_settings(arguments)).run();
    });
}

}  // namespace

const cli::Subcommand wait_subcommand = {wait_usage, "host-notify-waiter", run_wait,
                                         process::status_failed};

}  // namespace notifybridge
