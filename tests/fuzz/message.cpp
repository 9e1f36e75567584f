#include <string>
#include <vector>

#include "base/notify/assignments.hpp"
#include "base/notify/message.hpp"
#include "base/notify/state.hpp"
#include "base/util/concat.hpp"
#include "fuzz.hpp"

/// Fuzzes the parser of an app's datagrams, and the state that `fold` computes from them. Also
/// fuzzes the datagrams that pass this state to a reader that starts late. A line "--" separates
/// two datagrams.
namespace notifybridge {
namespace {

using fuzz::require;
using notify::Phase;
using notify::State;

std::vector<std::string_view> split(std::string_view input) {
    constexpr std::string_view border = "\n--\n";
    std::vector<std::string_view> datagrams;
    for (std::size_t at; (at = input.find(border)) != input.npos;) {
        datagrams.push_back(input.substr(0, at));
        input.remove_prefix(at + border.size());
    }
    datagrams.push_back(input);
    return datagrams;
}

void assignments_read_back(const notify::Message& message) {
    for (const notify::Tag& tag : message.tags()) {
        const std::string escaped = notify::escape_assignment(tag.text);
        const auto again = notify::parse(escaped);
        // Escapes may make a datagram too long.
        if (!again && again.error() == notify::DropReason::too_long)
            continue;
        require(again && again->tags().size() == 1, "an escaped assignment is one assignment");
        require(again->tags()[0].text == tag.text && again->tags()[0].key == tag.key,
                "an escaped assignment has the same text after parsing");
    }
}

void lines_stay_apart(std::string_view assignment) {
    constexpr std::string_view next = "X_NEXT=1";
    const auto message = notify::parse(util::concat(assignment, '\n', next));
    if (message && assignment.find('X') == assignment.npos)
        require(message->has(next) != notify::ends_in_escape(assignment),
                "ends_in_escape returns whether the next line is lost");
}

State told_late(const State& state) {
    State late;
    for (const std::string& datagram : notify::to_datagrams(state)) {
        const auto message = notify::parse(datagram);
        require(message.has_value(), "a datagram for a late reader can be parsed");
        notify::fold(late, *message, state.since);
    }
    return late;
}

/// Returns the state that a reader must get if it starts late. The reader begins in the phase
/// `starting`, in which `fold` ignores a reload.
State expected_late(State state) {
    state.last_watchdog = {};
    if (state.phase != Phase::reloading)
        state.facts.erase(notify::Key::monotonic_usec);
    if (state.phase == Phase::reloading || state.phase == Phase::starting) {
        state.phase = Phase::starting;
        state.since = {};
    }
    return state;
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    notify::State state;
    std::uint64_t time = 0;
    for (const std::string_view datagram : split(fuzz::as_text(data, size))) {
        lines_stay_apart(datagram);
        const auto message = notify::parse(datagram);
        if (!message)
            continue;
        assignments_read_back(*message);
        const notify::Phase before = state.phase;
        ++time;
        notify::fold(state, *message, {time, time});
        require(before != notify::Phase::stopping || state.phase == before,
                "a stopping service stays in this phase");
        require(told_late(state) == expected_late(state), "a late reader gets the state");
    }
    return 0;
}
