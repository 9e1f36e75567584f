#include "bridge/status/fields.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

namespace json = boost::json;
using channel::Connections;
using channel::ContainerStatus;
using channel::Health;
using channel::HealthState;
using channel::HostFacts;
using channel::HostProgress;
using channel::JournalHeader;
using notify::Key;

constexpr auto health_states =
    std::to_array<std::string_view>({"starting", "healthy", "unhealthy"});

// The parts of an overview, or nullptr.

const auto* run(const Overview& all) {
    return all.run ? &*all.run : nullptr;
}

const auto* header(const Overview& all) {
    return all.run ? &all.run->header : nullptr;
}

const auto* container(const Overview& all) {
    return all.container ? &*all.container : nullptr;
}

const Health* health(const Overview& all) {
    return all.container && all.container->health ? &*all.container->health : nullptr;
}

const Connections* connections(const Overview& all) {
    return all.container && all.container->connections ? &*all.container->connections : nullptr;
}

const auto* host(const Overview& all) {
    return all.host ? &all.host->file.facts : nullptr;
}

/// Returns the numbers of a `wait` that follows this run.
const auto* progress(const Overview& all) {
    const bool is_ours = all.run && all.host && all.host->file.facts.run == all.run->header.run;
    return is_ours ? &all.host->file.progress : nullptr;
}

Value value_of(Liveness liveness) {
    return liveness == Liveness::unknown ? Value() : Value(liveness == Liveness::alive);
}

template <typename Plain>
Value value_of(const Plain& plain) {
    return Value(plain);
}

template <typename Known>
Value value_of(const std::optional<Known>& known) {
    return known ? value_of(*known) : Value();
}

/// Returns a value of a part of the overview. `get` is a member of the part, or a function.
template <auto part, auto get>
Value from(const Overview& all) {
    const auto* const found = part(all);
    return found ? value_of(std::invoke(get, *found)) : Value();
}

/// Returns such a value, or null if it is 0 or empty.
template <auto part, auto get>
Value known(const Overview& all) {
    Value value = from<part, get>(all);
    return value == Value(0) || value == Value("") ? Value() : value;
}

/// Returns the object that the following rows fill, if there is this part.
template <auto part>
Value object(const Overview& all) {
    return part(all) ? json::object() : Value();
}

/// Returns the last value that the app sent with this key.
template <Key key>
Value sent(const Overview& all) {
    if (all.run)
        if (const auto found = all.run->state.facts.find(key); found != all.run->state.facts.end())
            return Value(found->second);
    return {};
}

Value is_up(const Overview& all) {
    return all.run && all.run->liveness != Liveness::ended;
}

Value is_up_and_ready(const Overview& all) {
    return is_up(all).get_bool() && is_ready(*all.run);
}

Value has_wait(const Overview& all) {
    return all.run && all.host && is_attached(*all.host, *all.run);
}

Value end_of(const RunOverview& run) {
    if (!run.end)
        return {};
    return run.end->signal != 0 ? Value{{"signal", process::signal_name(run.end->signal)}}
                                : Value{{"exit_status", run.end->code}};
}

Value status_of_end(const RunOverview& run) {
    if (!run.end)
        return {};
    return run.end->signal != 0 ? 128 + run.end->signal : run.end->code;
}

Value journaled_keys(const RunOverview& run) {
    json::object keys;
    for_each_key(run, [&](std::string_view name, std::uint64_t count) { keys[name] = count; });
    return keys;
}

Value app_period(const Overview& all) {
    const Value period = sent<Key::watchdog_usec>(all);
    return period.is_string() ? value_of(util::parse_number<std::uint64_t>(period.get_string()))
                              : Value();
}

Value unit_period(const HostFacts& host) {
    return host.watchdog ? Value(host.watchdog->count()) : Value();
}

Value period(const Overview& all) {
    const auto period = watchdog_period(all);
    return period ? Value(period->count()) : Value();
}

Value unsent(const Overview& all) {
    if (!has_wait(all).get_bool())
        return {};
    const std::uint64_t sent = all.host->file.progress.acknowledged;
    return all.run->last_sequence > sent ? all.run->last_sequence - sent : 0;
}

