#include "bridge/wait/performer.hpp"

#include <signal.h>

#include "base/cli/log.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/relay/main_process.hpp"

namespace notifybridge::wait {

using util::Severity;
using util::Topic;

void Performer::warn_of_manager() const {
    if (!uplink_.has_manager())
        util::log(Severity::warning, Topic::messages, "NOTIFY_SOCKET is not set: ",
                  cli::stderr_is_journal() ? "dropping messages, which only --verbose prints"
                                           : "printing messages instead of sending them",
                  "; under systemd, set Type=notify, or NotifyAccess=main for a job "
                  "(Type=oneshot)");
    relay::warn_of_main_process();
}

void Performer::perform(const WaitPlan::Action& action) {
    using Kind = WaitPlan::Action::Kind;
    switch (action.kind) {
        case Kind::signal_command:
            explain_kill(action.signal);
            util::log(Severity::info, Topic::process, "sending ",
                      process::signal_name(action.signal), " to the command (pid ",
                      supervisor_.pid(), ')');
            supervisor_.kill(action.signal);
            break;
        case Kind::limit_patience:
            uplink_.limit_patience(stop_timeout_);
            break;
        case Kind::lift_patience:
            uplink_.lift_patience();
            break;
        case Kind::log:
            util::log(action.severity, Topic::process, action.text);
            break;
        case Kind::mute_run:
        case Kind::signal_run:
        case Kind::kill_container:
        case Kind::discard_container:
        case Kind::remove_container:
        case Kind::explain_late:
        case Kind::finish:
            break;
    }
}

void Performer::explain_kill(int signal) const {
    if (signal == SIGKILL)
        util::log(Severity::warning, Topic::process,
                  "sending SIGKILL, because the stop took longer than ",
                  util::to_string(stop_timeout_), " (--stop-timeout) ", tags::stop_timeout);
}

}  // namespace notifybridge::wait
