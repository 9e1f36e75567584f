#include "bridge/wait/pull_observer.hpp"

#include <utility>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"

namespace notifybridge::wait {
namespace {

/// Returns how many bytes a process and its descendants have read. Descendants count because podman
/// without root works in a child.
std::uint64_t bytes_read_from(pid_t pid) {
    std::uint64_t sum = process::bytes_read_by(pid);
    for (const pid_t child : process::descendants(pid))
        sum += process::bytes_read_by(child);
    return sum;
}

}  // namespace

PullObserver::PullObserver(event::Loop& loop, process::Supervisor& supervisor,
                           std::unique_ptr<ImageLookup> image, PullWatch::Options options)
    : loop_(loop),
      supervisor_(supervisor),
      image_(std::move(image)),
      watch_(std::move(options)),
      timer_(loop) {
    timer_.on_expired = [this] { loop_.spawn([this] { return look(); }); };
}

void PullObserver::begin() {
    watch_.begin(event::Deadline::now());
    perform({});
}

void PullObserver::end() {
    perform(watch_.end());
}

void PullObserver::give_up() {
    watch_.give_up();
    perform({});
}

event::Awaitable<> PullObserver::look() {
    auto presence = runtime::ImagePresence::there;
    if (watch_.needs_presence())
        presence = co_await image_->find();
    // The watch may have ended meanwhile.
    if (!watch_.next_look())
        co_return;
    const bool is_there = presence == runtime::ImagePresence::there;
    const std::uint64_t bytes = is_there ? 0 : bytes_read_from(supervisor_.pid());
    perform(watch_.look(presence, bytes, event::Deadline::now()));
}

void PullObserver::perform(const PullWatch::Step& step) {
    if (!step.datagram.empty())
        on_message(step);
    if (const auto next = watch_.next_look())
        timer_.start(*next - event::Deadline::now());
    else
        timer_.cancel();
    if (!watch_.needs_presence() && !std::exchange(is_over_, true))
        on_over();
}

}  // namespace notifybridge::wait
