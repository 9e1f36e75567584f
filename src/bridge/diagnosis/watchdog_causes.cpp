#include "bridge/diagnosis/watchdog_causes.hpp"

#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

/// Returns ": the container reported "unhealthy: connection refused"" with the last message of
/// `wrap` about a failed health check. Returns an empty text if there is none.
std::string unhealthy_words(const Symptoms& symptoms) {
    constexpr std::string_view word = "unhealthy";
    const LogLine* const line = find_line(symptoms, [=](const LogLine& each) {
        return each.kind == LogLine::Kind::error && each.text.starts_with(word);
    });
    const std::string& text = line ? line->text : symptoms.unit.status_text;
    return text.starts_with(word) ? concat(": the container reported ", util::quote(text))
                                  : std::string();
}

/// Returns how long before SIGABRT the last ping was sent, as the warning about SIGABRT says it:
/// "3.0 s". Returns an empty text if there was no ping. The container may have written the line, so
/// accepts nothing but a time span.
std::string_view last_ping(const Symptoms& symptoms) {
    const LogLine* const line = warning_with(symptoms, channel::last_ping);
    if (!line)
        return {};
    const std::string_view text = line->text;
    const std::string_view rest =
        text.substr(text.find(channel::last_ping) + channel::last_ping.size());
    const std::string_view span = rest.substr(0, rest.find(" before"));
    return util::parse_time_span(span) ? span : std::string_view();
}

}  // namespace

std::optional<Diagnosis> find_missing_ping(const Symptoms& symptoms) {
    if (symptoms.unit.result != "watchdog")
        return std::nullopt;
    const StartCommand& command = symptoms.command;
    const std::string cause =
        concat("WATCHDOG=1 did not arrive within WatchdogSec= (", symptoms.unit.watchdog, ')');
    if (const std::string unhealthy = unhealthy_words(symptoms); !unhealthy.empty())
        return Diagnosis{.cause = cause + unhealthy,
                         .remedy = concat(journalctl_command(symptoms.unit),
                                          " shows why the app failed its "
                                          "health check")};
    if (const std::string& status = symptoms.unit.status_text;
        status.starts_with(channel::not_alive))
        return Diagnosis{
            .cause = concat(cause, ": its last STATUS is ", util::quote(status)),
            .remedy = concat("if the app is well, correct --alive-when= (", how_to_edit(symptoms),
                             "); otherwise ", journalctl_command(symptoms.unit),
                             " shows why the app hung")};
    if (!command.alive_when.empty())
        return Diagnosis{
            .cause = concat(cause, ": --alive-when=", escape(command.alive_when.front()),
                            " did not succeed"),
            .remedy = concat(journalctl_command(symptoms.unit), " shows why the app hung")};
    if (const std::string_view ping = last_ping(symptoms); !ping.empty())
        return Diagnosis{
            .cause = concat(cause, ": ", channel::last_ping, escape(ping), " before"),
            .remedy = concat("if the app pings less often, ",
                             set_setting(symptoms, "WatchdogSec= above the time between its pings"),
                             "; if it hung, ", journalctl_command(symptoms.unit), " shows why")};
    const std::string probe =
        command.ready_when.empty() ? "tcp:127.0.0.1:PORT" : escape(command.ready_when.front());
    return Diagnosis{.cause = cause,
                     .remedy = concat("if the app does not ping, ",
                                      give_option(symptoms, concat("--alive-when=", probe)),
                                      warning_with(symptoms, "set --watchdog-pid")
                                          ? "; if its library needs WATCHDOG_PID, --watchdog-pid"
                                          : "")};
}

}  // namespace notifybridge::diagnosis
