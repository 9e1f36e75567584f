#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"

namespace notifybridge::event {

/// A watch for changes of one file or directory at a time. The watch uses inotify(7) if the file
/// system sends inotify events. Otherwise the watch polls: the first time 1 ms after activity, then
/// at growing intervals of at most 100 ms.
///
/// The kernel takes about 10 ms to close an inotify descriptor that ever had a watch. So the
/// descriptor is not opened before the first watch, and the caller must send urgent messages before
/// it destroys this object.
class FileWatch {
public:
    /// `events_arrive` means that the file system reports changes from all writers
    /// (is_local_file_system).
    FileWatch(Loop& loop, bool events_arrive) : loop_(loop), timer_(loop), poll_(!events_arrive) {}

    /// If the interest is `content`, each write to a file counts as a change. Two events always
    /// count: another file replaces the file, or a writer closes the file.
    enum class Interest { content, replacement };

    /// Watches a file or a directory. A directory changes if it is moved, or if a name in it
    /// appears or disappears. Each call replaces the previous watch.
    void watch_file(system::Fd file, Interest interest);
    void watch_directory(system::Fd directory);

    /// Stops watching until the next watch_file or watch_directory. While a watch exists, events
    /// wake the process even if nothing awaits `changed`. Unlike the destructor, this call is fast.
    void unwatch();

    bool polls() const { return poll_; }

    /// Polls from now on. Call this if inotify does not report all changes to this process.
    void poll_from_now_on();

    /// Makes the next poll come after the shortest interval. Call this after a useful change.
    void saw_activity() { step_ = shortest_step; }

    /// Details of a change. Both members are false after polling or a poke.
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
    /// Reads pending events with one read(2), and returns what changed.
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