Value latency(const Overview& all) {
    return has_wait(all).get_bool() ? from<progress, &HostProgress::latency_usec>(all) : Value();
}

Value why_no_host(const Overview& all) {
    if (all.host)
        return {};
    for (const FileFault& fault : all.faults)
        if (fault.file == channel::host_name)
            return Value(util::concat("unknown: ", fault.text));
    return "no `wait` uses this directory";
}

Value stop_signal(const HostFacts& host) {
    const int signal = end_request(host);
    return signal == 0 ? Value() : Value(process::signal_name(signal));
}

Value drops(const Overview& all) {
    json::array list;
    for (const Drop& drop : drops_of(all)) {
        json::object& out = list.emplace_back(json::object()).get_object();
        out["reason"] = name(drop.reason);
        out["explanation"] = explain(drop.reason);
        out["by"] = drop.by;
        out["count"] = drop.count;
        if (drop.reason == notify::DropReason::refused_key)
            out["keys"] = drop.keys;
    }
    return list;
}

Value faults(const Overview& all) {
    json::array list;
    for (const FileFault& fault : all.faults)
        list.push_back({{"file", fault.file}, {"text", fault.text}});
    return list;
}

}  // namespace

// The tables are built when they are needed: see the tables of bridge/diagnosis/cause.hpp.

std::span<const Field> run_fields() {
    static const Field fields[] = {
        {"run_id",
         from<run, [](const RunOverview& run) { return system::to_string(run.header.run); }>},
        {"alive", from<run, &RunOverview::liveness>,
         Metric(1, "up", "Whether a run is active.", is_up)},
        {"ready", is_up_and_ready, Metric(2, "ready", "Whether the app is ready.")},
        {"state", from<run, &state_name>, Line(1, "State", lines::state),
         Metric(14, "state", "The state of the run. The current state has the value 1.", nullptr,
                state_names)},
        {"phase", from<run, [](const RunOverview& run) { return name(run.state.phase); }>},
        {"since_usec", from<run, &state_began>, Line(2, "Since", lines::since),
         Metric(5, "state_change_timestamp_seconds", "When the current state began.")},
        {"started_usec", from<header, &JournalHeader::started_usec>,
         Metric(4, "run_start_timestamp_seconds", "When the run began.")},
        {"end", from<run, &end_of>,
         Metric(6, "exit_status",
                "The exit status of the command after its end; 128+n for signal n.",
                from<run, &status_of_end>)},
        {"damaged", from<run, &RunOverview::damaged>},
        {"status", sent<Key::status>, Line(3, "Status", "{quoted}")},
        {"errno", sent<Key::errno_>, Line(4, "Sent", "ERRNO={quoted}")},
        {"bus_error", sent<Key::bus_error>, Line(4, "Sent", "BUSERROR={quoted}")},
        {"varlink_error", sent<Key::varlink_error>, Line(4, "Sent", "VARLINKERROR={quoted}")},
        {"exit_status", sent<Key::exit_status>, Line(4, "Sent", "EXIT_STATUS={quoted}")},
        {"main_pid", sent<Key::main_pid>, Line(4, "Sent", "MAINPID={quoted}")},
        {"wrap_pid", from<header, &JournalHeader::pid>, Line(7, "Pids", lines::pids)},
        {"wrap_uid", from<header, &JournalHeader::uid>},
        {"pid_namespace", from<header, &JournalHeader::pid_namespace>},
        {"last_sequence", from<run, &RunOverview::last_sequence>},
        {"journaled_keys", from<run, &journaled_keys>},
        {"command", from<container, &ContainerStatus::command>, Line(5, "Command", "{}")},
        {"ready_when", known<container, &ContainerStatus::condition>, Line(6, "Ready when", "{}")},
        {"command_pid", from<container, &ContainerStatus::command_pid>},
        {"messages", from<container, &ContainerStatus::messages>,
         Line(12, "Messages", lines::messages),
         Metric(7, "messages_total", "Messages that the app has sent in this run.")},
        {"health", object<health>, Line(8, "Health", lines::health)},
        {"health.state", from<health, [](const Health& health) { return name(health.state); }>,
         Metric(15, "health", "The state of the health check. The current state has the value 1.",
                nullptr, health_states)},
        {"health.failing_streak", from<health, &Health::failing_streak>,
         Metric(12, "health_failing_streak", "How many health checks in a row have failed.")},
        {"health.exit_status", from<health, &Health::exit_status>},
        {"health.output", from<health, &Health::output>},
        {"connections", object<connections>, Line(9, "Proxy", lines::connections)},
        {"connections.open", from<connections, &Connections::open>,
         Metric(16, "connections_open", "Connections of --proxy that are open.")},
        {"connections.waiting", from<connections, &Connections::waiting>,
         Metric(17, "connections_waiting", "Connections that the app has not accepted yet.")},
        {"connections.limit", from<connections, &Connections::limit>,
         Metric(18, "connections_limit", "How many connections may be open.")},
        {"connections.accepted", from<connections, &Connections::accepted>,
         Metric(19, "connections_accepted_total", "Connections since the start.")},
        {"connections.refused", from<connections, &Connections::refused>,
         Metric(20, "connections_refused_total",
                "Connections that were reset because the app did not accept them.")},
        {"unheard_barriers", from<container, &ContainerStatus::unheard_barriers>,
         Line(13, "Barriers", "{} released at once, because no wait was attached")},
        {"pauses", from<container, &ContainerStatus::pauses>, Line(14, "Pauses", lines::pauses)},
        {"watchdog", object<run>, Line(10, "Watchdog", lines::watchdog)},
        {"watchdog.last_ping_usec",
         known<run, [](const RunOverview& run) { return run.state.last_watchdog.realtime; }>,
         Metric(10, "watchdog_ping_timestamp_seconds", "When the app last pinged the watchdog.")},
        {"watchdog.app_period_usec", app_period},
        {"watchdog.unit_period_usec", from<host, &unit_period>},
        {"", period,
         Metric(11, "watchdog_period_seconds", "How often the app must ping the watchdog.")},
        {"", unsent,
         Metric(8, "messages_unsent", "Messages that have not been sent to systemd yet.")},
    };
    return fields;
}

