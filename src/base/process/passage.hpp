#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::process {

/// Forwards a command's standard output or error to ours, and shows it to a probe on the way. Keeps
/// all bytes in order. If the reader of our output stops reading, this stops after 64 KiB, and the
/// command blocks as usual. If the reader closes its end, the command's next write fails.
class Passage {
public:
    /// Bytes go to `original`. The command gets a terminal if `original` is one, else a pipe.
    /// Throws std::system_error if neither can be created.
    Passage(event::Loop& loop, system::Fd original);

    /// Called once for each byte before it is forwarded, with pieces of at most one line.
    std::function<void(std::string_view bytes)> on_bytes;
    /// Called the first time that bytes cannot be forwarded and are lost.
    std::function<void(boost::system::error_code error)> on_loss;

    /// Returns the command's standard output or error, valid until `started`.
    system::Fd command_end() const { return command_end_; }

    system::Fd original() const { return sink_.fd(); }

    /// Returns why the command gets a pipe although the original is a terminal, if it does.
    const std::optional<std::string>& no_terminal() const { return no_terminal_; }

    /// Call this when the command runs: closes `command_end` and begins to forward.
    void started();

    /// Forwards all later bytes without calling `on_bytes`.
    void stop_showing() { shows_ = false; }

    /// Shows what the command has written so far, without waiting. Stops after a mebibyte, in case
    /// the command never stops.
    void catch_up();

    /// Forwards what was written so far, and nothing later. Returns when that is done, or after
    /// `give_up`.
    event::Awaitable<> finish();

    /// Stops waiting for the reader of our output. Returns how many bytes are lost.
    std::size_t give_up();

    /// Call this when the original terminal may have changed its size.
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
    std::string bytes_;       ///< Read, but not yet completely forwarded.
    std::size_t shown_ = 0;   ///< How many of `bytes_` were shown.
    std::size_t passed_ = 0;  ///< How many of `bytes_` were forwarded.
    bool shows_ = true;
    bool ended_ = false;  ///< Nothing more will be read.
    bool gone_ = false;   ///< The reader of our output is gone.
    bool lost_ = false;
    bool over_ = false;
    event::Wakeup over_raised_;
};

}  // namespace notifybridge::process
