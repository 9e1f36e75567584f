#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/notify/drop.hpp"
#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "bridge/channel/run_id.hpp"
#include "bridge/channel/signal_list.hpp"

namespace notifybridge::channel {

/// What `wait` lets the container know, and asks of it: the file "host".
struct HostFacts {
    std::int64_t pid = 0;             ///< Of `wait`, as it sees itself.
    std::optional<RunId> run;         ///< The run that it is attached to, if there is one.
    bool has_command = false;         ///< Runs are started by its command, or by what one left.
    std::string invocation;           ///< INVOCATION_ID of its unit, or else its $NOTIFY_SOCKET.
    std::uint64_t attached_usec = 0;  ///< When it started, in microseconds since 1970.
    std::optional<std::chrono::microseconds> watchdog;  ///< WATCHDOG_USEC of its unit.
    std::size_t listen_fds = 0;   ///< So many descriptors of its own it hands in over the lane.
    std::string fd_store;         ///< FDSTORE of its unit: how many systemd would keep.
    bool lane_open = false;       ///< File descriptors cross in this run.
    std::string lane_fault;       ///< Why they do not, where that is known.
    std::optional<RunId> ending;  ///< Another run, which is ended before `run` is read on.
    SignalList signals;           ///< For the command of `run`, or of `ending`.
    int stop_signal = 0;          ///< The last that asked for its end, for who knows no `signals`.
    bool polls = false;           ///< It looks for changes; no inotify event reaches it.
    bool has_left = false;        ///< It left the run to itself: nobody is to come after it.
    bool beats = false;           ///< Its lock does not cross the mount: the beat says it lives.
    notify::DropCounters drops;   ///< What it did not send on.

    bool operator==(const HostFacts&) const = default;
};

/// The numbers that change with messages, at fixed places, each written by one aligned store.
struct HostProgress {
    std::uint64_t acknowledged = 0;  ///< All up to this sequence was handed to the service manager.
    std::uint64_t processed = 0;     ///< All up to this was seen by it: its barrier came back.
    std::uint64_t beat = 0;
    std::uint64_t latency_usec = 0;  ///< relay::Latency of what was handed over; 0 is unknown.

    bool operator==(const HostProgress&) const = default;
};

struct HostFile {
    HostFacts facts;
    HostProgress progress;

    bool operator==(const HostFile&) const = default;
};

std::string encode(const HostFile& file);
std::optional<HostFile> decode_host_file(std::string_view content);

/// The file as `wait` writes it. It holds the file's write lock for as long as it lives.
class HostFileWriter {
public:
    explicit HostFileWriter(system::Fd directory) : directory_(directory) {}

    /// Puts a new file in place. Where the file system is full, the one that is there is written
    /// over, ours or that of a `wait` before us: room is made by acknowledging what was read, for
    /// which there must be a file. Errors are of the file system (ENOSPC, ...).
    system::Result<std::size_t> publish(const HostFile& file);

    /// Writes the numbers into the file that is there. That can fail where the file system writes
    /// nothing in its place (btrfs) and is full, or is broken; it may be tried again.
    system::Result<std::size_t> update(const HostProgress& progress);

private:
    bool may_write_over();
    system::Result<std::size_t> write_over(system::Bytes bytes);

    system::Fd directory_;
    system::UniqueFd file_;
};

/// What the file says, and whether the process that wrote it lives. See HostFileReader::look.
struct HostSight {
    std::optional<HostFile> file;
    bool writer_lives = false;
};

/// The file as others read it.
class HostFileReader {
public:
    explicit HostFileReader(system::Fd directory);

    /// Opens the file that is there now, if it is another one than before. Whether there is one.
    bool refresh();

    /// What it says; nothing where there is none, or none that makes sense.
    std::optional<HostFile> read();

    /// Reads the file that is there now, and asks its lock whether its writer lives. If the writer
    /// is dead, `file` is the last thing that it wrote: the lock is asked before the file is read,
    /// and a file that was replaced meanwhile is left for the new one. If either cannot be told
    /// now, the writer counts as alive, and `is_uncertain` is true.
    HostSight look();

    /// Whether the last `refresh`, `read` or `look` failed for a reason that may pass: it is not
    /// known what the file says, nor that there is none.
    bool is_uncertain() const { return system::may_pass(failure_); }
    boost::system::error_code failure() const { return failure_; }

    /// The version of the format that the last `read` met and does not know; else 0.
    std::uint32_t unknown_version() const { return unknown_version_; }

    system::Fd fd() const { return file_; }

private:
    system::Fd directory_;
    bool is_remote_;
    system::UniqueFd file_;
    boost::system::error_code failure_;
    std::uint32_t unknown_version_ = 0;
};

}  // namespace notifybridge::channel
