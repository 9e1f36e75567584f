#include "init/hands/perform/watch_table.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "base/system/file.hpp"
#include "base/util/contains.hpp"

namespace notifybridge::perform {
namespace {

/// Events that end a watch. The kernel always reports them.
constexpr std::uint32_t end_of_watch = IN_IGNORED | IN_UNMOUNT;

bool concerns(const Interest& interest, std::uint32_t events, std::string_view name) {
    if (events & end_of_watch)
        return true;
    const bool is_named = interest.name.empty() || name.empty() || name == interest.name;
    return is_named && (events & interest.events);
}

std::uint32_t wanted_events(const std::vector<Interest>& interests) {
    std::uint32_t events = 0;
    for (const Interest& interest : interests)
        events |= interest.events;
    return events;
}

}  // namespace

WatchTable::~WatchTable() {
    if (inotify_)
        poller_.remove(inotify_);
}

boost::system::error_code WatchTable::open() {
    inotify_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!inotify_)
        return system::last_error();
    const auto error = poller_.add(inotify_, EPOLLIN, [this] { read(); });
    if (error)
        inotify_.reset();
    return error;
}

/// Adds these events to the events that the kernel reports for the path. Returns the number of the
/// watch.
system::Result<int> WatchTable::request_events(const std::string& path, Link link,
                                               std::uint32_t events) {
    const std::uint32_t flags = IN_MASK_ADD | (link == Link::kept ? IN_DONT_FOLLOW : 0);
    const int number = ::inotify_add_watch(inotify_.get(), path.c_str(), events | flags);
    if (number < 0)
        return system::last_error();
    return number;
}

system::Result<int> WatchTable::add(const std::string& path, Link link, const Interest& interest) {
    if (!inotify_)
        if (const auto error = open())
            return error;
    const auto number = request_events(path, link, interest.events);
    if (!number)
        return number;
    Watch& watch = watches_[*number];
    if (watch.interests.empty()) {
        watch.path = path;
        watch.link = link;
    }
    watch.events |= interest.events;
    // The caller adds each path twice in a row: as a link and as the target of a link. If the path
    // is not a link, both calls return the same watch. Merge the two interests into one.
    Interest* const last = watch.interests.empty() ? nullptr : &watch.interests.back();
    if (last && last->owner == interest.owner && last->rule == interest.rule
        && last->name == interest.name) {
        last->events |= interest.events;
        last->is_content = last->is_content || interest.is_content;
    } else {
        watch.interests.push_back(interest);
    }
    util::add_once(owners_[interest.owner], *number);
    return number;
}

/// Removes the interests of an owner, and returns the numbers of their watches.
std::vector<int> WatchTable::take(std::uint64_t owner) {
    const auto found = owners_.find(owner);
    if (found == owners_.end())
        return {};
    std::vector<int> numbers = std::move(found->second);
    owners_.erase(found);
    for (const int number : numbers)
        if (const auto watch = watches_.find(number); watch != watches_.end())
            std::erase_if(watch->second.interests,
                          [&](const Interest& each) { return each.owner == owner; });
    return numbers;
}

void WatchTable::replace(std::uint64_t owner, util::FunctionRef<void()> add) {
    const std::vector<int> numbers = take(owner);
    add();
    for (const int number : numbers) {
        const auto watch = watches_.find(number);
        if (watch == watches_.end())
            continue;
        if (!watch->second.interests.empty()) {
            narrow(number, watch->second);
            continue;
        }
        ::inotify_rm_watch(inotify_.get(), number);
        watches_.erase(watch);
    }
}

/// Limits the events of a watch to those that its owners need, because all other events would wake
/// this manager for nothing.
void WatchTable::narrow(int number, Watch& watch) {
    const std::uint32_t wanted = wanted_events(watch.interests);
    if (wanted == watch.events)
        return;
    const int flags = O_PATH | O_CLOEXEC | (watch.link == Link::kept ? O_NOFOLLOW : 0);
    const system::UniqueFd file(::open(watch.path.c_str(), flags));
    if (!file)
        return;
    const std::string path = system::proc_path(file);
    // The path may lead to another file by now. Therefore, first add the needed events to the
    // path's watch, and compare the numbers of the two watches. If they are equal, replace the
    // events.
    const auto found = request_events(path, Link::followed, wanted);
    if (found && *found == number) {
        ::inotify_add_watch(inotify_.get(), path.c_str(), wanted);
        watch.events = wanted;
    } else if (found && !watches_.contains(*found)) {
        ::inotify_rm_watch(inotify_.get(), *found);
    }
}

/// Reads once. If more events are left, the poller calls this function again.
void WatchTable::read() {
    alignas(inotify_event) std::array<char, 16384> buffer;
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    Events events;
    for (ssize_t at = 0; at < size;) {
        inotify_event event;
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* const name = buffer.data() + at + sizeof event;
        at += static_cast<ssize_t>(sizeof event + event.len);
        events.has_lost = events.has_lost || (event.mask & IN_Q_OVERFLOW);
        const auto watch = watches_.find(event.wd);
        if (watch == watches_.end())
            continue;
        for (const Interest& each : watch->second.interests)
            if (concerns(each, event.mask, event.len > 0 ? name : ""))
                events.all.push_back({each.owner, each.rule, each.is_content});
        if (event.mask & IN_IGNORED)
            watches_.erase(watch);
    }
    if (!events.all.empty() || events.has_lost)
        on_events(events);
}

}  // namespace notifybridge::perform
