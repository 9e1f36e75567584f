#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/host_file.hpp"

namespace notifybridge::wait {

/// What `wait` says of itself in the file "host": that it is there, which run it reads, and how far
/// it came.
class Attachment {
public:
    /// What the container may know of our unit.
    struct Unit {
        std::string invocation;  ///< Its name, and empty where it has none.
        std::optional<std::chrono::microseconds> watchdog;
        std::size_t listen_fds = 0;
        std::string fd_store;
        bool has_command = false;  ///< It starts its runs itself.
    };

    /// Reads what a `wait` before us left; writes nothing yet.
    Attachment(event::Loop& loop, system::Fd directory, Unit unit,
               util::NamedLog log = util::NamedLog());

    /// Writes the file. Throws where that cannot be.
    void announce();

    /// Whether the file is there: it is not where somebody else removed it.
    bool is_shown() const;

    /// Takes it away, and what was kept for us, at an orderly end: what was not read stays for
    /// nobody.
    void withdraw();

    /// Leaves the run to itself: `wrap` goes on as where nobody was ever there.
    void leave();

    /// Whether a `wait` before us had a command, and was gone before the runs of that were over.
    bool was_left_runs() const { return before_ && before_->has_command; }

    /// Names that run, to ask for its end. Unless we resume it, nobody reads it any more.
    void take_over(const channel::RunId& run);

    /// It is over.
    void let_go();

    /// The run that a `wait` of this same invocation read before us, if one did: each that comes
    /// after it is of our own time. Nothing any more once we read another.
    std::optional<channel::RunId> resumed_run() const {
        return previous_ ? previous_->facts.run : std::nullopt;
    }

    /// Shows that we live by a beat, too, as our lock does not reach the other side.
    void beat();

    /// Says that we read `run` now, from its beginning unless it is resumed.
    void attach(const channel::RunId& run, bool polls);

    /// Has `wrap` send this signal to the command of the run. False where the file cannot be
    /// written now, so that `wrap` hears of it later or never.
    bool signal_run(int signal);

    /// What was refused shows in the file at once, or, while ever more is, within a second.
    void show_drops(const notify::DropCounters& drops);

    /// Whether file descriptors cross in this run, or why they do not.
    void show_lane(bool open, const std::string& fault);

    /// All up to `sequence` was sent, and took so long. Written at once with `flush`, and after a
    /// batch; true then.
    bool acknowledge(std::uint64_t sequence, std::uint64_t latency_usec = 0);
    void flush();

    /// All up to `sequence` was processed by the service manager.
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
    std::optional<channel::HostFacts> before_;   ///< What a `wait` before us said last.
    std::optional<channel::HostFile> previous_;  ///< The same, where we resume its run.
    std::uint64_t last_signal_ = 0;              ///< The number of the last one that was asked for.
    event::Deadline drops_shown_;                ///< What was refused shows again after that.
    event::Deadline retry_;
    event::Deadline beat_;
    bool drops_changed_ = false;
    bool is_stale_ = false;  ///< The file lacks something that could not be written.
    int unwritten_ = 0;
};

}  // namespace notifybridge::wait
