#include "bridge/channel/state_text.hpp"

#include "base/util/number.hpp"

namespace notifybridge::channel {
namespace {

bool read_usec(std::uint64_t& usec, const std::string& value) {
    usec = util::parse_number<std::uint64_t>(value).value_or(0);
    return true;
}

/// Writes the assignment that caused the state, because scripts search for this assignment.
void write_assignment(notify::Phase phase, util::KeyValueWriter& out) {
    if (phase == notify::Phase::ready)
        out.add("READY", 1);
    else if (phase == notify::Phase::reloading)
        out.add("RELOADING", 1);
    else if (phase == notify::Phase::stopping)
        out.add("STOPPING", 1);
}

}  // namespace

void write_state(const notify::State& state, util::KeyValueWriter& out, bool ended) {
    if (ended)
        out.add("STATE", "ended");
    out.add(ended ? "LAST_STATE" : "STATE", notify::name(state.phase));
    out.add("STATE_SINCE_USEC", state.since.realtime);
    out.add("STATE_SINCE_MONOTONIC_USEC", state.since.monotonic);
    write_assignment(state.phase, out);
    for (const auto& [key, value] : state.facts)
        out.add(notify::name(key), value);
    if (state.last_watchdog.realtime != 0) {
        out.add("WATCHDOG_LAST_USEC", state.last_watchdog.realtime);
        out.add("WATCHDOG_LAST_MONOTONIC_USEC", state.last_watchdog.monotonic);
    }
}

std::string to_text(const notify::State& state) {
    util::KeyValueWriter text;
    write_state(state, text);
    return text.text();
}

bool read_state_line(notify::State& state, std::string_view key, const std::string& value) {
    if (key == "STATE" || key == "LAST_STATE") {
        state.phase = notify::phase_named(value).value_or(notify::Phase::starting);
        return true;
    }
    if (key == "STATE_SINCE_USEC")
        return read_usec(state.since.realtime, value);
    if (key == "STATE_SINCE_MONOTONIC_USEC")
        return read_usec(state.since.monotonic, value);
    if (key == "WATCHDOG_LAST_USEC")
        return read_usec(state.last_watchdog.realtime, value);
    if (key == "WATCHDOG_LAST_MONOTONIC_USEC")
        return read_usec(state.last_watchdog.monotonic, value);
    const auto fact = notify::key_named(key);
    if (!fact || !notify::is_fact(*fact))
        return false;
    state.facts[*fact] = value;
    return true;
}

notify::State parse_state(std::string_view text) {
    notify::State state;
    util::for_each_key_value(text, [&](std::string_view key, const std::string& value) {
        read_state_line(state, key, value);
    });
    return state;
}

}  // namespace notifybridge::channel
