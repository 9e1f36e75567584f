#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/peer.hpp"

namespace notifybridge::status {

using channel::Liveness;

/// The reason why a file of a shared directory could not be used.
struct FileFault {
    std::string file;
    std::string text;  ///< A text for people: "it is a symbolic link".

    bool operator==(const FileFault&) const = default;
};

/// The run that the journal records.
struct RunOverview {
    channel::JournalHeader header;
    Liveness liveness = Liveness::ended;
    bool damaged = false;  ///< Whether the journal cannot be read to its end.
    /// Whether the attached `wait` has asked the app to end. Does not include SIGQUIT, because some
    /// apps use this signal for other purposes.
    bool is_asked_to_end = false;
    notify::State state;
    std::uint64_t last_sequence = 0;  ///< The number of the last record.
    /// The number of messages in the journal with each key. Acknowledged messages may have been
    /// removed.
    std::array<std::uint64_t, static_cast<std::size_t>(notify::Key::unknown) + 1> keys{};
    std::optional<process::ExitStatus> end;  ///< nullopt if the run is alive or broke off.
    /// When `end` was recorded, in microseconds since 1970.
    std::uint64_t ended_usec = 0;

    bool operator==(const RunOverview&) const = default;
};

/// The content of the file "host", and whether the `wait` that wrote it is alive.
struct HostOverview {
    channel::HostFile file;
    Liveness liveness = Liveness::ended;

    bool operator==(const HostOverview&) const = default;
};

/// A snapshot of a shared directory.
struct Overview {
    std::optional<RunOverview> run;
    /// The content of the file container-status; nullopt if it is not about `run`. The state in the
    /// file may be older than that in `run`.
    std::optional<channel::ContainerStatus> container;
    std::optional<HostOverview> host;
    std::vector<FileFault> faults;

    bool operator==(const Overview&) const = default;
};

/// Returns the last signal with which the host asked the app to end, or 0.
int end_request(const channel::HostFacts& host);

/// Reads the files in `directory`. Does not trust these files: opens only regular files, and reads
/// no more bytes than a valid file can have.
Overview look_at(system::Fd directory);

/// Returns the sorted names of the members below the directory at `path`. These are the
/// subdirectories that contain one of our files. Returns an empty list if the directory itself
/// belongs to one container.
std::vector<std::string> member_names(const std::string& path);

/// Returns whether the service can be used. If the run is alive, this is the answer to `status
/// --ready`.
bool is_ready(const RunOverview& run);

/// Calls `take` with the name and count of each key in the run's messages. "others" counts keys
/// that sd_notify(3) does not have.
void for_each_key(const RunOverview& run,
                  util::FunctionRef<void(std::string_view name, std::uint64_t count)> take);

/// The messages that were dropped for one reason.
struct Drop {
    notify::DropReason reason;
    std::string_view by;  ///< "wrap" or "wait".
    std::uint64_t count;
    std::string keys;  ///< The names of refused keys, separated by spaces.
};
std::vector<Drop> drops_of(const Overview& overview);

/// Returns the phase that the app has reached, or `stopping` if it was asked to end.
notify::Phase phase_of(const RunOverview& run);

/// Returns when the state of the run began, in microseconds since 1970.
std::uint64_t state_began(const RunOverview& run);

/// Returns the name of the run's state, such as "ready" or "ended".
std::string_view state_name(const RunOverview& run);
inline constexpr auto state_names = std::to_array<std::string_view>(
    {"starting", "ready", "reloading", "stopping", "ended", "broken-off"});

/// Returns the time within which the app must ping the watchdog again. This is the app's own period
/// if the app has set one, or else the unit's period.
std::optional<std::chrono::microseconds> watchdog_period(const Overview& overview);

/// Returns whether the run is alive but its last ping is older than `watchdog_period`.
bool is_watchdog_late(const Overview& overview, system::Moment now);

/// Returns whether the app has been ready for half of `watchdog_period` and has never pinged.
bool is_ping_missing(const Overview& overview, system::Moment now);

/// Watches a run whose lock cannot be seen through the mount. Returns true as soon as the run's
/// beat changes, which takes up to a second. Returns false after 3.5 seconds without a change.
bool has_a_beat(system::Fd directory, const channel::RunId& run);

/// Returns whether `host` was written by the `wait` that follows this run.
bool is_attached(const HostOverview& host, const RunOverview& run);

}  // namespace notifybridge::status
