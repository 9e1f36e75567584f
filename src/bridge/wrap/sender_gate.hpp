#pragma once

#include <optional>

#include "bridge/wrap/command_voice.hpp"
#include "bridge/wrap/intake.hpp"
#include "bridge/wrap/ready_speakers.hpp"
#include "bridge/wrap/wrap_plan.hpp"

namespace notifybridge::wrap {

/// The senders whose messages count: all processes, or only the command (--notify-access).
enum class NotifyAccess { all, main };

/// Filters messages by their sender before they reach an outlet. A process other than the command
/// may send STOPPING=1 while the service continues. The gate keeps the line STOPPING=1 until the
/// command ends or is asked to end. The rest of the message passes.
class SenderGate final : public MessageSink {
public:
    struct Options {
        NotifyAccess access = NotifyAccess::all;
        /// Whether the command's READY=1 counts. If not, only probes decide when the command is
        /// ready.
        bool ready_counts = true;
    };

    /// Emits MainPidNamed to `events` when the command names another process as the main process.
    /// With NotifyAccess::all, any descendant of the command may do so, also about itself.
    SenderGate(event::Loop& loop, MessageSink& sink, const channel::ContainerStatus& status,
               const WrapPlan& plan, EventSink& events, Options options);

    /// Makes this process the command from now on.
    void follow(pid_t command) { voice_.follow(command); }

    bool accepts(pid_t sender) override {
        return options_.access == NotifyAccess::all || voice_.includes(sender);
    }

    /// Passes on a kept STOPPING=1. Call this when the command has ended or was asked to end.
    void command_stops();

    void take(notify::Datagram& datagram, const notify::Message& message,
              system::Moment time) override;
    void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                      system::Moment time) override;
    void settle() override { sink_.settle(); }
    bool has_room() const override { return sink_.has_room(); }

private:
    struct Kept {
        system::Credentials sender;
        system::Moment time;
    };

    bool may_name(pid_t sender, pid_t named);
    void take_of_other(notify::Datagram& datagram, const notify::Message& message,
                       system::Moment time);

    MessageSink& sink_;
    const channel::ContainerStatus& status_;
    const WrapPlan& plan_;
    EventSink& events_;
    Options options_;
    CommandVoice voice_;
    ReadySpeakers speakers_;
    std::optional<Kept> kept_;  ///< The last STOPPING=1 that was kept.
};

}  // namespace notifybridge::wrap
