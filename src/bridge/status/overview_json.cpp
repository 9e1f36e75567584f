#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/utf8.hpp"
#include "bridge/diagnosis/symptoms.hpp"
#include "bridge/status/named_unit.hpp"
#include "bridge/status/overview_text.hpp"

namespace notifybridge::status {
namespace {

namespace json = boost::json;

/// Escapes a text that is not UTF-8, because JSON must be UTF-8.
json::string text(std::string_view bytes) {
    return util::is_utf8(bytes) ? json::string(bytes) : json::string(util::escape(bytes));
}

void append_utf16(std::string& out, std::uint32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (const int shift : {12, 8, 4, 0})
        out += digits[unit >> shift & 15];
}

/// Writes invisible characters as \\uNNNN. Invisible characters occur only inside strings. JSON
/// itself escapes only ASCII control characters, except DEL.
std::string without_unseen(std::string_view serialized) {
    std::string out;
    out.reserve(serialized.size());
    while (!serialized.empty()) {
        const std::size_t length = util::utf8_sequence(serialized);
        const std::string_view sequence = serialized.substr(0, std::max<std::size_t>(1, length));
        serialized.remove_prefix(sequence.size());
        if (length == 0 || !util::is_unseen(sequence)) {
            out += sequence;
            continue;
        }
        const std::uint32_t point = util::code_point(sequence);
        constexpr std::uint32_t first_of_pairs = 0x10000;
        if (point < first_of_pairs) {
            append_utf16(out, point);
        } else {
            append_utf16(out, 0xD800 + ((point - first_of_pairs) >> 10));
            append_utf16(out, 0xDC00 + ((point - first_of_pairs) & 0x3FF));
        }
    }
    return out;
}

json::value usec_or_null(std::uint64_t usec) {
    return usec == 0 ? json::value() : json::value(usec);
}

json::value alive_or_null(Liveness liveness) {
    return liveness == Liveness::unknown ? json::value() : json::value(liveness == Liveness::alive);
}

json::value end_to_json(const RunOverview& run) {
    if (!run.end)
        return {};
    json::object end;
    if (run.end->signal != 0)
        end["signal"] = process::signal_name(run.end->signal);
    else
        end["exit_status"] = run.end->code;
    return end;
}

json::value fact(const notify::State& state, notify::Key key) {
    const auto found = state.facts.find(key);
    return found == state.facts.end() ? json::value() : json::value(text(found->second));
}

void add_run(json::object& out, const RunOverview& run) {
    out["run_id"] = system::to_string(run.header.run);
    out["alive"] = alive_or_null(run.liveness);
    out["ready"] = run.liveness != Liveness::ended && is_ready(run);
    out["state"] = state_name(run);
    out["phase"] = notify::name(run.state.phase);
    out["since_usec"] = run.end ? run.ended_usec : run.state.since.realtime;
    out["started_usec"] = run.header.started_usec;
    out["end"] = end_to_json(run);
    out["damaged"] = run.damaged;
    out["status"] = fact(run.state, notify::Key::status);
    out["errno"] = fact(run.state, notify::Key::errno_);
    out["bus_error"] = fact(run.state, notify::Key::bus_error);
    out["varlink_error"] = fact(run.state, notify::Key::varlink_error);
    out["exit_status"] = fact(run.state, notify::Key::exit_status);
    out["main_pid"] = fact(run.state, notify::Key::main_pid);
    out["wrap_pid"] = run.header.pid;
    out["wrap_uid"] = run.header.uid;
    out["pid_namespace"] = run.header.pid_namespace;
    out["last_sequence"] = run.last_sequence;
    json::object keys;
    for_each_key(run, [&](std::string_view name, std::uint64_t count) { keys[name] = count; });
    out["journaled_keys"] = std::move(keys);
}

json::value health_to_json(const std::optional<channel::ContainerStatus>& container) {
    if (!container || !container->health)
        return {};
    const channel::Health& health = *container->health;
    json::object out;
    out["state"] = name(health.state);
    out["failing_streak"] = health.failing_streak;
    out["exit_status"] = health.exit_status ? json::value(*health.exit_status) : json::value();
    out["output"] = text(health.output);
    return out;
}

json::value connections_to_json(const std::optional<channel::ContainerStatus>& container) {
    if (!container || !container->connections)
        return {};
    const channel::Connections& connections = *container->connections;
    json::object out;
    out["open"] = connections.open;
    out["waiting"] = connections.waiting;
    out["limit"] = connections.limit;
    out["accepted"] = connections.accepted;
    out["refused"] = connections.refused;
    return out;
}

void add_container(json::object& out, const std::optional<channel::ContainerStatus>& container) {
    out["command"] = container ? json::value(text(container->command)) : json::value();
    out["command_pid"] = container ? json::value(container->command_pid) : json::value();
    out["messages"] = container ? json::value(container->messages) : json::value();
    out["health"] = health_to_json(container);
    out["connections"] = connections_to_json(container);
    out["unheard_barriers"] = container ? json::value(container->unheard_barriers) : json::value();
    out["pauses"] = container ? json::value(container->pauses) : json::value();
}

json::object watchdog(const Overview& overview) {
    json::object out;
    out["last_ping_usec"] = usec_or_null(overview.run->state.last_watchdog.realtime);
    const auto& facts = overview.run->state.facts;
    const auto own = facts.find(notify::Key::watchdog_usec);
    const auto period =
        own == facts.end() ? std::nullopt : util::parse_number<std::uint64_t>(own->second);
    out["app_period_usec"] = period ? json::value(*period) : json::value();
    const bool has_unit = overview.host && overview.host->file.facts.watchdog;
    out["unit_period_usec"] =
        has_unit ? json::value(overview.host->file.facts.watchdog->count()) : json::value();
    return out;
}

json::value host(const Overview& overview) {
    if (!overview.host)
        return {};
    const channel::HostFile& file = overview.host->file;
    json::object out;
    out["pid"] = file.facts.pid;
    out["alive"] = alive_or_null(overview.host->liveness);
    out["attached"] = overview.run && is_attached(*overview.host, *overview.run);
    out["left"] = file.facts.has_left;
    out["attached_usec"] = file.facts.attached_usec;
    out["delivery"] = file.facts.polls ? "polling" : "inotify";
    json::object lane;
    lane["open"] = file.facts.lane_open;
    lane["fault"] =
        file.facts.lane_fault.empty() ? json::value() : json::value(text(file.facts.lane_fault));
    lane["listen_fds"] = file.facts.listen_fds;
    out["lane"] = std::move(lane);
    out["missing"] =
        file.facts.missing.empty() ? json::value() : json::value(text(file.facts.missing));
    const bool is_ours = overview.run && file.facts.run == overview.run->header.run;
    out["acknowledged"] = is_ours ? json::value(file.progress.acknowledged) : json::value();
    out["processed"] = is_ours ? json::value(file.progress.processed) : json::value();
    out["latency_usec"] = is_ours ? usec_or_null(file.progress.latency_usec) : json::value();
    const int signal = end_request(file.facts);
    out["stop_signal"] = signal == 0 ? json::value() : json::value(process::signal_name(signal));
    return out;
}

void add_drops(json::array& out, const notify::DropCounters& drops, std::string_view by) {
    drops.for_each([&](notify::DropReason reason, std::uint64_t count) {
        json::object drop;
        drop["reason"] = notify::name(reason);
        drop["explanation"] = notify::explain(reason);
        drop["by"] = by;
        drop["count"] = count;
        if (reason == notify::DropReason::refused_key)
            drop["keys"] = drops.refused_keys();
        out.push_back(std::move(drop));
    });
}

json::array dropped(const Overview& overview) {
    json::array out;
    if (overview.container)
        add_drops(out, overview.container->drops, "wrap");
    if (overview.host)
        add_drops(out, overview.host->file.facts.drops, "wait");
    return out;
}

json::array faults(const Overview& overview) {
    json::array out;
    for (const FileFault& fault : overview.faults) {
        json::object entry;
        entry["file"] = fault.file;
        entry["text"] = fault.text;
        out.push_back(std::move(entry));
    }
    return out;
}

void add_overview(json::object& out, const Overview& overview, std::string_view path) {
    out["shared_dir"] = text(path);
    if (overview.run) {
        add_run(out, *overview.run);
        add_container(out, overview.container);
        out["watchdog"] = watchdog(overview);
    }
    out["host"] = host(overview);
    out["dropped"] = dropped(overview);
    out["faults"] = faults(overview);
}

std::string on_a_line(const json::object& object) {
    return without_unseen(json::serialize(object)) + '\n';
}

/// Creates an object with the members that begin every answer.
json::object begin_answer() {
    json::object out;
    out["version"] = json_version;
    return out;
}

void add_owner(json::object& out, const Owner& owner) {
    out["unit"] = owner.unit.empty() ? json::value() : json::value(text(owner.unit));
    out["uid"] = owner.uid;
    out["manager_uid"] = owner.manager ? json::value(*owner.manager) : json::value();
    out["mount_namespace"] = owner.mounts != 0 ? json::value(owner.mounts) : json::value();
}

json::array array_of(std::span<const NamedOverview> bridges) {
    json::array all;
    for (const NamedOverview& bridge : bridges) {
        json::object one;
        add_owner(one, bridge.owner.value_or(Owner()));
        add_overview(one, bridge.overview, bridge.path);
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

std::string to_json(const Overview& overview, std::string_view path) {
    json::object out = begin_answer();
    add_overview(out, overview, path);
    return on_a_line(out);
}

std::string to_json(std::span<const NamedOverview> members, std::string_view path) {
    json::object all;
    for (const NamedOverview& member : members) {
        json::object one;
        add_overview(one, member.overview, member.path);
        all[text(member.member)] = std::move(one);
    }
    json::object out = begin_answer();
    out["shared_dir"] = text(path);
    out["members"] = std::move(all);
    return on_a_line(out);
}

std::string to_json(const diagnosis::UnitFacts& unit) {
    json::object out = begin_answer();
    out["shared_dir"] = nullptr;
    out["unit"] = text(unit.name);
    out["manager_uid"] = unit.user ? json::value(*unit.user) : json::value();
    out["alive"] = is_alive(unit);
    out["ready"] = is_ready(unit);
    out["active_state"] = text(unit.active_state);
    out["sub_state"] = text(unit.sub_state);
    out["result"] = text(unit.result);
    out["status"] = text(unit.status_text);
    out["why_no_directory"] = text(why_no_directory(unit));
    return on_a_line(out);
}

std::string to_json_of_all(std::span<const NamedOverview> bridges) {
    json::object out = begin_answer();
    out["bridges"] = array_of(bridges);
    return on_a_line(out);
}

}  // namespace notifybridge::status
