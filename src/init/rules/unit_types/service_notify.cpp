#include "base/notify/fact.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/named.hpp"
#include "base/util/number.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/unit/value.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/service.hpp"

/// Handles the messages of a service, and the actions that they request (sd_notify(3)).
namespace notifybridge::unit_types {

using notify::Key;
using util::concat;

/// Returns whether NotifyAccess= accepts this sender (systemd.service(5)). The sender must be a
/// process of this unit.
bool Service::accepts(pid_t sender) const {
    const bool is_main = sender > 0 && sender == main_.pid();
    const bool is_control = sender > 0 && sender == control_.pid();
    switch (notify_access()) {
        case unit::NotifyAccess::none:
            return false;
        case unit::NotifyAccess::all:
            return true;
        case unit::NotifyAccess::exec:
            return is_main || is_control;
        case unit::NotifyAccess::main:
            break;
    }
    return is_main;
}

void Service::notified(const system::Credentials& sender, const notify::Message& message,
                       std::size_t fds) {
    if (!accepts(sender.pid)) {
        const std::string main =
            main_.pid() > 0 ? concat("main process: ", main_.pid()) : "no main process";
        warn(concat("ignoring a notification of process ", sender.pid,
                    " because of NotifyAccess= (", main, ")."));
        return;
    }
    take_main_pid(sender, message);
    take_phase(message);
    messages_.take_texts(message);
    if (const auto extension = message.value(Key::extend_timeout_usec)) {
        const auto span = util::parse_usec(*extension);
        if (span && *span != util::infinity && *span != util::TimeSpan::zero()) {
            alarm_.extend(now().monotonic, *span);
            watchdog_.alarm().extend(now().monotonic, *span);
        }
    }
    take_watchdog(message);
    take_access(message);
    if (message.has("RESTART_RESET=1"))
        restarts_ = 0;
    take_fds(message, fds);
    deadline_changed();
}

void Service::take_main_pid(const system::Credentials& sender, const notify::Message& message) {
    const auto value = message.value(Key::main_pid);
    const bool may_change = state_ == State::start || state_ == State::start_post
                            || state_ == State::running || is_reloading(state_);
    if (!value || !may_change)
        return;
    const auto accepted = notify::accepted_value(Key::main_pid, *value);
    const pid_t pid = accepted ? util::parse_number<pid_t>(*accepted).value_or(0) : 0;
    if (main_pid_known_ && pid == main_.pid())
        return;
    // If the sender is root, `pid` may be a process of another unit.
    const bool is_suitable = pid > 1 && pid != control_.pid()
                             && (processes_.owns(*this, pid) || sender.uid == 0)
                             && processes_.watch_process(*this, pid);
    if (is_suitable)
        set_main_pid(pid);
    else
        warn(concat("ignoring MAINPID=", util::escape(*value),
                    ": it is not a running process of this unit, or it is the control process."));
}

void Service::take_phase(const notify::Message& message) {
    using Phase = ServiceMessages::Phase;
    const auto phase = ServiceMessages::phase_of(message);
    if (!phase)
        return;
    messages_.phase = *phase;
    if (phase == Phase::stopping) {
        if (state_ == State::running || state_ == State::reload_signal
            || state_ == State::reload_notify)
            enter_stop_by_notify();
    } else if (phase == Phase::ready) {
        take_ready(message);
    } else {
        if (state_ == State::running)
            enter_reload_by_notify();
        else if (answers_reload(message))
            set_state(State::reload_notify);
    }
}

void Service::take_ready(const notify::Message& message) {
    if (state_ == State::start && is_notifying()) {
        enter_start_post();
    } else if (state_ == State::reload_notify) {
        enter_running(Result::success);
    } else if (message.has("RELOADING=1") && answers_reload(message)) {
        // The message contains RELOADING=1 and READY=1, so it reports both the beginning and the
        // end of the reload.
        engine().propagate_reload(*this);
        enter_running(Result::success);
    }
}

/// Returns whether the reload in the message began after the manager sent the signal for a reload
/// (systemd.service(5), Type=notify-reload).
bool Service::answers_reload(const notify::Message& message) const {
    const auto value = message.value(Key::monotonic_usec);
    const auto begin = value ? util::parse_lenient_unsigned(*value) : std::nullopt;
    return state_ == State::reload_signal && begin && *begin >= reload_begin_;
}

void Service::take_watchdog(const notify::Message& message) {
    // During a start or a stop, a service has a watchdog only if the service requests one. After
    // ExecStopPost=, a service has no watchdog, because a timeout would run ExecStopPost= again.
    const auto may_ping = [this] {
        return is_watched(state_) || state_ == State::start || state_ == State::stop
               || is_stop_signal(state_);
    };
    if (const auto value = message.value(Key::watchdog); value && may_ping()) {
        if (*value == "1")
            watchdog_.ping(now());
        else if (*value == "trigger")
            enter_signal(State::stop_watchdog, Result::watchdog);
    }
    const auto value = message.value(Key::watchdog_usec);
    if (const auto span = value ? util::parse_usec(*value) : std::nullopt) {
        watchdog_.override_span(*span);
        if (may_ping())
            watchdog_.ping(now());
    }
}

void Service::take_access(const notify::Message& message) {
    if (const auto value = message.value(Key::notify_access))
        if (const auto access =
                util::named<unit::NotifyAccess>(directive::choices::notify_access, *value))
            messages_.access = access;
}

void Service::take_fds(const notify::Message& message, std::size_t fds) {
    const auto name = message.value(Key::fd_name);
    const bool is_named = name && unit::is_fd_name(*name);
    if (message.has("FDSTOREREMOVE=1")) {
        if (is_named)
            descriptors_.remove_fds(*this, *name);
    } else if (message.has("FDSTORE=1") && fds > 0 && service().file_descriptor_store_max > 0) {
        descriptors_.store_fds(*this, is_named ? *name : "stored", !message.has("FDPOLL=0"));
    }
}

}  // namespace notifybridge::unit_types
