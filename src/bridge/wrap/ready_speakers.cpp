#include "bridge/wrap/ready_speakers.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "base/event/deadline.hpp"
#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {
namespace {

constexpr std::size_t most_speakers = 16;
/// A process that ends within this time after its READY=1 counts as a helper, which only sent the
/// message for another process.
constexpr std::uint64_t only_spoke_usec = 200'000;
/// Programs with which scripts send a message. socat ends half a second after it.
constexpr auto messengers = std::to_array<std::string_view>({"socat", "nc", "systemd-notify"});
/// A script that waits for its app may end this much later than the app.
constexpr std::chrono::seconds script_ends(1);

std::string comm_of(pid_t pid) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/comm"));
    return text.substr(0, text.find('\n'));
}

}  // namespace

void ReadySpeakers::said_ready(pid_t pid) {
    if (has_warned_ || speakers_.size() >= most_speakers || speakers_.contains(pid))
        return;
    auto pidfd = system::open_pidfd(pid);
    if (!pidfd || !*pidfd)
        return;  // The process has ended, or the kernel has no pidfds.
    std::string name = comm_of(pid);
    if (util::contains(messengers, name))
        return;
    Speaker& speaker = speakers_[pid];
    speaker.name = std::move(name);
    speaker.ready_usec = system::monotonic_now();
    if (event::watch(speaker.end, loop_, std::move(*pidfd)))
        loop_.spawn([this, pid] { return watch(pid); });
    else
        speakers_.erase(pid);
}

void ReadySpeakers::said_stopping(pid_t pid) {
    if (const auto speaker = speakers_.find(pid); speaker != speakers_.end())
        speaker->second.said_stopping = true;
}

event::Awaitable<> ReadySpeakers::watch(pid_t pid) {
    Speaker& speaker = speakers_.at(pid);
    co_await speaker.end->readable();
    const bool only_spoke = system::monotonic_now() - speaker.ready_usec < only_spoke_usec;
    event::Timer pause(loop_);
    if (speaker.said_stopping || !only_spoke)
        co_await pause.sleep(script_ends);
    // Decide only now, because the process's last message may have been read in the meantime.
    if ((speaker.said_stopping || !only_spoke) && plan_.command_goes_on(event::Deadline::now())
        && !std::exchange(has_warned_, true))
        util::log(util::Severity::warning, util::Topic::messages, "pid ", pid, " (",
                  util::escape(speaker.name),
                  ") sent READY=1 and has ended, but the command is still running; if that process "
                  "was a temporary server, systemd started other units too early: set "
                  "--notify-access=main, or --ready-when=, as in "
                  "--ready-when=listen:PORT");
    speakers_.erase(pid);
}

}  // namespace notifybridge::wrap
