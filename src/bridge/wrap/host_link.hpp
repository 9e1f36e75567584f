#pragma once

#include <optional>

#include "base/event/file_watch.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/peer.hpp"

namespace notifybridge::wrap {

/// Receives the news of a HostLink.
class HostObserver {
public:
    virtual ~HostObserver() = default;

    /// Called when the host has written new facts. Also called for progress, if `follow_progress`
    /// was called with true.
    virtual void host_changed(const channel::HostFile& host) = 0;
    /// Called when the file was removed after it had named this run.
    virtual void host_removed() = 0;
};

/// Follows the file "host", through which `wait` sends facts and requests to `wrap`.
class HostLink {
public:
    HostLink(event::Loop& loop, system::Fd directory, channel::RunId run);

    /// Returns the current content of the file.
    const std::optional<channel::HostFile>& current() const { return current_; }

    /// Returns whether a `wait` reads this run or may read it later. A `wait` that is alive reads
    /// this run after it has read the previous run to its end. Also returns true if the file cannot
    /// be read now, because the file may name this run. A `wait` that has left this run does not
    /// count. Reads the file again before returning false.
    bool may_have_reader();
    /// Returns whether a `wait` has named this run and has not left it. If a `wait` leaves the run
    /// but cannot write this into the file, it removes the file.
    bool has_reader() const { return was_attached_ && !is_removed_ && !is_left(); }

    /// Reads the file now. This is cheap: one read, and no news.
    void look();

    /// Sets whether news are also reported for each acknowledgement. `wanted` is true while a
    /// barrier or a backlog waits for an acknowledgement.
    void follow_progress(bool wanted);

    /// Follows the file until the loop ends. Begins after 100 ms, or at once if progress is wanted.
    event::Awaitable<> run(HostObserver& observer);

private:
    bool is_left() const;
    bool is_alive(bool has_lock) const;
    void watch();
    void watch_opened();
    void read();
    void take(std::optional<channel::HostFile> host);
    void say_unknown_version();

    system::Fd directory_;
    channel::RunId run_;
    std::uint64_t started_;
    channel::Peer peer_;  ///< The `wait` that writes the file.
    channel::HostFileReader reader_;
    event::FileWatch watch_;
    event::Timer retry_;
    event::Timer unwatched_;
    std::optional<channel::HostFile> current_;
    std::optional<channel::HostFile> told_;  ///< The content that was reported last.
    bool said_version_ = false;
    bool was_attached_ = false;
    bool is_removed_ = false;    ///< Whether the file does not exist.
    bool told_removal_ = false;  ///< Whether this removal was reported.
    bool wants_progress_ = false;
};

}  // namespace notifybridge::wrap
