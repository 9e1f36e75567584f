#include "bridge/probe/file_probe.hpp"

#include <sys/stat.h>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "bridge/probe/schedule.hpp"

namespace notifybridge::probe {
namespace {

/// Returns the directory of `path`, which may be "." or "/".
std::string parent_of(std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Opens the closest existing ancestor directory of `path`.
system::Result<system::UniqueFd> closest_directory(std::string path) {
    for (;;) {
        std::string parent = parent_of(path);
        auto directory = system::open_directory(parent);
        if (directory || parent == "/" || parent == "." || parent == path)
            return directory;
        path = std::move(parent);
    }
}

/// The longest pause between two checks in a child process.
constexpr std::chrono::seconds longest_pause(1);

}  // namespace

void FileProbe::watch() {
    began_ = event::Deadline::now();
    if (!path_.may_hang())
        begin_to_watch();
    loop_.spawn([this] { return follow(); });
}

void FileProbe::begin_to_watch() {
    const auto directory = closest_directory(path_.path());
    watch_.emplace(loop_, directory && system::is_local_file_system(*directory));
    // If the path is a link, its target may appear in a directory that we do not watch.
    struct stat status;
    if (::lstat(path_.path().c_str(), &status) == 0 && S_ISLNK(status.st_mode))
        watch_->poll_from_now_on();
    watch_parent();
}

Finding FileProbe::look() {
    return path_.may_hang() ? latest_ : look_here();
}

Finding FileProbe::look_here() {
    Finding finding = path_.look();
    if (finding.holds || !watch_)
        return finding;
    watch_parent();
    // Check again, because the file may have appeared just before the watch began.
    return path_.look();
}

event::Awaitable<Finding> FileProbe::check() {
    if (!path_.may_hang())
        co_return look_here();
    latest_ = co_await path_.check_in_child();
    co_return latest_;
}

void FileProbe::watch_parent() {
    const auto directory = watch_->polls() ? system::UniqueFd() : closest_directory(path_.path());
    if (directory && *directory)
        watch_->watch_directory(*directory);
    else
        watch_->poll_from_now_on();
}

event::Awaitable<> FileProbe::follow() {
    while (on_change) {
        if (watch_ && !path_.may_hang()) {
            co_await watch_->changed();
            changed();
            continue;
        }
        const auto before = event::Deadline::now();
        co_await check();
        const auto after = event::Deadline::now();
        changed();
        if (on_change)
            co_await pause_.sleep(pause_after(after - began_, after - before, longest_pause));
    }
    if (watch_)
        watch_->unwatch();
}

}  // namespace notifybridge::probe
