#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/system/error.hpp"
#include "init/perform/poller.hpp"

namespace notifybridge::perform {

/// The interest of a path unit's rule in one file or directory.
struct Interest {
    std::uint64_t owner;   ///< The unit, by its serial.
    std::size_t rule;      ///< The number of the rule in its file.
    std::uint32_t events;  ///< Those of inotify(7).
    std::string name;      ///< The only name in a directory that matters; empty: each.
    bool is_content;       ///< An event is a change of what the rule names.
};

/// Watches of many owners in one inotify(7) instance: the kernel allows a user only 128 instances
/// by default. Owners share the watch of a file, and each learns of its own events only.
///
/// The instance is opened with the first watch, and stays open: the kernel takes some 10 ms to
/// close one.
class WatchTable {
public:
    explicit WatchTable(Poller& poller) : poller_(poller) {}
    ~WatchTable();
    WatchTable(const WatchTable&) = delete;
    WatchTable& operator=(const WatchTable&) = delete;

    /// Whether a watch is of a link itself or of what it points to.
    enum class Link { kept, followed };

    struct Event {
        std::uint64_t owner;
        std::size_t rule;
        bool is_content;
    };
    struct Events {
        std::vector<Event> all;
        bool has_lost = false;  ///< The kernel's queue was full: anything may have happened.
    };
    std::function<void(const Events& events)> on_events;

    /// Adds a watch. Returns its number, which is the same for all paths to the same file.
    system::Result<int> add(const std::string& path, Link link, const Interest& interest);
    /// Removes all interests of an owner.
    void remove(std::uint64_t owner) {
        replace(owner, [] {});
    }
    /// Does the same, and calls `add` for new ones. An event that the kernel has reported for both
    /// is not lost.
    void replace(std::uint64_t owner, const std::function<void()>& add);

private:
    struct Watch {
        std::string path;  ///< The path by which the watch was first added.
        Link link;
        std::uint32_t events = 0;  ///< That the kernel reports.
        std::vector<Interest> interests;
    };

    boost::system::error_code open();
    system::Result<int> ask_kernel(const std::string& path, Link link, std::uint32_t events);
    std::vector<int> take(std::uint64_t owner);
    void narrow(int number, Watch& watch);
    void read();

    Poller& poller_;
    system::UniqueFd inotify_;
    std::map<int, Watch> watches_;                      ///< By their numbers.
    std::map<std::uint64_t, std::vector<int>> owners_;  ///< The numbers of their watches.
};

}  // namespace notifybridge::perform
