#pragma once

#include <sys/types.h>

#include <variant>

#include "base/notify/state.hpp"
#include "base/process/supervisor_event.hpp"

/// The events on the container's side. The object that notices an event emits it to the only sink,
/// `Wrap`, and WrapPlan decides what to do.
namespace notifybridge::wrap {

/// The outlet may take more messages.
struct RoomCame {};

/// The host sends a signal to the command.
struct HostSignalled {
    int signal = 0;
};

/// The host has reported something new, such as its watchdog.
struct HostChanged {};

/// The descriptors for which the command was held back have arrived, or will not arrive.
struct DescriptorsCame {};

/// The command has named another process as the main process (MAINPID=).
struct MainPidNamed {
    pid_t named = 0;
};

/// The messages that have arrived must be taken before the emitter continues.
struct MessagesDue {};

struct CommandReady {};

/// The command was not ready in time, or counts as dead.
struct EndWanted {
    int signal = 0;
};

/// A stop begins to wait for connections.
struct StopDelayed {};

/// There was no connection for the whole idle timeout.
struct IdleTimedOut {};

/// The counts of connections have changed.
struct ConnectionsChanged {};

/// All messages of the ended command were taken.
struct MessagesEnded {
    bool has_reader = false;  ///< Whether a reader waits for messages.
    notify::Phase phase = {};
};

/// The probes know that the command has ended. `end` is the exit status that counts for them.
struct ProbesEnded {
    process::ExitStatus end = {};
};

/// The time that `WrapPlan::next_time` returned has come.
struct TimePassed {};

using Event = std::variant<
    process::CommandEnding, process::CommandEnded, process::SignalCame, process::SignalUnclaimed,
    process::EndAsked, process::StopComes, process::SignalPassed, process::WindowChanged, RoomCame,
    HostSignalled, HostChanged, DescriptorsCame, MainPidNamed, MessagesDue, CommandReady, EndWanted,
    StopDelayed, IdleTimedOut, ConnectionsChanged, MessagesEnded, ProbesEnded, TimePassed>;

class EventSink {
public:
    virtual ~EventSink() = default;

    virtual void happens(const Event& event) = 0;
};

}  // namespace notifybridge::wrap
