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

/// The content of the file "host", through which `wait` sends facts and requests to the container.
struct HostFacts {
    std::int64_t pid = 0;      ///< `wait`'s pid in its own pid namespace.
    std::optional<RunId> run;  ///< The run that `wait` follows, if any.
    /// Whether runs are started by the command of `wait`, or by an earlier command that still runs.
    bool has_command = false;
    /// `wait`'s $INVOCATION_ID, or its $NOTIFY_SOCKET if it has no $INVOCATION_ID.
    std::string invocation;
    std::uint64_t attached_usec = 0;  ///< When `wait` started, in microseconds since 1970.
    std::optional<std::chrono::microseconds> watchdog;  ///< WATCHDOG_USEC of `wait`'s unit.
    /// The number of descriptors that `wait` passes to the command over the fd lane (lane.hpp).
    std::size_t listen_fds = 0;
    /// FDSTORE of `wait`'s unit: the maximum number of descriptors that systemd keeps for the unit.
    std::string fd_store;
    bool lane_open = false;  ///< Whether descriptors can be transferred in this run.
    std::string lane_fault;  ///< Why descriptors cannot be transferred, if known.
    /// The features of the kernel that `wait` has to do without, separated by spaces.
    std::string missing;
    std::optional<RunId> ending;  ///< Another run, which must end before `wait` continues.
    /// The sequence of a record. `wait` sends the state after this record instead of all records up
    /// to it; 0 if `wait` sends each record.
    std::uint64_t state_to = 0;
    SignalList signals;  ///< The signals for the command of `run` or `ending`.
    bool polls = false;  ///< Whether `wait` polls, because it gets no inotify events.
    /// Whether `wait` has left the run and no other `wait` will follow.
    bool has_left = false;
    /// Whether `wait` shows by a changing beat that it is alive, because locks do not cross the
    /// mount.
    bool beats = false;
    notify::DropCounters drops;  ///< Messages that `wait` did not forward.

    bool operator==(const HostFacts&) const = default;
};

/// Numbers that change often. Their offsets are fixed, so that `wait` can change all of them with
/// one write(2) and without a new file.
struct HostProgress {
    /// Messages up to this sequence were sent to the service manager, or were dropped.
    std::uint64_t acknowledged = 0;
    /// A barrier has shown that the service manager has processed messages up to this sequence.
    std::uint64_t processed = 0;
    std::uint64_t beat = 0;
    /// The value of relay::Latency for delivered messages; 0 if it is unknown.
    std::uint64_t latency_usec = 0;

    bool operator==(const HostProgress&) const = default;
};

struct HostFile {
    HostFacts facts;
    HostProgress progress;

    bool operator==(const HostFile&) const = default;
};

std::string encode(const HostFile& file);
std::optional<HostFile> decode_host_file(std::string_view content);

/// The writer of the file "host", in `wait`. It holds the file's write lock while this object
/// lives.
class HostFileWriter {
public:
    explicit HostFileWriter(system::Fd directory) : directory_(directory) {}

    /// Replaces the file. If the file system is full, overwrites the existing file, even that of a
    /// previous `wait`. This matters because `wrap` frees room when messages are acknowledged, and
    /// an acknowledgement needs this file. Returns errors of the file system (ENOSPC, …).
    system::Result<std::size_t> publish(const HostFile& file);

    /// Writes the numbers into the current file. Returns an error if the file system is broken, or
    /// if it is full and cannot overwrite data (btrfs). Callers may retry.
    system::Result<std::size_t> update(const HostProgress& progress);

private:
    bool may_write_over();
    system::Result<std::size_t> write_over(system::Bytes bytes);

    system::Fd directory_;
    system::UniqueFd file_;
};

/// The content of the file "host", and whether its writer is alive. See HostFileReader::look.
struct HostSight {
    std::optional<HostFile> file;
    bool writer_lives = false;
};

/// A reader of the file "host", which `wait` writes.
class HostFileReader {
public:
    explicit HostFileReader(system::Fd directory);

    /// Opens the new file if the open file was replaced. Returns whether a file exists.
    bool refresh();

    /// Returns the content of the file. Returns nullopt if there is no valid file.
    std::optional<HostFile> read();

    /// Reads the current file, and uses its lock to check whether its writer is alive. If the
    /// writer is dead, `file` is the last content that it wrote. To ensure this, checks the lock
    /// before it reads the file, and reads the new file if the file was replaced. If a check fails
    /// for a reason that may pass, the writer counts as alive and `is_uncertain` returns true.
    HostSight look();

    /// Returns whether the writer of the last file that we opened is alive, although that file was
    /// removed. Either the writer itself or another process has removed the file.
    bool removed_writer_lives();

    /// Returns whether the last `refresh`, `read` or `look` failed for a temporary reason. In
    /// this case, the content is unknown, and the file may not exist.
    bool is_uncertain() const { return system::may_pass(failure_); }
    boost::system::error_code failure() const { return failure_; }

    /// Returns the format version of the file if the last `read` found a version that we do not
    /// know. Otherwise returns 0.
    std::uint32_t unknown_version() const { return unknown_version_; }

    system::Fd fd() const { return file_; }

private:
    system::Fd directory_;
    bool is_remote_;
    system::UniqueFd file_;
    system::UniqueFd removed_;  ///< The last file, if its name was removed.
    boost::system::error_code failure_;
    std::uint32_t unknown_version_ = 0;
};

}  // namespace notifybridge::channel
