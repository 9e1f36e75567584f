#pragma once

#include <string>

#include "base/event/deadline.hpp"
#include "bridge/wrap/fd_keeper.hpp"
#include "bridge/wrap/held_barriers.hpp"
#include "bridge/wrap/host_link.hpp"
#include "bridge/wrap/outlet.hpp"
#include "bridge/wrap/signal_inbox.hpp"
#include "bridge/wrap/spool.hpp"

namespace notifybridge::wrap {

/// Writes the command's messages into the shared directory: the journal for `wait`, and
/// container-status for people. Keeps a barrier until `wait` reports that the host's manager has
/// processed all earlier messages.
class ChannelOutlet final : public Outlet, private HostObserver {
public:
    /// Starts a run in `directory`, and sets its id, pid and start time in `status`. `ends_unseen`
    /// means that the command is PID 1 and `wrap` is not, so that `wrap` cannot see how the command
    /// ends. Throws the exceptions of JournalWriter.
    ChannelOutlet(event::Loop& loop, system::Fd directory, channel::ContainerStatus& status,
                  bool ends_unseen = false);

    void take(notify::Datagram& datagram, const notify::Message& message,
              system::Moment time) override;
    void take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                      system::Moment time) override;
    void settle() override;
    bool has_room() const override;

    /// Returns the link to the host, which knows the current content of the file "host".
    const HostLink& host() const { return host_; }

    void start() override;
    std::optional<std::chrono::microseconds> watchdog() const override;
    std::string fd_store() const override;
    bool has_reader() const override { return host_.has_reader(); }
    bool awaits_fds() const override { return header_.awaits_fds; }
    event::Awaitable<relay::NamedFds> take_handed_in() override { return keeper_.take_handed_in(); }

    /// Also waits until the host has fetched the descriptors. If the file system is full,
    /// `patience` starts again after each record that could be written.
    event::Awaitable<> finish(process::ExitStatus end, std::chrono::microseconds patience) override;

    /// Records an end, because otherwise `wrap` would seem to have been killed. Does nothing if an
    /// end is already recorded.
    void fail(process::ExitStatus end) override;

private:
    void append_end(process::ExitStatus end);
    channel::JournalHeader prepare_run(bool ends_unseen);
    void keep_fds(notify::Datagram& datagram, std::uint64_t sequence);
    void host_changed(const channel::HostFile& host) override;
    void host_removed() override { release_if_unread(); }
    void take_progress(const channel::HostFile& host);
    void pass_signals_on(const channel::HostFacts& host);
    void release_if_unread();
    void give_up_host();
    bool keeps_something() const;
    bool has_backlog() const;
    void follow_backlog();
    void tell_room() const;
    event::Awaitable<> await_fetching(std::chrono::microseconds patience);
    event::Awaitable<> keep_releasing();
    void start_beating();

    event::Loop& loop_;
    system::Fd directory_;
    channel::ContainerStatus& status_;
    FdKeeper keeper_;  // Created first: its socket must exist before the journal.
    channel::JournalHeader header_;
    HostLink host_;
    StatusFile status_file_;
    Spool spool_;
    channel::JournalWriter& journal_;
    event::Wakeup held_early_;
    event::Timer release_pause_;
    event::Deadline beat_;
    HeldBarriers barriers_;
    SignalInbox signals_;
};

}  // namespace notifybridge::wrap