std::span<const Field> directory_fields() {
    static const Field fields[] = {
        {"host", object<host>, Line(11, "Host", lines::host)},
        {"", why_no_host, Line(11, "Host", "{}")},
        {"host.pid", from<host, &HostFacts::pid>},
        {"host.alive",
         [](const Overview& all) { return all.host ? value_of(all.host->liveness) : Value(); }},
        {"host.attached", has_wait,
         Metric(3, "attached", "Whether a wait is attached to the run.")},
        {"host.left", from<host, &HostFacts::has_left>},
        {"host.attached_usec", from<host, &HostFacts::attached_usec>},
        {"host.delivery",
         from<host, [](const HostFacts& host) { return host.polls ? "polling" : "inotify"; }>,
         Line(11, "Host", lines::delivery),
         Metric(13, "delivery_polling",
                "Whether wait polls for messages because no file events cross the mount.",
                from<host, &HostFacts::polls>)},
        {"host.lane", object<host>},
        {"host.lane.open", from<host, &HostFacts::lane_open>,
         Line(11, "Host", "file descriptors are passed on")},
        {"host.lane.fault", known<host, &HostFacts::lane_fault>,
         Line(11, "Host", "file descriptors are not passed on: {}")},
        {"host.lane.listen_fds", from<host, &HostFacts::listen_fds>},
        {"host.missing", known<host, &HostFacts::missing>,
         Line(11, "Host", "works without {}, which this kernel or a system call filter refuses")},
        {"host.acknowledged", from<progress, &HostProgress::acknowledged>},
        {"host.processed", from<progress, &HostProgress::processed>},
        {"host.latency_usec", known<progress, &HostProgress::latency_usec>,
         Metric(9, "latency_seconds",
                "The average time from a message of the app until it is sent to systemd.",
                latency)},
        {"host.stop_signal", from<host, &stop_signal>,
         Line(11, "Host", "asked the app to stop with {}")},
        {"dropped", drops, Line(15, "Dropped", lines::drops),
         Metric(21, "dropped_total", "Messages that were dropped, whole or in part.")},
        {"faults", faults},
    };
    return fields;
}

}  // namespace notifybridge::status
