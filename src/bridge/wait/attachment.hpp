#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/host_file.hpp"

namespace notifybridge::wait {

/// Writes the file "host", in which `wait` says that it is here, which run it reads, and how far it
/// has read.
class Attachment {
public:
    /// The facts that the container may know about our unit.
    struct Unit {
        std::string invocation;  ///< The id of its invocation; empty if it has none.
        std::optional<std::chrono::microseconds> watchdog;
        std::size_t listen_fds = 0;
        std::string fd_store;
        bool has_command = false;  ///< The unit starts its runs itself.
    };

    /// Reads the file of an earlier `wait`; writes nothing yet. Throws std::system_error.
    Attachment(event::Loop& loop, system::Fd directory, Unit unit,
               util::NamedLog log = util::NamedLog());

    /// Writes the file. Throws std::system_error if that fails.
    void announce();

    /// Returns whether the file exists: somebody else may have removed it.
    bool is_shown() const;

    /// Removes the file and the journal that was kept for us, at an orderly end. Unread messages
    /// are lost.
    void withdraw();

    /// Leaves the run to itself: `wrap` goes on as if there had never been a reader.
    void leave();

    /// Returns whether an earlier `wait` had a command and was gone before the runs of that command
    /// were over.
    bool was_left_runs() const { return before_ && before_->has_command; }

    /// Names that run, to ask for its end. Unless we resume that run, nobody reads it any more.
    void take_over(const channel::RunId& run);

    /// Takes that name out of the file, because the run is over.
    void let_go();

    /// Returns the run that an earlier `wait` of the same invocation read, if any: each later run
    /// began in our own time. Returns nullopt once we read another run.
    std::optional<channel::RunId> resumed_run() const {
        return previous_ ? previous_->facts.run : std::nullopt;
    }

    /// Also shows by a beat that we live, because the other side cannot see our lock.
    void beat();

    /// Says that we read `run` now: from its beginning, unless it is resumed.
    void attach(const channel::RunId& run, bool polls);

    /// Makes `wrap` send this signal to the command of the run. Returns false if the file cannot be
    /// written now, so that `wrap` hears of it later or never.
    bool signal_run(int signal);

    /// Publishes the drops at once, or within a second if there are more and more.
    void show_drops(const notify::DropCounters& drops);

    /// Publishes whether file descriptors are transferred in this run, or why they are not.
    void show_lane(bool open, const std::string& fault);

    /// Notes that all messages up to `sequence` were sent and took this long. Writes that with
    /// `flush`, or after a batch; returns true if it did.
    bool acknowledge(std::uint64_t sequence, std::uint64_t latency_usec = 0);
    void flush();

    /// Notes that the service manager has processed all messages up to `sequence`.
    void confirm(std::uint64_t sequence);

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
    std::optional<channel::HostFacts> before_;   ///< The last facts of an earlier `wait`.
    std::optional<channel::HostFile> previous_;  ///< Its whole file, if we resume its run.
    std::uint64_t last_signal_ = 0;              ///< The number of the last requested signal.
    event::Deadline drops_shown_;                ///< Drops are published again after this.
    event::Deadline retry_;
    event::Deadline beat_;
    bool drops_changed_ = false;
    bool is_stale_ = false;  ///< The file lacks something that could not be written.
    int unwritten_ = 0;
};

}  // namespace notifybridge::wait
