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

/// The file "host", by which `wait` informs and instructs the container.
struct HostFacts {
    std::int64_t pid = 0;             ///< `wait`'s pid in its own pid namespace.
    std::optional<RunId> run;         ///< The run that it follows, if any.
    bool has_command = false;         ///< Its command or a leftover command starts runs.
    std::string invocation;           ///< INVOCATION_ID of its unit, else its $NOTIFY_SOCKET.
    std::uint64_t attached_usec = 0;  ///< When it started, in microseconds since 1970.
    std::optional<std::chrono::microseconds> watchdog;  ///< WATCHDOG_USEC of its unit.
    std::size_t listen_fds = 0;   ///< How many descriptors it passes to the command over the lane.
    std::string fd_store;         ///< FDSTORE of its unit: how many descriptors systemd would keep.
    bool lane_open = false;       ///< File descriptors cross in this run.
    std::string lane_fault;       ///< Why they do not, if that is known.
    std::optional<RunId> ending;  ///< Another run that is ended before `run` is read further.
    SignalList signals;           ///< For the command of `run` or `ending`.
    bool polls = false;           ///< It polls, because it gets no inotify events.
    bool has_left = false;        ///< It has left the run, and no `wait` will follow.
    bool beats = false;           ///< Locks do not cross the mount: a changing beat shows that it
                                  ///< is alive.
    notify::DropCounters drops;   ///< Messages that it did not forward.

    bool operator==(const HostFacts&) const = default;
};

/// Numbers that change with messages, at fixed places. Each is written by one aligned store.
struct HostProgress {
    std::uint64_t acknowledged = 0;  ///< Messages up to this sequence were handed to the service
                                     ///< manager.
    std::uint64_t processed = 0;     ///< Messages up to this sequence were processed by it: its
                                     ///< barrier returned.
    std::uint64_t beat = 0;
    std::uint64_t latency_usec = 0;  ///< relay::Latency of delivered messages; 0: unknown.

    bool operator==(const HostProgress&) const = default;
};

struct HostFile {
    HostFacts facts;
    HostProgress progress;

    bool operator==(const HostFile&) const = default;
};

std::string encode(const HostFile& file);
std::optional<HostFile> decode_host_file(std::string_view content);

/// Writes the file for `wait`, and holds its write lock while this object lives.
class HostFileWriter {
public:
    explicit HostFileWriter(system::Fd directory) : directory_(directory) {}

    /// Replaces the file. If the file system is full, overwrites the existing file, ours or that of
    /// a previous `wait`: acknowledging messages frees room, and for that a file is needed. Returns
    /// errors of the file system (ENOSPC, …).
    system::Result<std::size_t> publish(const HostFile& file);

    /// Writes the numbers into the current file. This fails if the file system is broken, or full
    /// and unable to write in place (btrfs). Callers may retry.
    system::Result<std::size_t> update(const HostProgress& progress);

private:
    bool may_write_over();
    system::Result<std::size_t> write_over(system::Bytes bytes);

    system::Fd directory_;
    system::UniqueFd file_;
};

/// The contents of the file, and whether its writer is alive. See HostFileReader::look.
struct HostSight {
    std::optional<HostFile> file;
    bool writer_lives = false;
};

/// Reads the file for others.
class HostFileReader {
public:
    explicit HostFileReader(system::Fd directory);

    /// Opens the current file if it was replaced. Returns whether there is one.
    bool refresh();

    /// Returns the contents, or nullopt if there is no valid file.
    std::optional<HostFile> read();

    /// Reads the current file and checks by its lock whether its writer is alive. If the writer is
    /// dead, `file` is the last thing that it wrote: the lock is checked before the file is read,
    /// and a replaced file is dropped for the new one. If either check fails for now, the writer
    /// counts as alive and `is_uncertain` is true.
    HostSight look();

    /// Returns whether the last `refresh`, `read` or `look` failed for a reason that may pass. Then
    /// the contents are unknown, and even whether the file exists.
    bool is_uncertain() const { return system::may_pass(failure_); }
    boost::system::error_code failure() const { return failure_; }

    /// Returns the unknown format version that the last `read` found, or 0.
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
