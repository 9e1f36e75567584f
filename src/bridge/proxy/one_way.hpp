#pragma once

#include <cstddef>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/proxy/pipe_pool.hpp"

namespace notifybridge::proxy {

/// A transfer of the bytes of one direction of a connection, between two non-blocking sockets. The
/// bytes go through a pipe and are not copied into this process (splice(2)). The transfer takes
/// only as many bytes from one side as the other side accepts and the pipe can hold.
class OneWay {
public:
    explicit OneWay(PipePool& pool) : pool_(pool) {}

    enum class Step {
        moved,                  ///< Call `advance` again, because there may be more bytes.
        wants_input,            ///< Wait until `from` is readable.
        wants_room,             ///< Wait until `to` is writable.
        wants_pipe,             ///< No descriptor is free for a pipe; retry later.
        wants_acknowledgement,  ///< `to` has not acknowledged the first bytes; retry soon.
        ended,          ///< `from` has sent its last byte, and `to` was informed (shutdown(2)).
        input_failed,   ///< `from` is broken, or has ended after `expect_failure`.
        output_failed,  ///< `to` is broken and accepts no more bytes.
    };

    /// Moves some bytes from `from` to `to`. Returns what the caller has to do next.
    Step advance(system::Fd from, system::Fd to);

    /// Limits the first bytes to one TCP segment, and delays all other bytes until that segment is
    /// acknowledged. `to` must be connected. If the backlog of a listening socket is full, Linux
    /// sends SYN cookies. In this case, Linux knows a client only by the first segment, and answers
    /// any other segment with a reset (net/ipv4/syncookies.c). Has no effect on other types of
    /// sockets.
    void begin_with_one_segment(system::Fd to);

    /// Makes the end of `from` count as a failure. Must be called if the kernel has reported to the
    /// other direction that the connection is broken. The kernel reports this only once, and later
    /// calls see a normal end.
    void expect_failure() { expects_failure_ = true; }
    /// Returns whether the last `advance` failed because the connection of `to` is broken, for
    /// example by a reset. If the peer only accepts no more bytes, the connection is not broken.
    bool was_broken() const { return was_broken_; }

    /// Returns how many bytes the last `advance` took from `from`.
    std::size_t received() const { return received_; }
    /// Returns whether the pipe contains bytes that `to` does not have yet.
    bool holds_bytes() const { return held_ > 0; }
    bool has_ended() const { return has_ended_; }

private:
    Step receive(system::Fd from, system::Fd to);
    Step pass_on(system::Fd to);
    void return_pipe();

    static constexpr std::size_t most_at_once = 1024 * 1024;

    PipePool& pool_;
    std::optional<system::Pipe> pipe_;  ///< The pipe of this direction; nullopt while it contains
                                        ///< no bytes.
    std::size_t held_ = 0;
    std::size_t received_ = 0;
    /// The limit for the next splice(2), in bytes. The pipe may have room for fewer bytes.
    std::size_t limit_ = most_at_once;
    bool awaits_acknowledgement_ = false;
    bool has_ended_ = false;
    bool expects_failure_ = false;
    bool was_broken_ = false;
};

}  // namespace notifybridge::proxy
