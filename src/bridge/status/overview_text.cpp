#include "bridge/status/overview_text.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

constexpr std::uint64_t second = 1'000'000;
constexpr std::size_t longest_value = 256;

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

std::string state_text(const RunOverview& run) {
    const std::string_view phase = notify::name(phase_of(run));
    if (run.end)
        return concat("ended: the command ", process::describe(*run.end));
    if (run.liveness == Liveness::ended)
        return concat("broke off while ", phase, ": wrap was killed");
    if (run.liveness == Liveness::unknown)
        return concat(phase, " (this process cannot find out whether the run is active)");
    return std::string(phase);
}

/// Describes the latency of about the last hundred messages.
std::string latency_text(const channel::HostProgress& progress) {
    if (progress.latency_usec == 0)
        return {};
    return concat(" in ", util::to_string(std::chrono::microseconds(progress.latency_usec)));
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

std::string_view state_colour(const RunOverview& run) {
    if (run.liveness == Liveness::ended)
        return run.end && run.end->success() ? "" : red;
    return is_ready(run) && run.state.phase == notify::Phase::ready ? green : yellow;
}

/// Returns the text of a line with the value in its slot.
std::string fill_in(std::string_view text, const Value& value) {
    const std::string all =
        value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    if (all.empty() || value == Value(0) || value == Value(false))
        return {};
    const std::size_t begin = std::min(text.find('{'), text.size());
    const std::string_view slot = text.substr(begin, text.find('}') + 1 - begin);
    const std::string shown = slot.empty() ? std::string()
                              : slot == "{quoted}"
                                  ? util::quote(all)
                                  : util::escape(util::shorten(all, longest_value));
    return concat(text.substr(0, begin), shown, text.substr(begin + slot.size()));
}

/// Returns the lines of all facts. Labels are right-aligned, as in systemctl. A label that is the
/// same as in the previous line is left out.
std::string lines_of(const Overview& overview, const Viewer& viewer) {
    std::map<int, std::string> places;
    for (const auto fields : {run_fields(), directory_fields()})
        for (const auto& [key, value, line, metric] : fields) {
            const auto* const sentence = std::get_if<Sentence*>(&line.text);
            const Value shown = line.label.empty() ? Value() : value(overview);
            const std::string text = shown.is_null() ? std::string()
                                     : sentence      ? (*sentence)(overview, viewer)
                                                     : fill_in(std::get<0>(line.text), shown);
            std::string& place = places[line.place];
            for (std::string_view rest = text; !rest.empty();) {
                const std::string label = place.empty() ? concat(line.label, ": ") : "  ";
                place += concat(std::string(table_indent - label.size(), ' '), label,
                                util::take_until(rest, '\n'), '\n');
            }
        }
    std::string all;
    for (const auto& [place, text] : places)
        all += text;
    return all;
}

}  // namespace

namespace lines {

std::string state(const Overview& all, const Viewer& viewer) {
    const std::string_view colour = viewer.coloured ? state_colour(*all.run) : "";
    return concat(colour, state_text(*all.run), colour.empty() ? "" : plain);
}

std::string since(const Overview& all, const Viewer& viewer) {
    return date_and_age(state_began(*all.run), viewer.now);
}

std::string pids(const Overview& all, const Viewer&) {
    const channel::JournalHeader& wrap = all.run->header;
    std::string text = concat("wrap ", wrap.pid);
    if (all.container && all.container->command_pid != 0)
        text += concat(", command ", all.container->command_pid);
    return concat(text, " (in pid namespace ", wrap.pid_namespace, ')');
}

std::string health(const Overview& all, const Viewer&) {
    const channel::Health& health = *all.container->health;
    std::string text(name(health.state));
    if (health.failing_streak > 0)
        text += concat(", ", health.failing_streak,
                       health.failing_streak == 1 ? " failure" : " failures in a row");
    if (health.exit_status)
        text += concat("; the last check had exit status ", *health.exit_status);
    if (!health.output.empty())
        text +=
            concat(health.exit_status ? ": " : "; the last check: ", util::quote(health.output));
    return text;
}

std::string connections(const Overview& all, const Viewer&) {
    const channel::Connections& connections = *all.container->connections;
    std::string text = concat(connections.open, " open (at most ", connections.limit, ')');
    if (connections.waiting > 0)
        text += concat("; the app has not accepted ", connections.waiting, " of them yet");
    text += concat("; ", connections.accepted, " since the start");
    if (connections.refused > 0)
        text += concat("; ", connections.refused, " reset because the app did not accept them");
    return text;
}

std::string watchdog(const Overview& all, const Viewer& viewer) {
    const std::uint64_t last = all.run->state.last_watchdog.realtime;
    std::string text;
    if (last != 0)
        text = concat("last ping ", date_and_age(last, viewer.now));
    else if (all.host && all.host->file.facts.watchdog)
        text = "no ping yet";
    if (const auto period = watchdog_period(all))
        text += concat(text.empty() ? "" : ", ", "expected every ", util::to_string(*period),
                       is_watchdog_late(all, viewer.now) ? ": the next one is late" : "");
    return text;
}

std::string host(const Overview& all, const Viewer& viewer) {
    const channel::HostFacts& facts = all.host->file.facts;
    std::string out =
        concat("wait, pid ", facts.pid, ", since ", date_and_age(facts.attached_usec, viewer.now));
    if (facts.has_left)
        return out + " (has detached; the run continues)";
    if (all.host->liveness == Liveness::ended)
        return out + " (was killed)";
    if (!is_attached(*all.host, *all.run))
        return out + (facts.run ? " (attached to another run)" : " (attached to no run)");
    return out;
}

std::string delivery(const Overview& all, const Viewer&) {
    const auto& [facts, progress] = all.host->file;
    if (facts.run != all.run->header.run)
        return {};
    return concat("delivery by ", facts.polls ? "polling" : "inotify", latency_text(progress),
                  ", acknowledged ", progress.acknowledged, " of ", all.run->last_sequence);
}

std::string messages(const Overview& all, const Viewer&) {
    return concat(all.container->messages, keys_text(*all.run));
}

std::string pauses(const Overview& all, const Viewer&) {
    const std::uint64_t pauses = all.container->pauses;
    return pauses == 0 ? std::string()
                       : concat(pauses, pauses == 1 ? " time" : " times",
                                " too many messages were waiting for delivery, so the app had to "
                                "wait");
}

std::string drops(const Overview& all, const Viewer&) {
    std::string lines;
    for (const auto& [reason, by, count, keys] : drops_of(all))
        lines += concat(count, count == 1 ? " message " : " messages; each ", explain(reason),
                        keys.empty() ? "" : ": ", keys, " (", name(reason), ", by ", by, ")\n");
    return lines;
}

}  // namespace lines

std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured) {
    const RunOverview& run = *overview.run;
    const std::string_view colour = coloured ? state_colour(run) : "";
    return concat(colour, run.liveness == Liveness::ended ? "○" : "●", colour.empty() ? "" : plain,
                  ' ', util::escape(path), " - run ", system::to_string(run.header.run), '\n',
                  lines_of(overview, {now, coloured}));
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
    out += padded(run ? age(state_began(*run), now) : "", 8);
    out += util::escape(bridge.path);
    if (run)
        if (const auto said = run->state.facts.find(notify::Key::status);
            said != run->state.facts.end())
            out += concat(' ', util::quote(said->second));
    return out + '\n';
}

}  // namespace notifybridge::status
