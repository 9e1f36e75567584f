#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::process {

/// Passes what a command writes to its standard output or error on to ours, and shows it to a probe
/// on the way. Every byte arrives, in order. Where the reader of our output stops reading, this
/// does so after 64 KiB, and the command blocks as it would without it; where the reader closes its
/// end, the command's next write fails.
class Passage {
public:
    /// `original` is where the bytes go. The command gets a terminal where that is one, and else a
    /// pipe. Throws std::system_error where neither can be had.
    Passage(event::Loop& loop, system::Fd original);

    /// Shown each byte once, in pieces of at most a line, before it is passed on.
    std::function<void(std::string_view bytes)> on_bytes;
    /// Called the first time that bytes cannot be passed on and are lost.
    std::function<void(boost::system::error_code error)> on_loss;

    /// The command's standard output or error, until `started`.
    system::Fd command_end() const { return command_end_; }

    system::Fd original() const { return sink_.fd(); }

    /// Why the command gets no terminal though the original is one, if so.
    const std::optional<std::string>& no_terminal() const { return no_terminal_; }

    /// Call it once the command runs: closes `command_end` and begins to pass bytes on.
    void started();

    /// From now on bytes are passed on without being shown.
    void stop_showing() { shows_ = false; }

    /// Shows what the command has written so far, without waiting: at most a mebibyte, should it
    /// never stop.
    void catch_up();

    /// Passes on what was written so far, and no more: returns when all of it is, or after
    /// `give_up`.
    event::Awaitable<> finish();

    /// Stops waiting for the reader of our output. Returns how many bytes are lost by that.
    std::size_t give_up();

    /// The original terminal may have another size now.
    void follow_size();

private:
    void make_pipe();
    event::Awaitable<> run();
    event::Awaitable<bool> step();
    bool take();
    bool show(bool all);
    void pass_on();

    event::Loop& loop_;
    Sink sink_;
    system::UniqueFd command_end_;
    system::UniqueFd not_started_;  ///< Our end, until the command runs.
    std::optional<event::Descriptor> ours_;
    std::optional<std::string> no_terminal_;
    bool is_terminal_ = false;
    std::string bytes_;       ///< Taken, and not all passed on.
    std::size_t shown_ = 0;   ///< So many of them.
    std::size_t passed_ = 0;  ///< So many of them.
    bool shows_ = true;
    bool ended_ = false;  ///< Nothing more is read.
    bool gone_ = false;   ///< The reader of our output is gone.
    bool lost_ = false;
    bool over_ = false;
    event::Wakeup over_raised_;
};

}  // namespace notifybridge::process
