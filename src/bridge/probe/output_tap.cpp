#include "bridge/probe/output_tap.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/system/error.hpp"
#include "base/util/log.hpp"

namespace notifybridge::probe {
namespace {

using util::Severity;
using util::Topic;

bool can_be_written_to(int number) {
    // If this number was closed at our start, one of our own descriptors may have the number now.
    // Our own descriptors are close-on-exec.
    const int flags = ::fcntl(number, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY
           && (::fcntl(number, F_GETFD) & FD_CLOEXEC) == 0;
}

bool are_the_same(int left, int right) {
    struct stat of_left {};
    struct stat of_right {};
    return ::fstat(left, &of_left) == 0 && ::fstat(right, &of_right) == 0
           && of_left.st_dev == of_right.st_dev && of_left.st_ino == of_right.st_ino
           && of_left.st_rdev == of_right.st_rdev;
}

std::string_view name_of(const std::vector<int>& numbers) {
    if (numbers.size() > 1)
        return "standard output and error";
    return numbers.front() == STDOUT_FILENO ? "standard output" : "standard error";
}

}  // namespace

OutputTap::Stream::Stream(event::Loop& loop, int number)
    : numbers{number}, forwarder(loop, system::Fd(number)) {
    forwarder.on_bytes = [this](std::string_view bytes) { lines.feed(bytes); };
    forwarder.on_loss = [this](boost::system::error_code error) {
        util::log(Severity::warning, Topic::process, "the command's output to ", name_of(numbers),
                  " is lost: ", system::describe(error.value()));
    };
}

OutputTap::OutputTap(event::Loop& loop) : loop_(loop), deadline_(loop) {
    deadline_.on_expired = [this] { give_up(); };
    for (const int number : {STDOUT_FILENO, STDERR_FILENO})
        if (can_be_written_to(number))
            add(number);
}

void OutputTap::add(int number) {
    for (Stream& stream : streams_)
        if (are_the_same(stream.numbers.front(), number)) {
            stream.numbers.push_back(number);
            return;
        }
    Stream& stream = streams_.emplace_back(loop_, number);
    stream.lines.on_line = [this](std::string_view line) { on_line(line); };
    if (const auto& reason = stream.forwarder.no_terminal())
        util::log(Severity::warning, Topic::process,
                  "the command's output goes through a pipe, not a terminal: ", *reason);
}

void OutputTap::prepare(process::Command& command) const {
    for (const Stream& stream : streams_)
        for (const int number : stream.numbers)
            (number == STDOUT_FILENO ? command.output : command.error) =
                stream.forwarder.command_end();
}

void OutputTap::started() {
    started_ = true;
    for (Stream& stream : streams_)
        stream.forwarder.started();
}

void OutputTap::stop_reporting() {
    for (Stream& stream : streams_)
        stream.forwarder.stop_showing();
}

void OutputTap::command_ended() {
    for (Stream& stream : streams_) {
        stream.forwarder.catch_up();
        stream.lines.end();
    }
}

void OutputTap::follow_size() {
    for (Stream& stream : streams_)
        stream.forwarder.follow_size();
}

event::Awaitable<> OutputTap::finish() {
    if (!started_)
        co_return;
    finishing_ = true;
    if (patience_)
        deadline_.start(*patience_);
    for (Stream& stream : streams_)
        co_await stream.forwarder.finish();
    deadline_.cancel();
}

void OutputTap::hurry(std::chrono::microseconds patience) {
    if (patience_)
        return;
    patience_ = patience;
    if (finishing_)
        deadline_.start(patience);
}

void OutputTap::give_up() {
    for (Stream& stream : streams_) {
        const std::size_t lost = stream.forwarder.give_up();
        // Log this only if standard error is another file: otherwise the log message would also
        // block.
        if (lost > 0 && stream.numbers.back() == STDOUT_FILENO)
            util::log(Severity::warning, Topic::process, "the last ", lost,
                      " bytes of the command's output are lost: nobody reads standard output");
    }
}

}  // namespace notifybridge::probe
