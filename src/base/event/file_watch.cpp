#include "base/event/file_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/system/file.hpp"

namespace notifybridge::event {

void FileWatch::watch_file(system::Fd file, Interest interest) {
    // IN_ATTRIB reports a new link count, which changes when another file is renamed over this one.
    const std::uint32_t content = interest == Interest::content ? IN_MODIFY : 0;
    watch(file, IN_CLOSE_WRITE | IN_ATTRIB | content);
}

void FileWatch::watch_directory(system::Fd directory) {
    watch(directory, IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVE_SELF | IN_ONLYDIR);
}

void FileWatch::unwatch() {
    if (watch_ >= 0)
        ::inotify_rm_watch(inotify_->fd().get(), std::exchange(watch_, -1));
}

void FileWatch::poll_from_now_on() {
    poll_ = true;
    unwatch();
}

void FileWatch::watch(system::Fd file, std::uint32_t events) {
    // If inotify fails, fall back to polling.
    if (poll_ || (!inotify_ && !open_inotify()))
        return poll_from_now_on();
    const int fresh =
        ::inotify_add_watch(inotify_->fd().get(), system::proc_path(file).c_str(), events);
    // inotify_add_watch fails with ENOSPC if the user has no inotify watches left.
    if (fresh < 0)
        return poll_from_now_on();
    if (watch_ != fresh)
        unwatch();
    watch_ = fresh;
}

bool FileWatch::open_inotify() {
    system::UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    // inotify_init1 fails with EMFILE if the user has no inotify instances left, or this process
    // has no descriptors left.
    return fd && event::watch(inotify_, loop_, std::move(fd));
}

FileWatch::Change FileWatch::drain() {
    // One read is enough: later events make the descriptor readable again.
    alignas(inotify_event) std::array<char, 1024> events;
    const ssize_t size = ::read(inotify_->fd().get(), events.data(), events.size());
    Change change;
    change.only_content = size > 0;
    for (ssize_t at = 0; at < size;) {
        inotify_event event;
        std::memcpy(&event, events.data() + at, sizeof event);
        change.writer_closed = change.writer_closed || (event.mask & IN_CLOSE_WRITE);
        change.only_content = change.only_content && event.mask == IN_MODIFY;
        at += static_cast<ssize_t>(sizeof event + event.len);
    }
    return change;
}

Awaitable<FileWatch::Change> FileWatch::changed() {
    Change change;
    if (poked_) {
        poked_ = false;
        co_return change;
    }
    if (poll_) {
        const bool slept = co_await timer_.sleep(step_);
        if (slept)
            step_ = std::min(step_ * 2, longest_step);
    } else if (!inotify_) {
        co_await timer_.sleep(std::chrono::microseconds::max());
    } else {
        const bool readable = co_await inotify_->readable();
        if (readable)
            change = drain();
    }
    poked_ = false;
    co_return change;
}

void FileWatch::poke() {
    poked_ = true;
    timer_.cancel();
    if (inotify_)
        inotify_->cancel();
}

}  // namespace notifybridge::event
