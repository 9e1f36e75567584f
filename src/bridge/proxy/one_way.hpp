#pragma once

#include <cstddef>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/proxy/pipe_pool.hpp"

namespace notifybridge::proxy {

/// Moves the bytes of one direction of a connection between two non-blocking sockets, through a
/// pipe and without copying them into this process (splice(2)). Takes no more from one side than
/// the other has accepted and a pipe can hold.
class OneWay {
public:
    explicit OneWay(PipePool& pool) : pool_(pool) {}

    enum class Step {
        moved,          ///< Call `advance` again: there may be more.
        wants_input,    ///< Wait until `from` is readable.
        wants_room,     ///< Wait until `to` is writable.
        wants_pipe,     ///< No descriptor is left for a pipe; wait a while.
        ended,          ///< `from` has sent its last byte, and `to` was told (shutdown(2)).
        input_failed,   ///< `from` is broken.
        output_failed,  ///< `to` is broken, and takes no more bytes.
    };

    /// Moves some bytes.
    Step advance(system::Fd from, system::Fd to);

    /// Returns how many bytes the last `advance` took from `from`.
    std::size_t received() const { return received_; }
    /// Returns whether it holds bytes that `to` does not have yet.
    bool holds_bytes() const { return held_ > 0; }
    bool has_ended() const { return has_ended_; }

private:
    Step receive(system::Fd from, system::Fd to);
    Step pass_on(system::Fd to);
    void return_pipe();

    PipePool& pool_;
    std::optional<system::Pipe> pipe_;  ///< Only while bytes are on their way.
    std::size_t held_ = 0;
    std::size_t received_ = 0;
    bool has_ended_ = false;
};

}  // namespace notifybridge::proxy
