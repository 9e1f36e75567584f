#include "base/notify/state.hpp"

#include <array>

#include "base/util/concat.hpp"
#include "base/util/named.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::array<std::string_view, 4> phase_names = {"starting", "ready", "reloading",
                                                         "stopping"};

/// Returns the phase after `message`. STOPPING has priority over READY, and READY over RELOADING. A
/// service that is stopping stays stopping.
Phase next_phase(Phase phase, const Message& message) {
    if (phase == Phase::stopping || message.has("STOPPING=1"))
        return Phase::stopping;
    if (message.has("READY=1"))
        return Phase::ready;
    // systemd ignores a reload before READY=1, so the phase stays the same.
    if (message.has("RELOADING=1") && phase != Phase::starting)
        return Phase::reloading;
    return phase;
}

void keep_fact(State& state, Key key, std::string_view value) {
    const auto accepted = accepted_value(key, value);
    if (!accepted)
        return;
    if (accepted->empty())
        state.facts.erase(key);
    else
        state.facts[key] = *accepted;
}

}  // namespace

std::string_view name(Phase phase) noexcept {
    return phase_names[static_cast<std::size_t>(phase)];
}

std::optional<Phase> phase_named(std::string_view name) noexcept {
    return util::named<Phase>(phase_names, name);
}

void fold(State& state, const Message& message, system::Moment time) {
    const Phase next = next_phase(state.phase, message);
    if (next != state.phase) {
        state.phase = next;
        state.since = time;
    }
    if (message.value(Key::watchdog) == "1")
        state.last_watchdog = time;
    // Each reload needs a new MONOTONIC_USEC.
    if (message.has("RELOADING=1"))
        state.facts.erase(Key::monotonic_usec);
    // If a datagram has a key twice, systemd uses the first value, even if this value is invalid.
    for (const Key key : fact_keys)
        if (const auto value = message.value(key))
            keep_fact(state, key, *value);
}

std::vector<std::string> to_datagrams(const State& state) {
    std::vector<std::string> datagrams;
    const auto add = [&](std::string_view assignment) {
        const std::string line = escape_assignment(assignment);
        if (datagrams.empty() || datagrams.back().size() + 1 + line.size() > longest_datagram)
            datagrams.push_back(line);
        else
            datagrams.back() += util::concat('\n', line);
    };
    if (state.phase == Phase::ready)
        add("READY=1");
    else if (state.phase == Phase::reloading)
        add("RELOADING=1");
    else if (state.phase == Phase::stopping)
        add("STOPPING=1");
    // STATUS comes last, because it may be the longest.
    for (const bool is_status : {false, true})
        for (const auto& [key, value] : state.facts) {
            // MONOTONIC_USEC is the time of a reload, and has no meaning in other phases.
            if (key == Key::monotonic_usec && state.phase != Phase::reloading)
                continue;
            if ((key == Key::status) == is_status)
                add(util::concat(name(key), '=', value));
        }
    return datagrams;
}

}  // namespace notifybridge::notify
