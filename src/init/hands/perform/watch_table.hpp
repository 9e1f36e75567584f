#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/event/poller.hpp"
#include "base/system/error.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::perform {

/// A file or directory that a rule of a path unit watches, and the events that the rule needs.
struct Interest {
    std::uint64_t owner;   ///< The unit, by its serial.
    std::size_t rule;      ///< The number of the rule among the unit's rules.
    std::uint32_t events;  ///< The events to report, as bits of inotify(7).
    /// The name of the only file in the directory that matters. Empty if all files matter.
    std::string name;
    /// Whether an event means that the content of the rule's path has changed.
    bool is_content;
};

/// The watches of many owners on files. All owners share one inotify(7) instance, because the
/// kernel allows a user only 128 instances by default. They also share the watch of a file. Each
/// owner receives only the events that it requested.
///
/// The instance is opened with the first watch, and stays open, because the kernel needs about 10
/// ms to close an instance.
class WatchTable {
public:
    explicit WatchTable(event::Poller& poller) : poller_(poller) {}
    ~WatchTable();
    WatchTable(const WatchTable&) = delete;
    WatchTable& operator=(const WatchTable&) = delete;

    /// Whether to watch a symbolic link itself or the target of the link.
    enum class Link { kept, followed };

    struct Event {
        std::uint64_t owner;
        std::size_t rule;
        bool is_content;
    };
    struct Events {
        std::vector<Event> all;
        /// Whether the kernel's queue overflowed, so that events were lost.
        bool has_lost = false;
    };
    std::function<void(const Events& events)> on_events;

    /// Adds a watch. Returns the number of the watch, which is the same for all paths to one file.
    /// Returns the error if the kernel refuses the watch.
    system::Result<int> add(const std::string& path, Link link, const Interest& interest);
    /// Removes all interests of an owner.
    void remove(std::uint64_t owner) {
        replace(owner, [] {});
    }
    /// Removes all interests of an owner, and calls `add`, which adds the new interests. Loses no
    /// event of a file that both the old and the new interests watch.
    void replace(std::uint64_t owner, util::FunctionRef<void()> add);

private:
    struct Watch {
        std::string path;  ///< The path by which the watch was first added.
        Link link;
        std::uint32_t events = 0;  ///< The events that the kernel reports, as bits of inotify(7).
        std::vector<Interest> interests;
    };

    boost::system::error_code open();
    system::Result<int> request_events(const std::string& path, Link link, std::uint32_t events);
    std::vector<int> take(std::uint64_t owner);
    void narrow(int number, Watch& watch);
    void read();

    event::Poller& poller_;
    system::UniqueFd inotify_;
    std::map<int, Watch> watches_;                      ///< The watches by their numbers.
    std::map<std::uint64_t, std::vector<int>> owners_;  ///< The numbers of each owner's watches.
};

}  // namespace notifybridge::perform
