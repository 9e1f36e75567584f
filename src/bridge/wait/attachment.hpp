#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/host_file.hpp"

namespace notifybridge::wait {

/// Writes the file "host". The file shows that a `wait` exists, which run this `wait` reads, and
/// how much of the run was read.
class Attachment {
public:
    /// Facts about our unit that are visible to the container.
    struct Unit {
        std::string invocation;  ///< The id of the unit's invocation; empty if there is none.
        std::optional<std::chrono::microseconds> watchdog;
        std::size_t listen_fds = 0;
        std::string fd_store;
        bool has_command = false;  ///< Whether the unit starts its runs itself.
    };

    /// Reads the file "host" of an earlier `wait`. Writes nothing yet. Throws std::system_error if
    /// the file cannot be read.
    Attachment(event::Loop& loop, system::Fd directory, Unit unit,
               util::NamedLog log = util::NamedLog());

    /// Writes the file. Throws std::system_error if this fails.
    void announce();

    /// Returns whether the file "host" still exists. Another process may have removed it.
    bool is_shown() const;

    /// Removes the file "host", and the journal that was kept for this `wait`. Call this only at an
    /// orderly end, because unread messages are lost.
    void withdraw();

    /// Writes that this `wait` has left the run. `wrap` then continues as if no reader had ever
    /// existed.
    void leave();

    /// Returns whether an earlier `wait` with a command ended while runs of that command continued.
    bool was_left_runs() const { return before_ && before_->has_command; }

    /// Records that this `wait` asks `run` to end. The journal of the run is not read any more,
    /// unless this `wait` resumes the run. Must be called before `announce`.
    void take_over(const channel::RunId& run);

    /// Undoes `take_over`. Called when the run has ended, or if this `wait` will not end it.
    void let_go();

    /// Returns the run that an earlier `wait` of the same invocation has read. Runs that began
    /// after this run also belong to the invocation. Returns nullopt if there was no such run, or
    /// if this `wait` already reads another run.
    std::optional<channel::RunId> resumed_run() const {
        return previous_ ? previous_->facts.run : std::nullopt;
    }

    /// Increases the beat in the file every second from now on. If `wrap` cannot see the lock of
    /// this `wait`, the beat shows that this `wait` is alive.
    void beat();

    /// Writes that this `wait` reads `run` now. If this `wait` does not resume the run, it reads
    /// the run from the beginning.
    void attach(const channel::RunId& run, bool polls);

    /// Writes that one state will be sent in place of all records up to `sequence`.
    void announce_state(std::uint64_t sequence);
    /// Returns the last record of the state that this or an earlier `wait` has announced for the
    /// run; 0 if there is none.
    std::uint64_t announced_state() const { return host_.facts.state_to; }

    /// Makes `wrap` send `signal` to the command of the run. Returns false if the file cannot be
    /// written now. In that case, `wrap` receives the signal later or never.
    bool signal_run(int signal);

    /// Publishes the drops, at most once a second. A call within the second is delayed until the
    /// second is over.
    void show_drops(const notify::DropCounters& drops);

    /// Publishes that this `wait` works without a feature of the kernel.
    void show_missing(const std::string& feature);

    /// Publishes whether `wrap` and `wait` can pass file descriptors in this run, or why they
    /// cannot.
    void show_lane(bool open, const std::string& fault);

    /// Records that all messages up to `sequence` were sent, and their latency. At the end of a
    /// batch, writes these numbers and returns true. Otherwise, `flush` writes them.
    bool acknowledge(std::uint64_t sequence, std::uint64_t latency_usec = 0);
    void flush();

    /// Returns the run that the file names.
    const std::optional<channel::RunId>& run() const { return host_.facts.run; }

    /// Records that the service manager has processed all messages of `run` up to `sequence`. Does
    /// nothing if the file names another run by now, because the messages of that run have the same
    /// numbers.
    void confirm(const std::optional<channel::RunId>& run, std::uint64_t sequence);

    const channel::HostProgress& progress() const { return host_.progress; }

private:
    void name_run(const channel::RunId& run);
    void publish();
    void update();
    void try_again(boost::system::error_code error);

    system::Fd directory_;
    util::NamedLog log_;
    channel::HostFileWriter writer_;
    channel::HostFile host_;
    /// The last facts that an earlier `wait` has written.
    std::optional<channel::HostFacts> before_;
    /// The whole file of an earlier `wait`, if we resume its run.
    std::optional<channel::HostFile> previous_;
    std::uint64_t last_signal_ = 0;  ///< The number of the last requested signal.
    event::Deadline drops_shown_;    ///< Drops are published again when this expires.
    event::Deadline retry_;
    event::Deadline beat_;
    bool drops_changed_ = false;
    bool is_stale_ = false;  ///< Whether the file is out of date, because a write has failed.
    int unwritten_ = 0;
};

}  // namespace notifybridge::wait
