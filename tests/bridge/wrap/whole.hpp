#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "bridge/wrap/outlet.hpp"
#include "bridge/wrap/wrap_plan.hpp"

namespace notifybridge::wrap {

struct Unit final : WatchdogSource {
    std::optional<std::chrono::microseconds> watchdog() const override { return period; }

    std::optional<std::chrono::microseconds> period;
};

/// Takes the place of `Wrap` for one of its parts: keeps the events, and knows the plan. The
/// command runs until it is asked to end.
struct Whole final : EventSink {
    Whole() { plan.begin(/*awaits_descriptors=*/false); }

    void happens(const Event& event) override {
        events.push_back(event);
        if (on_event)
            on_event(event);
    }

    void ask_to_end() { signals.note({SIGTERM}, {}); }

    /// Returns the events of one kind.
    template <typename Kind>
    std::vector<Kind> all() const {
        std::vector<Kind> found;
        for (const Event& event : events)
            if (const auto* const each = std::get_if<Kind>(&event))
                found.push_back(*each);
        return found;
    }

    process::SignalPlan signals{/*is_pid1=*/false};
    WrapPlan plan{signals, {}};
    std::vector<Event> events;
    std::function<void(const Event&)> on_event;
};

}  // namespace notifybridge::wrap
