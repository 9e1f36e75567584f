#pragma once

#include <functional>
#include <string>

#include "base/event/loop.hpp"

namespace notifybridge::probe {

/// What a look at something showed.
struct Finding {
    bool holds = false;
    std::string reason =
        {};                ///< Why not, for people: "connection refused". Any bytes may be in it.
    bool answered = true;  ///< False if the time for the look was over before it showed anything.
};

class WatchingProbe;

/// A condition that can be looked at. Looking takes a bounded time and a bounded memory.
class Probe {
public:
    explicit Probe(std::string description) : description_(std::move(description)) {}
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    virtual ~Probe() = default;

    /// As people call it: what --ready-when was given.
    const std::string& description() const { return description_; }

    /// Looks. One at a time.
    virtual event::Awaitable<Finding> check() = 0;

    /// This probe, where it tells by itself that something changed.
    virtual WatchingProbe* watching() { return nullptr; }

private:
    std::string description_;
};

/// A condition whose changes are events, so that nobody has to look again and again.
class WatchingProbe : public Probe {
public:
    using Probe::Probe;

    /// Called when it may be worth another look, once `watch` was called.
    std::function<void()> on_change;

    /// Begins to tell of changes, until the loop ends.
    virtual void watch() {}

    /// Looks, at once.
    virtual Finding look() = 0;

    event::Awaitable<Finding> check() override { co_return look(); }
    WatchingProbe* watching() override { return this; }

protected:
    void changed() const {
        // A copy, as the callback may reset `on_change`.
        if (const auto tell = on_change)
            tell();
    }
};

/// A condition that holds once `tell` was called.
class ToldProbe final : public WatchingProbe {
public:
    /// `reason` is why it does not hold before that.
    ToldProbe(std::string description, std::string reason)
        : WatchingProbe(std::move(description)), reason_(std::move(reason)) {}

    void tell() {
        if (!std::exchange(told_, true))
            changed();
    }

    Finding look() override { return {told_, told_ ? std::string() : reason_}; }

private:
    std::string reason_;
    bool told_ = false;
};

}  // namespace notifybridge::probe
