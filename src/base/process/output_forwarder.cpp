#include "base/process/output_forwarder.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/process/pseudo_terminal.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::process {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t shortest_piece = 4 * 1024;
constexpr std::size_t longest_piece = 64 * 1024;
/// The largest size of a pipe (/proc/sys/fs/pipe-max-size), unless root has raised it.
constexpr std::size_t most_at_once = 1024 * 1024;
/// The longest time to pass lines to `on_bytes` without a pause. In the pause, other coroutines
/// run.
constexpr std::chrono::milliseconds turn(2);

/// Returns whether the reader will never read again. ENOSPC does not count, because a full disk may
/// have room later.
bool is_gone(boost::system::error_code error, bool is_terminal) {
    return error.value() == EPIPE || error.value() == ECONNRESET || error.value() == ENOTCONN
           || (is_terminal && error.value() == EIO);
}

}  // namespace

OutputForwarder::OutputForwarder(event::Loop& loop, system::Fd original)
    : loop_(loop), sink_(loop, original), over_raised_(loop) {
    if (::isatty(original.get())) {
        try {
            PseudoTerminal made = make_pseudo_terminal(original);
            not_started_ = std::move(made.ours);
            command_end_ = std::move(made.others);
            is_terminal_ = true;
        } catch (const std::system_error& error) {
            no_terminal_ = error.what();
        }
    }
    if (!is_terminal_)
        make_pipe();
}

void OutputForwarder::make_pipe() {
    system::Pipe pipe = system::make_pipe();
    not_started_ = std::move(pipe.reading);
    command_end_ = std::move(pipe.writing);
    // A program that may open the original as /dev/stdout must also be able to open this pipe.
    struct stat status {};
    if (::fstat(original().get(), &status) < 0 || !S_ISFIFO(status.st_mode))
        return;
    if (::fchown(command_end_.get(), status.st_uid, status.st_gid) == 0)
        ::fchmod(command_end_.get(), status.st_mode & ALLPERMS);
}

void OutputForwarder::started() {
    command_end_.reset();
    ours_.emplace(loop_, std::move(not_started_));
    loop_.spawn([this] { return run(); });
}

event::Awaitable<> OutputForwarder::run() {
    bool goes_on = true;
    while (goes_on)
        goes_on = co_await step();
    ours_.reset();
    over_ = true;
    over_raised_.raise();
}

/// Reads the next piece if nothing is left to forward. Then forwards as much as fits. Returns false
/// if forwarding is over.
event::Awaitable<bool> OutputForwarder::step() {
    if (bytes_.empty() && !take()) {
        if (ended_)
            co_return false;
        co_await ours_->readable();
        co_return !gone_;
    }
    while (show(/*all=*/false))
        co_await loop_.yield();
    pass_on();
    if (gone_)
        co_return false;
    if (bytes_.empty())
        co_await loop_.yield();  // A command that never stops writing must not block other
                                 // coroutines.
    else
        co_await sink_.room();
    co_return !gone_;
}

/// Reads the next piece of the command's output. Returns false if there was nothing to read.
bool OutputForwarder::take() {
    if (ended_ || !ours_)
        return false;
    // FIONREAD reports too few bytes for a terminal, so read at least `shortest_piece`.
    int there = 0;
    ::ioctl(ours_->fd().get(), FIONREAD, &there);
    const auto most = std::clamp(static_cast<std::size_t>(there), shortest_piece, longest_piece);
    const std::size_t before = bytes_.size();
    bytes_.resize(before + most);
    ssize_t size = 0;
    do
        size = ::read(ours_->fd().get(), bytes_.data() + before, most);
    while (size < 0 && errno == EINTR);
    const bool has_failed = size < 0 && errno != EAGAIN;
    ended_ = size == 0 || has_failed;
    // A terminal reports EIO after the last process has closed it.
    if (has_failed && !(is_terminal_ && errno == EIO))
        lose({errno, boost::system::system_category()});
    bytes_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (size > 0)
        follow_size();
    return size > 0;
}

/// Passes lines to `on_bytes` until `turn` is over, or all lines if `all` is set. Returns whether
/// lines are left.
bool OutputForwarder::show(bool all) {
    const auto end = Clock::now() + turn;
    while (shows_ && shown_ < bytes_.size() && (all || Clock::now() < end)) {
        const auto newline = bytes_.find('\n', shown_);
        const std::size_t from = shown_;
        shown_ = newline == bytes_.npos ? bytes_.size() : newline + 1;
        on_bytes(std::string_view(bytes_).substr(from, shown_ - from));
    }
    return shows_ && shown_ < bytes_.size();
}

void OutputForwarder::pass_on() {
    while (passed_ < bytes_.size() && !gone_) {
        const auto written = sink_.write(std::string_view(bytes_).substr(passed_));
        if (written) {
            passed_ += *written;
        } else if (written.error().value() == EAGAIN) {
            return;
        } else if (is_gone(written.error(), is_terminal_ || no_terminal_)) {
            gone_ = true;
        } else {
            // Drop the bytes. If the command had written to the original itself, it would have lost
            // them, too.
            passed_ = bytes_.size();
            lose(written.error());
        }
    }
    bytes_.clear();
    passed_ = shown_ = 0;
}

void OutputForwarder::lose(boost::system::error_code error) {
    if (!std::exchange(lost_, true))
        on_loss(error);
}

void OutputForwarder::catch_up() {
    std::size_t taken = 0;
    std::size_t before = bytes_.size();
    while (!gone_ && taken < most_at_once && take()) {
        taken += bytes_.size() - before;
        before = bytes_.size();
    }
    show(/*all=*/true);
    pass_on();
}

event::Awaitable<> OutputForwarder::finish() {
    catch_up();
    ended_ = true;
    if (ours_)
        ours_->cancel();
    while (!over_)
        co_await over_raised_.wait();
}

std::size_t OutputForwarder::give_up() {
    gone_ = true;
    sink_.cancel();
    if (ours_)
        ours_->cancel();
    return bytes_.size() - passed_;
}

void OutputForwarder::follow_size() {
    if (!is_terminal_ || !ours_ || !process::follow_size(original(), ours_->fd()))
        return;
    // The original terminal sent its SIGWINCH before this change, so a process may have read the
    // old size. Send SIGWINCH again.
    const pid_t foreground = ::tcgetpgrp(original().get());
    if (foreground > 0)
        ::kill(-foreground, SIGWINCH);
}

}  // namespace notifybridge::process
