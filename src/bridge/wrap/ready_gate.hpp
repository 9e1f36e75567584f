#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bridge/wrap/intake.hpp"

namespace notifybridge::wrap {

/// Stands before an outlet: takes the command's READY=1 out while it is closed, lets all else pass
/// in its order, and puts in what `wrap` says itself. What passes is folded into the status.
class ReadyGate final : public MessageSink {
public:
    ReadyGate(MessageSink& sink, channel::ContainerStatus& status) : sink_(sink), status_(status) {}

    /// Called before READY=1 is taken out of a message. One that opens lets it pass where it is.
    std::function<void()> on_ready_said;
    /// Called with each message of the command's, after what passes of it was handed on.
    std::function<void(const notify::Message&)> on_message;

    /// READY=1 no longer passes, or does again: from `open` on it is the end of a reload.
    void close() { open_ = false; }
    void open() { open_ = true; }

    /// Says this in our own name, as one datagram: "READY=1", "STATUS=up". Each is escaped, and cut
    /// where it is so long that the datagram might not pass.
    void say(const std::vector<std::string>& assignments);

    void take(notify::Datagram& datagram, const notify::Message& message,
              system::Moment time) override;
    void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                      system::Moment time) override;
    void settle() override { sink_.settle(); }
    bool has_room() const override { return sink_.has_room(); }

private:
    void pass(notify::Datagram& datagram, const notify::Message& message, system::Moment time);
    void pass_all_but_ready(notify::Datagram& datagram, const notify::Message& message,
                            system::Moment time);

    MessageSink& sink_;
    channel::ContainerStatus& status_;
    bool open_ = true;
};

}  // namespace notifybridge::wrap
