#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/sink.hpp"

namespace notifybridge::process {

/// A forwarder of a command's standard output or error to our own. Each line is also passed to
/// `on_bytes`. All bytes stay in order. If the reader of our output stops reading, forwarding stops
/// after 64 KiB, and the command blocks as usual. If that reader closes its end, the command's next
/// write fails.
class OutputForwarder {
public:
    /// Forwards bytes to `original`. The command gets a terminal if `original` is a terminal, or
    /// else a pipe. Throws std::system_error if neither can be created.
    OutputForwarder(event::Loop& loop, system::Fd original);

    /// Called with all bytes before they are forwarded. Each call passes at most one line.
    std::function<void(std::string_view bytes)> on_bytes;
    /// Called once, when bytes are lost for the first time because they cannot be read or
    /// forwarded.
    std::function<void(boost::system::error_code error)> on_loss;

    /// Returns the descriptor for the command's output, which is valid until `started` is called.
    system::Fd command_end() const { return command_end_; }

    system::Fd original() const { return sink_.fd(); }

    /// Returns the reason why the command gets a pipe although `original` is a terminal. Returns
    /// nullopt if the command gets a terminal, or if `original` is not one.
    const std::optional<std::string>& no_terminal() const { return no_terminal_; }

    /// Closes `command_end` and begins to forward. Call this when the command has started.
    void started();

    /// Forwards all later bytes without calling `on_bytes`.
    void stop_showing() { shows_ = false; }

    /// Calls `on_bytes` for everything that the command has already written, without waiting. Stops
    /// after 1 MiB, in case the command writes without end.
    void catch_up();

    /// Forwards everything that the command has already written, and nothing later. Returns when
    /// everything is forwarded, or after `give_up`.
    event::Awaitable<> finish();

    /// Stops waiting for the reader of our output. Returns how many bytes are lost.
    std::size_t give_up();

    /// Gives the command's terminal the size of the original terminal. Call this when the original
    /// size may have changed.
    void follow_size();

private:
    void make_pipe();
    event::Awaitable<> run();
    event::Awaitable<bool> step();
    bool take();
    bool show(bool all);
    void pass_on();
    void lose(boost::system::error_code error);

    event::Loop& loop_;
    Sink sink_;
    system::UniqueFd command_end_;
    system::UniqueFd not_started_;  ///< Our end of the pipe or terminal, until the command runs.
    std::optional<event::Descriptor> ours_;
    std::optional<std::string> no_terminal_;
    bool is_terminal_ = false;
    std::string bytes_;       ///< Bytes that were read, but are not yet completely forwarded.
    std::size_t shown_ = 0;   ///< How many of `bytes_` were passed to `on_bytes`.
    std::size_t passed_ = 0;  ///< How many of `bytes_` were forwarded.
    bool shows_ = true;
    bool ended_ = false;  ///< Whether there is nothing left to read.
    bool gone_ = false;   ///< Whether the reader has closed its end, or `give_up` was called.
    bool lost_ = false;
    bool over_ = false;
    event::Wakeup over_raised_;
};

}  // namespace notifybridge::process
