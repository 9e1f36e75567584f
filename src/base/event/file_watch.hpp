#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"

namespace notifybridge::event {

/// Waits for a change of one file or directory at a time: by inotify(7) where its events arrive,
/// else by looking again and again, 1 ms after activity and ever more seldom up to 100 ms.
///
/// The kernel takes some 10 ms to close an inotify descriptor that ever had a watch. So it is
/// opened with the first watch, and whoever has a message to send sends it before this goes.
class FileWatch {
public:
    /// `events_arrive`: whether the file system reports what other hosts do (is_local_file_system).
    FileWatch(Loop& loop, bool events_arrive) : loop_(loop), timer_(loop), poll_(!events_arrive) {}

    /// What counts as a change of a file. That another file took its name, or that somebody who had
    /// it open for writing closed it, always does.
    enum class Interest { content, replacement };

    /// Watches this file, or directory for names that come or go, in place of the one before.
    void watch_file(system::Fd file, Interest interest);
    void watch_directory(system::Fd directory);

    /// Watches nothing until the next of these two: what changes meanwhile is not reported, and
    /// does not wake us, which an event does also where nobody waits for it. Unlike the end of
    /// this, that takes the kernel no time.
    void unwatch();

    bool polls() const { return poll_; }

    /// From now on looks again and again, as the other side says that its events do not arrive.
    void poll_from_now_on() { poll_ = true; }

    /// What was found after the last change was worth it: polling goes back to its shortest step.
    void saw_activity() { step_ = shortest_step; }

    /// What `changed` knows of a change: nothing where it polls, or where it was poked.
    struct Change {
        bool only_content = false;   ///< The file was written to, and nothing else.
        bool writer_closed = false;  ///< Somebody who had it open for writing closed it.
    };

    /// Waits until there may have been a change, or until `poke`.
    Awaitable<Change> changed();

    /// Ends the current or the next `changed`, for a change of another kind.
    void poke();

private:
    static constexpr std::chrono::microseconds shortest_step{1000};
    static constexpr std::chrono::microseconds longest_step{100'000};

    void watch(system::Fd file, std::uint32_t events);
    bool open_inotify();
    /// Takes the events that there are.
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
