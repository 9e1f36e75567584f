#include "bridge/wait/pull_watch.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;
using util::concat;

/// If a pull receives nothing for this long, no more time is requested.
constexpr auto stall_patience = 60s;
/// How much more time to request: as much as podman itself requests while it pulls an image
/// (containers/common, libimage's copier).
constexpr PullWatch::Time pull_extension = 30s;

std::string in_seconds(PullWatch::Time span) {
    return concat(std::chrono::floor<std::chrono::seconds>(span).count(), " s");
}

}  // namespace

void PullWatch::begin(Time now) {
    began_ = now;
    came_ = now;
    next_look_ = now + options_.first_look;
}

PullWatch::Step PullWatch::look(std::uint64_t bytes_read, Time now) {
    if (now - began_ >= options_.longest) {
        next_look_.reset();
        return {};
    }
    next_look_ = bytes_read_ ? now + options_.interval : began_ + options_.second_look;
    if (bytes_read_ && bytes_read >= *bytes_read_ + options_.least_bytes) {
        has_come_ = true;
        came_ = now;
    }
    bytes_read_ = bytes_read;
    // The manager has not answered the last question. A pull locks the manager's store, so the
    // missing answer shows that the pull continues.
    if (is_asked_)
        return is_missing_ ? tell(now) : Step();
    is_asked_ = true;
    return {.asks = true};
}

PullWatch::Step PullWatch::answered(Answer answer, Time now) {
    is_asked_ = false;
    if (!next_look_)
        return {};
    if (answer != Answer::missing)
        return end();
    is_missing_ = true;
    return tell(now);
}

PullWatch::Step PullWatch::end() {
    next_look_.reset();
    if (!std::exchange(has_told_, false))
        return {};
    return {.datagram = "STATUS="};
}

std::string PullWatch::what() const {
    return concat(options_.manager, " to pull ", options_.image);
}

PullWatch::Step PullWatch::tell(Time now) {
    const bool is_stalled = now - came_ > stall_patience;
    has_told_ = true;
    Step step;
    step.datagram = concat("STATUS=Starting ", options_.manager, ": pulling ",
                           util::escape(options_.image), " (", in_seconds(now - began_));
    if (is_stalled)
        step.datagram += concat("; no data for ", in_seconds(now - came_));
    step.datagram += ')';
    if (options_.extends && has_come_ && !is_stalled) {
        step.extension = pull_extension;
        step.datagram += concat("\nEXTEND_TIMEOUT_USEC=", pull_extension.count());
    }
    return step;
}

}  // namespace notifybridge::wait
