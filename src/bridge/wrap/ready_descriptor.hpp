#pragma once

#include "base/system/fd.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// A sink in front of an outlet. When READY=1 passes, writes a newline to a descriptor and closes
/// the descriptor, as the supervisors s6, dinit and OpenRC expect. Passes all messages on
/// unchanged.
class ReadyDescriptor final : public MessageSink {
public:
    ReadyDescriptor(MessageSink& sink, system::UniqueFd descriptor)
        : sink_(sink), descriptor_(std::move(descriptor)) {}

    void take(notify::Datagram& datagram, const notify::Message& message,
              system::Moment time) override;
    void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                      system::Moment time) override {
        sink_.take_barrier(std::move(fd), datagram, time);
    }
    void settle() override { sink_.settle(); }
    bool has_room() const override { return sink_.has_room(); }

private:
    void report_ready();

    MessageSink& sink_;
    system::UniqueFd descriptor_;
};

/// An outlet that ignores messages, because the supervisor learns about the command only through
/// the descriptor of --notify-fd. Releases barriers at once, because nobody processes messages.
class SilentOutlet final : public Outlet {
public:
    void take(notify::Datagram&, const notify::Message&, system::Moment) override {}
    void take_barrier(system::UniqueFd, const notify::Datagram&, system::Moment) override {}
    void settle() override {}
    bool has_room() const override { return true; }
    void start() override {}
    std::optional<std::chrono::microseconds> watchdog() const override { return std::nullopt; }
    std::string fd_store() const override { return {}; }
    bool has_reader() const override { return true; }
    bool awaits_fds() const override { return false; }
    event::Awaitable<relay::NamedFds> take_handed_in() override { co_return relay::NamedFds(); }
    event::Awaitable<> finish(process::ExitStatus, std::chrono::microseconds) override {
        co_return;
    }
    void fail(process::ExitStatus) override {}
};

}  // namespace notifybridge::wrap
