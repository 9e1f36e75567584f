#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"

namespace notifybridge::event {

/// Waits for changes of one file or directory at a time. Uses inotify(7) if its events arrive, else
/// polls: 1 ms after activity, then ever less often, down to every 100 ms.
///
/// The kernel takes some 10 ms to close an inotify descriptor that ever had a watch. So it is
/// opened with the first watch, and urgent messages must be sent before this object is destroyed.
class FileWatch {
public:
    /// `events_arrive` tells if the file system reports changes by other hosts
    /// (is_local_file_system).
    FileWatch(Loop& loop, bool events_arrive) : loop_(loop), timer_(loop), poll_(!events_arrive) {}

    /// Which writes count as changes of a file. Replacing the file always counts, and so does a
    /// writer that closes it.
    enum class Interest { content, replacement };

    /// Watches this file, or this directory for names that appear or go and for its own name.
    /// Replaces the previous watch.
    void watch_file(system::Fd file, Interest interest);
    void watch_directory(system::Fd directory);

    /// Stops watching until the next watch_file or watch_directory. Without this call, events wake
    /// the process even if nothing awaits `changed`. Unlike the destructor, this is fast.
    void unwatch();

    bool polls() const { return poll_; }

    /// Polls from now on, because the other side reports that its events do not arrive here.
    void poll_from_now_on();

    /// Resets polling to its shortest interval, because the last change was useful.
    void saw_activity() { step_ = shortest_step; }

    /// Details of a change. Both are false after polling or a poke.
    struct Change {
        bool only_content = false;   ///< The file was written to, and nothing else happened.
        bool writer_closed = false;  ///< A writer closed the file.
    };

    /// Waits until there may have been a change, or until `poke`.
    Awaitable<Change> changed();

    /// Ends the current or the next wait in `changed`.
    void poke();

private:
    static constexpr std::chrono::microseconds shortest_step{1000};
    static constexpr std::chrono::microseconds longest_step{100'000};

    void watch(system::Fd file, std::uint32_t events);
    bool open_inotify();
    /// Reads all pending events.
    Change drain();

    Loop& loop_;
    Timer timer_;
    std::optional<Descriptor> inotify_;
    int watch_ = -1;
    bool poll_;
    bool poked_ = false;
    std::chrono::microseconds step_ = shortest_step;
};

}  // namespace notifybridge::event
