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
/// opened with the first watch, and urgent messages are to be sent before this is destroyed.
class FileWatch {
public:
    /// `events_arrive`: whether the file system reports what other hosts do (is_local_file_system).
    FileWatch(Loop& loop, bool events_arrive) : loop_(loop), timer_(loop), poll_(!events_arrive) {}

    /// What counts as a change of a file. Another file's taking its name always does, and so does
    /// a writer's closing it.
    enum class Interest { content, replacement };

    /// Watches this file, or directory for names that come or go and for its own name, in place of
    /// the one before.
    void watch_file(system::Fd file, Interest interest);
    void watch_directory(system::Fd directory);

    /// Watches nothing until the next of these two. Changes meanwhile are not reported, and do not
    /// wake this process, as events do even while `changed` is not awaited. Unlike the destructor,
    /// that takes the kernel no time.
    void unwatch();

    bool polls() const { return poll_; }

    /// Polls from now on, as the other side says that its events do not arrive here.
    void poll_from_now_on();

    /// The last change led to something: polling goes back to its shortest step.
    void saw_activity() { step_ = shortest_step; }

    /// What `changed` knows of a change: nothing where it polls, or where it was poked.
    struct Change {
        bool only_content = false;   ///< The file was written to, and nothing else.
        bool writer_closed = false;  ///< A writer closed it.
    };

    /// Waits until there may have been a change, or until `poke`.
    Awaitable<Change> changed();

    /// Ends the current or the next `changed`.
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
