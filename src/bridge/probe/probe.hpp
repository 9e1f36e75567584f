#pragma once

#include <functional>
#include <string>

#include "base/event/loop.hpp"

namespace notifybridge::probe {

/// The result of a check.
struct Finding {
    bool holds = false;
    /// Why the condition is not met, such as "connection refused". May contain any bytes.
    std::string reason = {};
    bool answered = true;  ///< Whether there was a result before the time was over.
};

class WatchingProbe;

/// A condition that can be checked with limited time and memory.
class Probe {
public:
    explicit Probe(std::string description) : description_(std::move(description)) {}
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    virtual ~Probe() = default;

    /// Returns the probe's name in messages, normally the value of --ready-when or --alive-when.
    const std::string& description() const { return description_; }

    /// Checks the condition. Only one call may run at a time.
    virtual event::Awaitable<Finding> check() = 0;

    /// Returns more about the last failure, as the end of a sentence about it. Returns an empty
    /// text if nothing else is known. Called only for reports to users, because it may cost more
    /// than a check.
    virtual std::string hint() const { return {}; }

    /// Returns whether a check takes only some 20 µs, so that checks may be frequent.
    virtual bool is_cheap() const { return false; }

    /// Returns this probe if it reports changes itself, otherwise null.
    virtual WatchingProbe* watching() { return nullptr; }

private:
    std::string description_;
};

/// A condition that reports its changes, so that polling is not necessary.
class WatchingProbe : public Probe {
public:
    using Probe::Probe;

    /// Called after `watch` when the condition may have changed.
    std::function<void()> on_change;

    /// Reports changes from now on, until the loop ends.
    virtual void watch() {}

    /// Checks the condition without waiting.
    virtual Finding look() = 0;

    event::Awaitable<Finding> check() override { co_return look(); }
    WatchingProbe* watching() override { return this; }

protected:
    void changed() const {
        // Call a copy, because the callback may reset `on_change`.
        if (const auto tell = on_change)
            tell();
    }
};

/// A condition that is met after `tell` was called.
class ToldProbe : public WatchingProbe {
public:
    /// `reason` explains why the condition is not met yet.
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
