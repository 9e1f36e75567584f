#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/channel/container_status.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::status {

/// Whether a process goes on, as its lock tells. `unknown` where locks do not cross the mount.
enum class Liveness { alive, ended, unknown };

/// Why a file of a shared directory could not be used.
struct FileFault {
    std::string file;
    std::string text;  ///< For people: "it is a symbolic link".

    bool operator==(const FileFault&) const = default;
};

/// What the journal says of its run.
struct RunOverview {
    channel::JournalHeader header;
    Liveness liveness = Liveness::ended;
    bool damaged = false;  ///< From some place on the journal cannot be read.
    notify::State state;
    std::uint64_t last_sequence = 0;  ///< Of the last record.
    /// How often each key is in the messages that the journal still has: not in those that are
    /// acknowledged, and were let go of.
    std::array<std::uint64_t, static_cast<std::size_t>(notify::Key::unknown) + 1> keys{};
    std::optional<process::ExitStatus> end;  ///< Nothing: it goes on, or it broke off.
    std::uint64_t ended_usec = 0;            ///< When `end` was recorded: microseconds since 1970.

    bool operator==(const RunOverview&) const = default;
};

/// What the file "host" says, and whether the `wait` that wrote it goes on.
struct HostOverview {
    channel::HostFile file;
    Liveness liveness = Liveness::ended;

    bool operator==(const HostOverview&) const = default;
};

/// All there is to know about a shared directory at one moment.
struct Overview {
    std::optional<RunOverview> run;
    std::optional<channel::ContainerStatus> container;  ///< Only of `run`; its state may lag.
    std::optional<HostOverview> host;
    std::vector<FileFault> faults;

    bool operator==(const Overview&) const = default;
};

/// Reads what is in `directory`. Nothing in it is trusted: what is no regular file is not opened,
/// and no more is read than a bridge of ours ever writes.
Overview look_at(system::Fd directory);

/// The names of the members that share subdirectories of the directory at `path`, in order: those
/// that have a file of ours. None where the directory is one container's itself.
std::vector<std::string> member_names(const std::string& path);

/// What the run of this journal said so far: its records are read to the end that they have now.
RunOverview read_run(channel::JournalReader& reader);

/// Whether the service can be used: what `status --ready` answers for a run that goes on.
bool is_ready(const RunOverview& run);

/// Those keys of a run that are in a message, by name; what is none of sd_notify's are "others".
void for_each_key(const RunOverview& run,
                  const std::function<void(std::string_view name, std::uint64_t count)>& take);

/// What the state of a run is called, over all of its life: "ready", "ended".
std::string_view state_name(const RunOverview& run);
inline constexpr auto state_names = std::to_array<std::string_view>(
    {"starting", "ready", "reloading", "stopping", "ended", "broken-off"});

/// How often the app has to ping the watchdog: as it says itself, else as its unit does.
std::optional<std::chrono::microseconds> watchdog_period(const Overview& overview);

/// Whether a run that goes on has not pinged for longer than that.
bool is_watchdog_late(const Overview& overview, system::Moment now);

/// Whether the app has never pinged, though half of the time for its first ping is over.
bool is_ping_missing(const Overview& overview, system::Moment now);

/// Watches a run whose locks do not cross the mount until it shows by a beat that it goes on: true,
/// after a second at most, or false after 3.5 seconds without one.
bool has_a_beat(system::Fd directory, const channel::RunId& run);

/// Whether `host` is the `wait` of this run.
bool is_attached(const HostOverview& host, const RunOverview& run);

}  // namespace notifybridge::status
