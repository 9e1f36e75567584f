#include "notify/state.hpp"

#include <array>

#include "util/concat.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::array<std::string_view, 4> phase_names = {"starting", "ready", "reloading",
                                                         "stopping"};

/// STOPPING before READY before RELOADING, and nothing brings a stopping service back.
Phase next_phase(Phase phase, const Message& message) {
    if (phase == Phase::stopping || message.has("STOPPING=1"))
        return Phase::stopping;
    if (message.has("READY=1"))
        return Phase::ready;
    // A reload before READY=1 changes nothing: systemd acts on it in a running service only.
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
    for (std::size_t at = 0; at < phase_names.size(); ++at)
        if (phase_names[at] == name)
            return static_cast<Phase>(at);
    return std::nullopt;
}

void fold(State& state, const Message& message, system::Moment time) {
    const Phase next = next_phase(state.phase, message);
    if (next != state.phase) {
        state.phase = next;
        state.since = time;
    }
    if (message.value(Key::watchdog) == "1")
        state.last_watchdog = time;
    // Each reload has a time of its own.
    if (message.has("RELOADING=1"))
        state.facts.erase(Key::monotonic_usec);
    // Of two equal keys the first counts, also where its value does not.
    for (const Key key : fact_keys)
        if (const auto value = message.value(key))
            keep_fact(state, key, *value);
}

std::vector<std::string> to_datagrams(const State& state) {
    std::string first;
    std::string status;
    const auto add = [](std::string& datagram, std::string_view assignment) {
        datagram += util::concat(datagram.empty() ? "" : "\n", escape_assignment(assignment));
    };
    if (state.phase == Phase::ready)
        add(first, "READY=1");
    else if (state.phase == Phase::reloading)
        add(first, "RELOADING=1");
    else if (state.phase == Phase::stopping)
        add(first, "STOPPING=1");
    for (const auto& [key, value] : state.facts) {
        // The time of a reload says nothing without the reload.
        if (key == Key::monotonic_usec && state.phase != Phase::reloading)
            continue;
        add(key == Key::status ? status : first, util::concat(name(key), '=', value));
    }

    std::vector<std::string> datagrams;
    if (first.empty() || status.empty() || first.size() + 1 + status.size() > longest_datagram) {
        for (std::string* part : {&first, &status})
            if (!part->empty())
                datagrams.push_back(std::move(*part));
    } else {
        datagrams.push_back(util::concat(first, '\n', status));
    }
    return datagrams;
}

}  // namespace notifybridge::notify
