#pragma once

#include <functional>
#include <optional>

#include "bridge/wrap/command_voice.hpp"
#include "bridge/wrap/intake.hpp"
#include "bridge/wrap/ready_speakers.hpp"

namespace notifybridge::wrap {

/// Whose messages count: those of all processes, or those of the command (--notify-access).
enum class NotifyAccess { all, main };

/// Stands before an outlet, and knows who sends. STOPPING=1 of a process that is not the command is
/// kept until the command ends or its end is asked for: only then it is true of the whole. The rest
/// of such a message passes.
class SenderGate final : public MessageSink {
public:
    struct Options {
        NotifyAccess access = NotifyAccess::all;
        bool ready_counts = true;  ///< Else probes alone tell when the command is ready.
    };

    SenderGate(event::Loop& loop, MessageSink& sink, const channel::ContainerStatus& status,
               Options options);

    /// Whether the command's end was asked for.
    std::function<bool()> told_to_end;
    /// Whether the command runs, and may be expected to go on.
    std::function<bool()> command_goes_on;

    /// Called when the command names another process as the main one (MAINPID=).
    std::function<void(pid_t named)> on_main_pid;

    /// This process is the command from now on.
    void follow(pid_t command) { voice_.follow(command); }

    /// Whether the messages of this process count.
    bool hears(pid_t sender) {
        return options_.access == NotifyAccess::all || voice_.includes(sender);
    }

    /// The command has ended, or its end was asked for: a STOPPING=1 that was kept passes.
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

    void take_of_other(notify::Datagram& datagram, const notify::Message& message,
                       system::Moment time);

    MessageSink& sink_;
    const channel::ContainerStatus& status_;
    Options options_;
    CommandVoice voice_;
    ReadySpeakers speakers_;
    std::optional<Kept> kept_;  ///< The last STOPPING=1 that did not pass.
};

}  // namespace notifybridge::wrap
