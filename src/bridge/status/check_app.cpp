#include "bridge/status/check_app.hpp"

#include <map>
#include <string>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"

namespace notifybridge::status {

using diagnosis::Findings;
using util::concat;

namespace {

/// Returns what to do about an app that runs, but does not work.
std::string_view remedy_of_app(const Overview& overview) {
    return overview.run->state.phase == notify::Phase::starting || watchdog_period(overview)
               ? "read the app's log"
               : "read the app's log; with WatchdogSec= and Restart=on-failure in the unit, "
                 "systemd restarts the app";
}

}  // namespace

void check_watchdog(Findings& found, const Overview& overview, bool is_run, system::Moment now) {
    const std::map<notify::Key, std::string>& facts = overview.run->state.facts;
    if (const auto status = facts.find(notify::Key::status);
        status != facts.end() && status->second.starts_with(channel::not_alive)) {
        found.problem("watchdog",
                      concat("the watchdog is not pinged: ", util::quote(status->second)),
                      remedy_of_app(overview));
        return;
    }
    const std::string_view subcommand = is_run ? "run" : "wrap";
    if (!is_watchdog_late(overview, now)) {
        if (is_ping_missing(overview, now))
            found.note("watchdog",
                       concat("no WATCHDOG=1 yet, but systemd expects one every ",
                              util::to_string(*watchdog_period(overview))),
                       concat("`", subcommand,
                              " --alive-when` pings for an app that does not ping; if the library "
                              "of the app needs WATCHDOG_PID, add `--watchdog-pid`"));
        return;
    }
    found.problem("watchdog",
                  concat("the app has not pinged for longer than the ",
                         util::to_string(*watchdog_period(overview)), " that WatchdogSec= allows"),
                  concat("systemd kills the service in this case: read its log; `", subcommand,
                         " --alive-when` pings for an app that does not ping"));
}

void check_health(Findings& found, const Overview& overview) {
    if (!overview.container || !overview.container->health
        || overview.container->health->state != channel::HealthState::unhealthy)
        return;
    const channel::Health& health = *overview.container->health;
    found.problem("health",
                  concat("the health check has failed ", health.failing_streak, " times in a row",
                         health.output.empty() ? "" : concat(": ", util::quote(health.output))),
                  remedy_of_app(overview));
}

void check_connections(Findings& found, const Overview& overview) {
    if (!overview.container || !overview.container->connections)
        return;
    const channel::Connections& connections = *overview.container->connections;
    if (connections.is_full())
        found.problem("proxy",
                      concat(connections.limit,
                             " connections are open, and the limit of open files allows no more; "
                             "new clients wait"),
                      "raise LimitNOFILE= of the service, or --ulimit=nofile= of the container");
    if (connections.refused > 0)
        found.note("proxy",
                   concat("the app did not accept ", connections.refused,
                          connections.refused == 1 ? " connection" : " connections"),
                   "check whether the app listens on the address of --proxy= in the container");
}

void check_drops(Findings& found, const notify::DropCounters& drops, std::string_view by) {
    const std::uint64_t unheard = drops.count(notify::DropReason::other_sender);
    if (unheard != 0)
        found.note("dropped",
                   concat(by, " dropped ", unheard, unheard == 1 ? " message: " : " messages: ",
                          unheard == 1 ? "it " : "each ",
                          notify::explain(notify::DropReason::other_sender)),
                   diagnosis::general_remedy_of_ignored_ready);
    std::uint64_t count = 0;
    drops.for_each([&](notify::DropReason reason, std::uint64_t more) {
        count += reason == notify::DropReason::other_sender ? 0 : more;
    });
    if (count != 0)
        found.note(
            "dropped",
            concat(by, " dropped ", count, count == 1 ? " message" : " messages", " or lines"),
            concat("`status` shows why",
                   util::has_word(drops.refused_keys(), "MAINPID")
                       ? "; `wait --main-pid=translate` forwards MAINPID"
                       : "",
                   drops.count(notify::DropReason::refused_key) != 0
                           && drops.refused_keys() != "MAINPID"
                       ? "; `wait --allow` forwards other keys"
                       : ""));
}

}  // namespace notifybridge::status
