#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/event/loop.hpp"
#include "base/notify/message.hpp"
#include "base/notify/receiver.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"
#include "bridge/relay/fd_lane.hpp"

namespace notifybridge::wrap {

/// Receives the messages of the command, in order. The gates (SenderGate and ReadyGate) and the
/// outlet behind them are sinks.
class MessageSink {
public:
    virtual ~MessageSink() = default;

    /// Returns whether the messages of this process count.
    virtual bool accepts(pid_t /*sender*/) { return true; }

    /// Takes a message. May take the datagram's descriptors. The caller closes those that are left.
    virtual void take(notify::Datagram& datagram, const notify::Message& message,
                      system::Moment time) = 0;

    /// Takes a barrier. Closing `fd` releases the barrier.
    virtual void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                              system::Moment time) = 0;

    /// Ends a batch: writes the messages that `take` has only queued.
    virtual void settle() = 0;

    /// Returns whether more messages may be taken. An outlet informs its listener when there is
    /// room again.
    virtual bool has_room() const = 0;
};

/// Receives the events of an outlet.
class OutletListener {
public:
    virtual ~OutletListener() = default;

    /// Called when more messages may be taken.
    virtual void room_came() = 0;
    /// Called when the host sends this signal to the command.
    virtual void signal_came(int signal) = 0;
    /// Called when the host has reported something new, such as its watchdog.
    virtual void host_changed() = 0;
};

/// Knows the watchdog of the unit.
class WatchdogSource {
public:
    virtual ~WatchdogSource() = default;

    /// Returns the period of the unit's watchdog. Returns nullopt if there is no watchdog.
    virtual std::optional<std::chrono::microseconds> watchdog() const = 0;
};

/// Passes the command's messages on, to the shared directory or directly to the service manager.
class Outlet : public MessageSink, public WatchdogSource {
public:
    /// Sets the listener, which must outlive the outlet. If no listener is set, nothing is
    /// reported.
    void set_listener(OutletListener& listener) { listener_ = &listener; }

    /// Starts the outlet's coroutines.
    virtual void start() = 0;

    /// Returns FDSTORE of the unit if the host has reported it. Otherwise returns an empty text.
    virtual std::string fd_store() const = 0;

    /// Returns whether there is a reader that waits for messages.
    virtual bool has_reader() const = 0;

    /// Returns whether the host has descriptors for the command. `take_handed_in` fetches them.
    virtual bool awaits_fds() const = 0;
    virtual event::Awaitable<relay::NamedFds> take_handed_in() = 0;

    /// Delivers the queued messages, and records how the command ended. Gives up after `patience`.
    virtual event::Awaitable<> finish(process::ExitStatus end,
                                      std::chrono::microseconds patience) = 0;

    /// Records that an error of `wrap` ends the run. Does nothing if the record cannot be written
    /// at once.
    virtual void fail(process::ExitStatus end) = 0;

protected:
    OutletListener* listener() const { return listener_; }

private:
    OutletListener* listener_ = nullptr;
};

}  // namespace notifybridge::wrap
