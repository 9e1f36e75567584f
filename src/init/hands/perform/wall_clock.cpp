#include "init/hands/perform/wall_clock.hpp"

#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <limits>
#include <utility>

#include "base/system/error.hpp"

namespace notifybridge::perform {
namespace {

itimerspec at(std::uint64_t moment) {
    itimerspec time{};
    if (moment == 0) {
        time.it_value.tv_sec = std::numeric_limits<std::time_t>::max();
        return time;
    }
    time.it_value.tv_sec = static_cast<std::time_t>(moment / 1'000'000);
    time.it_value.tv_nsec = static_cast<long>(moment % 1'000'000 * 1000);
    return time;
}

}  // namespace

WallClock::ZoneFile WallClock::zone_file() const {
    struct stat file {};
    if (::lstat(local_time_.c_str(), &file) != 0)
        return {};
    return {file.st_dev, file.st_ino, file.st_ctim.tv_sec * 1'000'000'000 + file.st_ctim.tv_nsec};
}

void WallClock::open() {
    timer_.reset(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timer_)
        system::throw_errno("timerfd_create");
    if (const auto error = poller_.add(timer_, EPOLLIN, [this] { read(); }))
        system::throw_error(error.value(), "epoll_ctl");
    zone_file_ = zone_file();
    zone_.watch(local_time_, local_time_, [this] { look_at_zone(); });
}

void WallClock::run(std::uint64_t moment) {
    const bool is_new = !timer_;
    if (is_new)
        open();
    else if (moment == moment_)
        return;
    moment_ = moment;
    const int error = set(moment);
    // ECANCELED means that the clock jumped after the last read. No later read would report the
    // jump. Therefore, let the timer expire at once, so that `read` reports the jump.
    if (error == ECANCELED) {
        has_jumped_ = true;
        set(1);
    } else if (error != 0) {
        system::throw_error(error, "timerfd_settime");
    }
}

int WallClock::set(std::uint64_t moment) {
    const itimerspec time = at(moment);
    constexpr int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    return ::timerfd_settime(timer_.get(), flags, &time, nullptr) < 0 ? errno : 0;
}

void WallClock::stop() {
    if (!timer_)
        return;
    zone_.unwatch(local_time_);
    poller_.remove(timer_);
    timer_.reset();
}

void WallClock::read() {
    std::uint64_t count = 0;
    const bool is_due = ::read(timer_.get(), &count, sizeof count) == sizeof count;
    const bool is_cancelled = !is_due && errno == ECANCELED;
    if (!is_due && !is_cancelled)
        return;
    // Reset the stored moment, because `run` must set the timer even if the moment is the same.
    const std::uint64_t moment = std::exchange(moment_, ~std::uint64_t(0));
    if (std::exchange(has_jumped_, false) || is_cancelled) {
        run(moment);
        on_clock_change();
    } else {
        on_time();
    }
}

void WallClock::look_at_zone() {
    const ZoneFile before = std::exchange(zone_file_, zone_file());
    if (before != zone_file_)
        on_zone_change();
}

}  // namespace notifybridge::perform
