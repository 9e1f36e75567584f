#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/wake_queue.hpp"
#include "init/hands/perform/wall_clock.hpp"
#include "init/rules/unit_types/timers.hpp"

namespace notifybridge::perform {

/// The wake-ups and the stamps of timers on this system. While there are no timers, this object has
/// no descriptor and uses little memory.
class HostTimers final : public unit_types::Timers {
public:
    HostTimers(event::Loop& loop, HostState& state);

    std::uint64_t boot() const override;
    std::uint64_t startup() const override { return startup_; }
    calendar::Zones& zones() override { return zones_; }
    void wake(const manager::Unit& timer, const unit_types::WakeUp& wake_up) override;
    void cancel(const manager::Unit& timer) override;
    std::uint64_t random(const manager::Unit& timer) override;
    std::string stamp_path(const manager::Unit& timer) const override;
    std::optional<std::uint64_t> read_stamp(const manager::Unit& timer) override;
    std::error_code write_stamp(const manager::Unit& timer, std::uint64_t realtime) override;

private:
    struct Waiting {
        std::string key;  ///< The key of the timer's unit.
        bool follows_clock;
    };
    /// The clocks, which are created when the first timer waits. The members identify timers by
    /// their serials.
    struct Clocks {
        Clocks(event::Loop& loop, event::Poller& poller, std::uint64_t offset);

        WakeQueue monotonic;
        WakeQueue realtime;
        std::map<std::uint64_t, Waiting> waiting;
        unsigned followers = 0;  ///< The number of timers that follow the clock.
        event::Deadline deadline;
        /// The moment for which the deadline is set, or 0 if there is none.
        std::uint64_t armed = 0;
        WallClock wall_clock;
    };

    void forget(std::uint64_t serial);
    event::Awaitable<> wake_soon();
    void wake_due();
    void notify_followers(void (*event)(manager::Unit& timer));
    void arm();

    event::Loop& loop_;
    HostState& state_;
    std::uint64_t startup_;
    mutable std::optional<std::uint64_t> boot_;
    std::unique_ptr<Clocks> clocks_;
    calendar::Zones zones_;
};

}  // namespace notifybridge::perform
