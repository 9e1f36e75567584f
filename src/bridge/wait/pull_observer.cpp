#include "bridge/wait/pull_observer.hpp"

#include <utility>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/pipe.hpp"

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

PullWatch::Answer answer_of(process::ExitStatus status) {
    if (status.success())
        return PullWatch::Answer::there;
    return status == process::ExitStatus::exited(1) ? PullWatch::Answer::missing
                                                    : PullWatch::Answer::unknown;
}

}  // namespace

PullObserver::PullObserver(event::Loop& loop, process::Supervisor& supervisor,
                           std::vector<std::string> question, PullWatch::Options options)
    : supervisor_(supervisor),
      question_(std::move(question)),
      watch_(std::move(options)),
      timer_(loop) {
    timer_.on_expired = [this] { look(); };
}

void PullObserver::begin(const process::Environment& environment) {
    environment_ = environment;
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

void PullObserver::look() {
    perform(watch_.look(bytes_read_from(supervisor_.pid()), event::Deadline::now()));
}

void PullObserver::ask() {
    const system::UniqueFd nothing = system::open_null();
    process::Command command;
    command.arguments = question_;
    command.environment = environment_;
    command.input = nothing;
    command.output = nothing;
    command.error = nothing;
    try {
        asking_ = supervisor_.start_helper(
            std::move(command), process::Supervisor::GroupMembers::killed,
            [this](process::ExitStatus status) {
                asking_ = -1;
                perform(watch_.answered(answer_of(status), event::Deadline::now()));
            });
    } catch (const std::system_error&) {
        perform(watch_.answered(PullWatch::Answer::unknown, event::Deadline::now()));
    }
}

void PullObserver::perform(const PullWatch::Step& step) {
    if (!step.datagram.empty())
        on_message(step);
    if (const auto next = watch_.next_look()) {
        timer_.start(*next - event::Deadline::now());
    } else if (!std::exchange(is_over_, true)) {
        timer_.cancel();
        supervisor_.kill_helper(asking_);
        on_over();
    }
    if (step.asks)
        ask();
}

}  // namespace notifybridge::wait
