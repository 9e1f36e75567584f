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

/// Takes the messages of the command, in order: the gates, and the outlet behind them.
class MessageSink {
public:
    virtual ~MessageSink() = default;

    /// Takes a message over. May take the datagram's descriptors; the caller closes the others.
    virtual void take(notify::Datagram& datagram, const notify::Message& message,
                      system::Moment time) = 0;

    /// Takes a barrier, which is released by closing `fd`.
    virtual void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                              system::Moment time) = 0;

    /// Ends a batch: writes the messages that `take` only queued.
    virtual void settle() = 0;

    /// Returns whether more messages may be taken. An outlet reports new room to its listener.
    virtual bool has_room() const = 0;
};

/// Learns what happens on the other side of an outlet.
class OutletListener {
public:
    virtual ~OutletListener() = default;

    /// More messages may be taken.
    virtual void room_came() = 0;
    /// The host sends this signal to the command.
    virtual void signal_came(int signal) = 0;
    /// The host has told something new, such as its watchdog.
    virtual void host_changed() = 0;
};

/// The last station of a message in `wrap`: the shared directory, or the service manager itself.
class Outlet : public MessageSink {
public:
    /// Sets the listener, which outlives the outlet. Without one, nothing is reported.
    void set_listener(OutletListener& listener) { listener_ = &listener; }

    /// Starts the outlet's coroutines.
    virtual void start() = 0;

    /// Returns the period of the unit's watchdog; nullopt without one.
    virtual std::optional<std::chrono::microseconds> watchdog() const = 0;

    /// Returns FDSTORE of the unit, if the host told it; otherwise an empty string.
    virtual std::string fd_store() const = 0;

    /// Returns whether somebody is there who waits for messages.
    virtual bool has_reader() const = 0;

    /// Returns whether the host has descriptors for the command, which `take_handed_in` fetches.
    virtual bool awaits_fds() const = 0;
    virtual event::Awaitable<relay::NamedFds> take_handed_in() = 0;

    /// Delivers what is queued, and records how the command ended. Gives up after `patience`.
    virtual event::Awaitable<> finish(process::ExitStatus end,
                                      std::chrono::microseconds patience) = 0;

    /// Records that an error of ours ends the run, if that can be written at once.
    virtual void fail(process::ExitStatus end) = 0;

protected:
    OutletListener* listener() const { return listener_; }

private:
    OutletListener* listener_ = nullptr;
};

}  // namespace notifybridge::wrap
