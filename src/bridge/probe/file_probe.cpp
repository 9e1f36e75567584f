#include "bridge/probe/file_probe.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "bridge/probe/connect_probe.hpp"

namespace notifybridge::probe {
namespace {

/// The directory that `path` is in; "." and "/" have none.
std::string parent_of(std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// The directory closest to `path` that is there.
system::Result<system::UniqueFd> closest_directory(std::string path) {
    for (;;) {
        std::string parent = parent_of(path);
        auto directory = system::open_directory(parent);
        if (directory || parent == "/" || parent == "." || parent == path)
            return directory;
        path = std::move(parent);
    }
}

}  // namespace

void FileProbe::watch() {
    const auto directory = closest_directory(path_);
    watch_.emplace(loop_, directory && system::is_local_file_system(*directory));
    // What a link leads to may come where nothing is watched.
    struct stat status;
    if (::lstat(path_.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
        watch_->poll_from_now_on();
    watch_parent();
    loop_.spawn([this] { return follow(); });
}

Finding FileProbe::find() const {
    struct stat status;
    Finding finding;
    finding.holds = ::stat(path_.c_str(), &status) == 0;
    if (!finding.holds)
        finding.reason = reason_of(system::last_error());
    return finding;
}

Finding FileProbe::look() {
    Finding finding = find();
    if (finding.holds || !watch_)
        return finding;
    watch_parent();
    // It may have come just before there was a watch.
    return find();
}

void FileProbe::watch_parent() {
    const auto directory = watch_->polls() ? system::UniqueFd() : closest_directory(path_);
    if (directory && *directory)
        watch_->watch_directory(*directory);
    else
        watch_->poll_from_now_on();
}

event::Awaitable<> FileProbe::follow() {
    while (on_change) {
        co_await watch_->changed();
        changed();
    }
    watch_->unwatch();
}

}  // namespace notifybridge::probe
