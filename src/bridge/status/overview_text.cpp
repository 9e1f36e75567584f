#include "bridge/status/overview_text.hpp"

#include <array>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "base/util/utf8.hpp"
#include "bridge/channel/directory.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

constexpr std::uint64_t second = 1'000'000;
constexpr std::size_t longest_command = 256;

constexpr std::string_view green = "\x1b[1;32m";
constexpr std::string_view yellow = "\x1b[1;33m";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view plain = "\x1b[0m";

/// Returns the two largest units of a time span, which is exact enough for people.
std::string rough(std::uint64_t usec) {
    const std::uint64_t step = usec < second ? 1000 : second;
    const auto span = util::TimeSpan(static_cast<std::int64_t>(usec / step * step));
    const std::string text = util::to_string(span);
    const std::size_t first = text.find(' ');
    return text.substr(0, first == text.npos ? first : text.find(' ', first + 1));
}

/// Returns the time since `usec`. Returns an empty text if `usec` is in the future, because clocks
/// of two machines may differ, and a container may write any time.
std::string age(std::uint64_t usec, system::Moment now) {
    return usec > now.realtime ? std::string() : rough(now.realtime - usec);
}

std::string ago(std::uint64_t usec, system::Moment now) {
    const std::string span = age(usec, now);
    if (span.empty())
        return "in the future";
    return span == "0" ? "just now" : concat(span, " ago");
}

std::string date_and_age(std::uint64_t usec, system::Moment now) {
    return concat(system::to_local_time(usec), "; ", ago(usec, now));
}

bool broke_off(const RunOverview& run) {
    return run.liveness == Liveness::ended && !run.end;
}

std::string state_text(const RunOverview& run) {
    const std::string_view phase = notify::name(phase_of(run));
    if (run.end)
        return concat("ended: the command ", process::describe(*run.end));
    if (broke_off(run))
        return concat("broke off while ", phase, ": wrap was killed");
    if (run.liveness == Liveness::unknown)
        return concat(phase, " (this process cannot find out whether the run is active)");
    return std::string(phase);
}

std::string_view state_colour(const RunOverview& run) {
    if (run.liveness == Liveness::ended)
        return run.end && run.end->success() ? "" : red;
    return is_ready(run) && run.state.phase == notify::Phase::ready ? green : yellow;
}

std::string host_text(const HostOverview& host, const RunOverview& run, system::Moment now) {
    const channel::HostFacts& facts = host.file.facts;
    std::string out =
        concat("wait, pid ", facts.pid, ", since ", date_and_age(facts.attached_usec, now));
    if (facts.has_left)
        return concat(out, " (has detached; the run continues)");
    if (host.liveness == Liveness::ended)
        return concat(out, " (was killed)");
    if (!is_attached(host, run))
        return concat(out, facts.run ? " (attached to another run)" : " (attached to no run)");
    return out;
}

std::string why_no_host(const Overview& overview) {
    for (const FileFault& fault : overview.faults)
        if (fault.file == channel::host_name)
            return concat("unknown: ", fault.text);
    return "no `wait` uses this directory";
}

/// A heading with labelled lines below. Labels are right-aligned, as in systemctl.
class Table {
public:
    explicit Table(std::string_view heading) : text_(concat(heading, '\n')) {}

    /// Adds a line. Leaves out the label if it is the same as in the previous line. Ignores an
    /// empty value.
    void add(std::string_view label, std::string_view value) {
        if (value.empty())
            return;
        constexpr std::size_t width = table_indent - 2;
        text_.append(width - (label == last_label_ ? 0 : label.size()), ' ');
        text_ += label == last_label_ ? "  " : concat(label, ": ");
        text_ += concat(value, '\n');
        last_label_ = label;
    }

    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::string_view last_label_;
};

void add_what_was_said(Table& table, const notify::State& state) {
    for (const auto& [key, value] : state.facts) {
        // The watchdog's line already shows the period, and a monotonic time does not help people.
        if (key == notify::Key::watchdog_usec || key == notify::Key::monotonic_usec)
            continue;
        if (key == notify::Key::status)
            table.add("Status", util::quote(value));
        else
            table.add("Sent", concat(notify::name(key), '=', util::quote(value)));
    }
}

void add_processes(Table& table, const Overview& overview) {
    const RunOverview& run = *overview.run;
    if (overview.container) {
        const std::string& command = overview.container->command;
        table.add("Command", util::escape(util::shorten(command, longest_command)));
    }
    std::string pids = concat("wrap ", run.header.pid);
    if (overview.container && overview.container->command_pid != 0)
        pids += concat(", command ", overview.container->command_pid);
    table.add("Pids", concat(pids, " (in pid namespace ", run.header.pid_namespace, ')'));
}

void add_watchdog(Table& table, const Overview& overview, system::Moment now) {
    const notify::State& state = overview.run->state;
    std::string text;
    if (state.last_watchdog.realtime != 0)
        text = concat("last ping ", date_and_age(state.last_watchdog.realtime, now));
    else if (overview.host && overview.host->file.facts.watchdog)
        text = "no ping yet";
    if (const auto period = watchdog_period(overview))
        text += concat(text.empty() ? "" : ", ", "expected every ", util::to_string(*period),
                       is_watchdog_late(overview, now) ? ": the next one is late" : "");
    table.add("Watchdog", text);
}

void add_health(Table& table, const Overview& overview) {
    if (!overview.container || !overview.container->health)
        return;
    const channel::Health& health = *overview.container->health;
    std::string text(name(health.state));
    if (health.failing_streak > 0)
        text += concat(", ", health.failing_streak,
                       health.failing_streak == 1 ? " failure" : " failures in a row");
    if (health.exit_status)
        text += concat("; the last check had exit status ", *health.exit_status);
    if (!health.output.empty())
        text +=
            concat(health.exit_status ? ": " : "; the last check: ", util::quote(health.output));
    table.add("Health", text);
}

