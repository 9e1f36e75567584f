#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bridge/wrap/intake.hpp"

namespace notifybridge::wrap {

/// A sink in front of an outlet. While the gate is closed, it removes READY=1 from the command's
/// messages. Everything else passes in order, together with messages of `wrap`. The gate updates
/// the status with each message that passes.
class ReadyGate final : public MessageSink {
public:
    ReadyGate(MessageSink& sink, channel::ContainerStatus& status) : sink_(sink), status_(status) {}

    /// Called before READY=1 is removed from a message. If the callback opens the gate, this
    /// READY=1 passes.
    std::function<void()> on_ready_said;
    /// Called with each message of the command after the rest of the message was passed on.
    std::function<void(const notify::Message&)> on_message;

    /// Makes the gate remove READY=1 from now on.
    void close() { open_ = false; }
    /// Makes the gate pass READY=1 from now on, including a READY=1 that ends a reload.
    void open() { open_ = true; }

    /// Sends these assignments as one datagram of `wrap`, for example "READY=1" and "STATUS=up".
    /// Escapes each assignment. Cuts long assignments, so that the datagram is not too long.
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
