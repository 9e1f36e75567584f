#include "bridge/wait/explanation.hpp"

#include <algorithm>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/absence.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::wait {

using util::concat;

std::string why_no_wrap(const Settings& settings, const Members& members,
                        std::optional<process::ExitStatus> end, bool pulls) {
    diagnosis::StartCommand command =
        diagnosis::read_container_command(settings.command, settings.wrap_options.has_value());
    command.unset_docker = settings.unset_docker;
    command.pulls = pulls;
    std::string why;
    for (const Members::Followed& followed : members.all())
        if (followed.courier.phase() == RunPhase::none) {
            why = diagnosis::why_no_wrap(settings.command.empty() ? nullptr : &command,
                                         followed.member.path, end);
            break;
        }
    return why.empty() ? why : concat(why, ' ', tags::no_wrap);
}

std::string last_status(const Members& members) {
    std::string all;
    for (const Members::Followed& followed : members.all()) {
        const std::string& status = followed.courier.forwarder().last_status();
        if (!status.empty())
            all += concat(all.empty() ? "the last status was " : ", ",
                          followed.member.name.empty() ? "" : followed.member.name + ": ",
                          util::quote(status));
    }
    return all;
}

std::string why_no_ping(const Members& members) {
    std::uint64_t last = 0;
    for (const Members::Followed& followed : members.all())
        last = std::max(last, followed.courier.forwarder().last_ping_usec());
    const std::string ping = channel::say_last_ping(last, system::now().monotonic);
    const std::string said = last_status(members);
    return concat(ping, ping.empty() || said.empty() ? "" : "; ", said);
}

std::string why_not_ready(const Settings& settings, const Members& members, bool pulls) {
    const std::string why = why_no_wrap(settings, members, std::nullopt, pulls);
    if (!why.empty() || !settings.manager)
        return why;
    const std::string said = last_status(members);
    const bool has_no_probe =
        settings.wrap_options && settings.wrap_options->find("--ready-when") == std::string::npos;
    if (!said.empty() || !has_no_probe)
        return said;
    const bool main_only = settings.wrap_options->find("--notify-access=main") != std::string::npos;
    return concat(
        "the app has not sent READY=1; if the app does not notify, set --ready-when, as in "
        "--ready-when=listen:PORT",
        main_only
            ? "; if a process other than the command sends READY=1, remove --notify-access=main"
            : "");
}

std::string early_end(const Settings& settings, const Members& members, process::ExitStatus end,
                      bool has_run) {
    // Without `run`, the app may have run without `wrap`. But with this status, podman, docker or
    // nerdctl reports that it could not start the app.
    const bool is_fault_of_manager = end == process::ExitStatus::exited(process::status_failed)
                                     && !settings.command.empty()
                                     && runtime::is_manager(settings.command.front());
    const bool is_unstarted = !has_run && (settings.wrap_options || is_fault_of_manager);
    const std::string said = last_status(members);
    return concat("the command ", process::describe(end),
                  is_unstarted ? " before the app started" : " before READY=1",
                  said.empty() ? "" : "; ", said, ' ',
                  is_unstarted ? tags::app_not_started : tags::before_ready);
}

}  // namespace notifybridge::wait
