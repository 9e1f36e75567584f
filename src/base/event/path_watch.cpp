#include "base/event/path_watch.hpp"

#include <limits.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <vector>

namespace notifybridge::event {

/// Watches the directory of a path. If this directory does not exist, watches the nearest existing
/// directory above it.
void PathWatch::watch_directory_of(const std::string& path) {
    constexpr std::uint32_t events = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE
                                     | IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF
                                     | IN_MOVE_SELF | IN_ONLYDIR;
    std::string directory = path;
    do {
        const std::size_t slash = directory.rfind('/');
        directory.resize(slash == 0 || slash == directory.npos ? 0 : slash);
    } while (!directory.empty()
             && ::inotify_add_watch(inotify_.get(), directory.c_str(), events) < 0);
    if (directory.empty())
        ::inotify_add_watch(inotify_.get(), "/", events);
}

void PathWatch::watch(const std::string& who, const std::string& path,
                      std::function<void()> on_change) {
    if (!inotify_) {
        inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
        if (!inotify_)
            return;
        if (poller_.add(inotify_, EPOLLIN, [this] { read(); })) {
            inotify_.reset();
            return;
        }
    }
    watches_[who] = {path, std::move(on_change)};
    watch_directory_of(path);
}

void PathWatch::unwatch(const std::string& who) {
    watches_.erase(who);
    if (watches_.empty())
        unwatch_all();
}

void PathWatch::unwatch_all() {
    if (!inotify_)
        return;
    poller_.remove(inotify_);
    inotify_.reset();
}

/// Notifies all watchers. Each watcher checks its own path. There are only a few watchers.
void PathWatch::read() {
    alignas(inotify_event) char events[sizeof(inotify_event) + NAME_MAX + 1];
    // Limit the loop, because events may arrive faster than they are read. Remaining events wait
    // for the next turn.
    for (int n = 0; n < 1000 && ::read(inotify_.get(), events, sizeof events) > 0; ++n) {
    }
    std::vector<std::function<void()>> calls;
    for (const auto& [who, watch] : watches_) {
        // Watch the directory again, because directories may have been created or removed.
        watch_directory_of(watch.path);
        calls.push_back(watch.on_change);
    }
    for (const auto& call : calls)
        call();
}

}  // namespace notifybridge::event
