#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/event/poller.hpp"

namespace notifybridge::event {

/// A watch that reports each possible change of a file at a path (inotify(7)). Neither the file nor
/// its directory has to exist. The watch reports nothing if inotify is not available.
class PathWatch {
public:
    explicit PathWatch(Poller& poller) : poller_(poller) {}
    ~PathWatch() { unwatch_all(); }
    PathWatch(const PathWatch&) = delete;
    PathWatch& operator=(const PathWatch&) = delete;

    /// Watches this path for the watcher `who`, and ends any earlier watch of `who`. Several
    /// watchers may watch the same path.
    void watch(const std::string& who, const std::string& path, std::function<void()> on_change);
    void unwatch(const std::string& who);

private:
    struct Watch {
        std::string path;
        std::function<void()> on_change;
    };

    void read();
    void watch_directory_of(const std::string& path);
    void unwatch_all();

    Poller& poller_;
    system::UniqueFd inotify_;
    std::map<std::string, Watch> watches_;  ///< The watches by the names of the watchers.
};

}  // namespace notifybridge::event
