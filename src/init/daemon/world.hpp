#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/event/timer.hpp"
#include "init/daemon/notify_port.hpp"
#include "init/manager/engine.hpp"
#include "init/perform/host.hpp"

namespace notifybridge::daemon {

/// What the engine's units have to do with the system: the host that performs for them, the socket
/// that services say to how they are, and what people ask of their processes.
class World {
public:
    /// `notify_path` is the socket's. Throws std::system_error.
    World(event::Loop& loop, const unit::Facts& facts, const std::string& notify_path);

    /// Called after units were told something: the engine runs what is due.
    std::function<void()> on_events;
    /// Called when the whole is to end at once, with this status.
    std::function<void(std::uint8_t status)> on_end;

    /// Whose units are told; once, before `start`.
    void attach(manager::Engine& engine);

    /// Takes messages, and what units write, until the loop ends.
    void start();

    manager::Performer& performer() { return host_; }
    unit::Environment& environment() { return host_.environment(); }

    void become_idle() { host_.become_idle(); }

    /// To be called at SIGCHLD. What a process has said comes before its end. Whether there may be
    /// more to reap, for a later turn of the loop.
    bool reap();

    /// The last lines that the unit wrote, or that were written of it, as `ctl status` shows them.
    std::vector<std::string> log(const manager::Unit& unit, std::size_t lines);

    /// The unit that a process is of; null where it is nobody's.
    const manager::Unit* unit_of(pid_t pid) { return host_.unit_of(pid); }

    std::vector<pid_t> processes_of(const manager::Unit& unit) { return host_.processes_of(unit); }
    execute::Identity identity_of(const manager::Unit& unit) const {
        return host_.identity_of(unit);
    }
    execute::GroupUsage usage_of(const manager::Unit& unit) const { return host_.usage_of(unit); }

    /// Signals a unit's processes. Why not, where that cannot be.
    std::string kill_by_hand(const manager::Unit& unit, manager::KillWhom whom, int signal);

    /// Signals all processes that are left, whosever they are.
    void signal_leftovers(int signal);
    /// Waits until there are none left: whether that was so before `patience` was over.
    event::Awaitable<bool> await_leftovers(std::chrono::microseconds patience);

private:
    void take(notify::Datagram& datagram, const notify::Message& message);

    event::Loop& loop_;
    perform::Host host_;
    NotifyPort port_;
    event::Timer leftover_pause_;
};

}  // namespace notifybridge::daemon
