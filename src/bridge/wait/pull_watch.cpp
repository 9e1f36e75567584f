#include "bridge/wait/pull_watch.hpp"

#include <utility>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/start_words.hpp"

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

PullWatch::Step PullWatch::look(runtime::ImagePresence presence, std::uint64_t bytes_read,
                                Time now) {
    if (now - began_ >= options_.longest) {
        next_look_.reset();
        return {};
    }
    next_look_ =
        std::exchange(has_looked_, true) ? now + options_.interval : began_ + options_.second_look;
    is_missing_ = presence == runtime::ImagePresence::missing
                  || (is_missing_ && presence == runtime::ImagePresence::unknown);
    is_there_ = is_there_ || !is_missing_;
    if (is_there_)
        return options_.has_wrap ? tell_creation(now) : end();
    count(bytes_read, now);
    return tell_pull(now);
}

/// Finds out whether data has arrived since the last look.
void PullWatch::count(std::uint64_t bytes_read, Time now) {
    if (bytes_read_ && bytes_read >= *bytes_read_ + options_.least_bytes) {
        has_come_ = true;
        came_ = now;
    }
    bytes_read_ = bytes_read;
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

PullWatch::Step PullWatch::tell_creation(Time now) {
    has_told_ = true;
    return {.datagram = concat("STATUS=", options_.manager, diagnosis::is_creating, " (",
                               in_seconds(now - began_), ')')};
}

PullWatch::Step PullWatch::tell_pull(Time now) {
    const bool is_stalled = now - came_ > stall_patience;
    has_told_ = true;
    Step step;
    step.datagram = concat("STATUS=Starting ", options_.manager, diagnosis::is_pulling,
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