void add_connections(Table& table, const Overview& overview) {
    if (!overview.container || !overview.container->connections)
        return;
    const channel::Connections& connections = *overview.container->connections;
    std::string text = concat(connections.open, " open (at most ", connections.limit, ')');
    if (connections.waiting > 0)
        text += concat("; the app has not accepted ", connections.waiting, " of them yet");
    text += concat("; ", connections.accepted, " since the start");
    if (connections.refused > 0)
        text += concat("; ", connections.refused, " reset because the app did not accept them");
    table.add("Proxy", text);
}

/// Describes the latency of about the last hundred messages.
std::string latency_text(const channel::HostProgress& progress) {
    if (progress.latency_usec == 0)
        return {};
    return concat(" in ", util::to_string(std::chrono::microseconds(progress.latency_usec)));
}

void add_host(Table& table, const Overview& overview, system::Moment now) {
    if (!overview.host) {
        table.add("Host", why_no_host(overview));
        return;
    }
    const channel::HostFile& host = overview.host->file;
    table.add("Host", host_text(*overview.host, *overview.run, now));
    if (host.facts.run == overview.run->header.run)
        table.add("Host", concat("delivery by ", host.facts.polls ? "polling" : "inotify",
                                 latency_text(host.progress), ", acknowledged ",
                                 host.progress.acknowledged, " of ", overview.run->last_sequence));
    if (host.facts.lane_open)
        table.add("Host", "file descriptors are passed on");
    else if (!host.facts.lane_fault.empty())
        table.add("Host", concat("file descriptors are not passed on: ",
                                 util::escape(host.facts.lane_fault)));
    if (!host.facts.missing.empty())
        table.add("Host", concat("works without ", util::escape(host.facts.missing),
                                 ", which this kernel or a system call filter refuses"));
    if (const int signal = end_request(host.facts); signal != 0)
        table.add("Host", concat("asked the app to stop with ", process::signal_name(signal)));
}

void add_drops(Table& table, const notify::DropCounters& drops, std::string_view by) {
    drops.for_each([&](notify::DropReason reason, std::uint64_t count) {
        const bool names_keys =
            reason == notify::DropReason::refused_key && !drops.refused_keys().empty();
        table.add("Dropped", concat(count, count == 1 ? " message " : " messages; each ",
                                    notify::explain(reason), names_keys ? ": " : "",
                                    names_keys ? drops.refused_keys() : "", " (",
                                    notify::name(reason), ", by ", by, ')'));
    });
}

/// Returns how often each key occurs in the journal. Messages that were acknowledged and removed
/// are not counted.
std::string keys_text(const RunOverview& run) {
    std::string text;
    for_each_key(run, [&](std::string_view name, std::uint64_t count) {
        text += concat(text.empty() ? "" : ", ", name, ' ', count);
    });
    return text.empty() ? text : concat("; still in the journal: ", text);
}

void add_messages(Table& table, const Overview& overview) {
    if (overview.container) {
        table.add("Messages", concat(overview.container->messages, keys_text(*overview.run)));
        if (overview.container->unheard_barriers != 0)
            table.add("Barriers", concat(overview.container->unheard_barriers,
                                         " released at once, because no wait was attached"));
        if (const std::uint64_t pauses = overview.container->pauses; pauses != 0)
            table.add("Pauses", concat(pauses, pauses == 1 ? " time" : " times",
                                       " too many messages were waiting for delivery, so the app "
                                       "had to wait"));
        add_drops(table, overview.container->drops, "wrap");
    }
    if (overview.host)
        add_drops(table, overview.host->file.facts.drops, "wait");
}

}  // namespace

std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured) {
    const RunOverview& run = *overview.run;
    const std::string_view colour = coloured ? state_colour(run) : "";
    const std::string_view end = colour.empty() ? "" : plain;
    Table table(concat(colour, run.liveness == Liveness::ended ? "○" : "●", end, ' ',
                       util::escape(path), " - run ", system::to_string(run.header.run)));
    table.add("State", concat(colour, state_text(run), end));
    table.add("Since", date_and_age(run.end ? run.ended_usec : run.state.since.realtime, now));
    add_what_was_said(table, run.state);
    add_processes(table, overview);
    add_health(table, overview);
    add_connections(table, overview);
    add_watchdog(table, overview, now);
    add_host(table, overview, now);
    add_messages(table, overview);
    return table.text();
}

std::string to_row(const NamedOverview& bridge, system::Moment now, bool coloured, uid_t viewer) {
    const auto& run = bridge.overview.run;
    const std::string_view colour = coloured && run ? state_colour(*run) : "";
    const auto padded = [](std::string text, std::size_t width) {
        text.append(text.size() < width ? width - text.size() : 0, ' ');
        return text + ' ';
    };
    std::string out = concat(colour, run && run->liveness != Liveness::ended ? "●" : "○",
                             colour.empty() ? "" : plain, ' ');
    const std::string unit = bridge.owner ? unit_text(*bridge.owner, viewer) : std::string();
    out += padded(util::escape(unit.empty() ? "-" : unit), 20);
    out += padded(std::string(run ? state_name(*run) : "no run"), 10);
    out += padded(run ? age(run->end ? run->ended_usec : run->state.since.realtime, now) : "", 8);
    out += util::escape(bridge.path);
    if (run)
        if (const auto said = run->state.facts.find(notify::Key::status);
            said != run->state.facts.end())
            out += concat(' ', util::quote(said->second));
    return out + '\n';
}

}  // namespace notifybridge::status
