#include "bridge/status/overview.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/state_text.hpp"

namespace notifybridge::status {
namespace {

/// A limit in bytes that is larger than any journal of `wrap`. At most 64 MiB are unread, and
/// `wrap` rotates the journal when half of the journal has been read.
constexpr std::uint64_t most_journal = 256 * 1024 * 1024;
/// A limit in bytes. The file container-status is smaller, even if the command line is very long.
constexpr std::size_t most_status = 1024 * 1024;
/// The number of attempts to open the journal, which may be replaced at the same time.
constexpr int most_attempts = 8;

constexpr std::chrono::milliseconds longest_beat(3500);
constexpr std::chrono::milliseconds beat_check_interval(50);

void count_keys(RunOverview& run, const notify::Message& message) {
    for (const notify::Tag& tag : message.tags())
        ++run.keys[static_cast<std::size_t>(tag.key)];
}

void take_record(RunOverview& run, const channel::Record& record) {
    using channel::RecordType;
    if (record.type == RecordType::state) {
        run.state = channel::parse_state(record.payload);
    } else if (record.type == RecordType::end) {
        run.end = channel::parse_end(record.payload);
        run.ended_usec = record.time.realtime;
        run.liveness = Liveness::ended;
    } else if (record.type == RecordType::datagram) {
        const auto message = notify::parse(record.payload);
        if (message)
            count_keys(run, *message);
        // The state of a rotated journal already includes some of its records.
        if (message && record.sequence > run.last_sequence)
            notify::fold(run.state, *message, record.time);
    }
    run.last_sequence = std::max(run.last_sequence, record.sequence);
}

/// Reads all records that the journal has now, and returns the state of the run.
RunOverview read_run(channel::JournalReader& reader, const channel::Peer& wrap) {
    using Outcome = channel::JournalReader::Outcome;
    RunOverview run;
    run.header = reader.header();
    run.state.since.realtime = run.header.started_usec;
    // Check the lock before reading: if the run has ended by now, all its records are written.
    run.liveness = wrap.at_a_glance(reader.is_locked(), run.header.beats);
    channel::Record record;
    std::uint64_t size = 0;
    while (size < most_journal) {
        Outcome outcome = reader.next(record);
        // Invalid bytes may be a record that is being written. Read again before reporting damage.
        if (outcome == Outcome::end_of_file)
            outcome = reader.next(record);
        if (outcome != Outcome::record) {
            run.damaged = outcome == Outcome::broken;
            return run;
        }
        size += channel::record_header_size + record.payload.size();
        take_record(run, record);
    }
    run.damaged = true;
    return run;
}

std::optional<RunOverview> read_current_run(system::Fd directory, const channel::Peer& wrap,
                                            std::vector<FileFault>& faults) {
    std::optional<RunOverview> run;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        channel::JournalFault fault;
        const auto reader = channel::JournalReader::open(directory, fault);
        if (!reader) {
            if (!fault.absent)
                faults.push_back({channel::journal_name, fault.text});
            return std::nullopt;
        }
        run = read_run(*reader, wrap);
        // If a journal without a lock is not the current one, it was rotated or a new run took
        // over. Read again.
        if (run->liveness == Liveness::alive || reader->is_current(directory))
            break;
    }
    if (run->damaged)
        faults.push_back(
            {channel::journal_name, "it is damaged: messages after the damage are not shown"});
    return run;
}

std::optional<HostOverview> read_host(system::Fd directory, const channel::Peer& wait,
                                      std::vector<FileFault>& faults) {
    if (const auto file =
            system::open_regular(directory, channel::host_name, O_RDONLY | O_NONBLOCK);
        !file) {
        if (file.error().value() != ENOENT)
            faults.push_back({channel::host_name, system::describe_open_error(file.error())});
        return std::nullopt;
    }
    channel::HostFileReader reader(directory);
    channel::HostSight sight = reader.look();
    // The file was removed in the meantime, so there is no `wait`.
    if (!reader.fd())
        return std::nullopt;
    if (!sight.file) {
        faults.push_back(
            {channel::host_name, reader.unknown_version() != 0
                                     ? channel::explain_version(reader.unknown_version())
                                     : "this is not a file that `wait` wrote"});
        return std::nullopt;
    }
    HostOverview host;
    host.liveness = wait.at_a_glance(sight.writer_lives, sight.file->facts.beats);
    host.file = std::move(*sight.file);
    return host;
}

std::optional<channel::ContainerStatus> read_container_status(system::Fd directory,
                                                              std::vector<FileFault>& faults) {
    const auto file = system::open_regular(directory, channel::status_name, O_RDONLY | O_NONBLOCK);
    if (!file) {
        if (file.error().value() != ENOENT)
            faults.push_back({channel::status_name, system::describe_open_error(file.error())});
        return std::nullopt;
    }
    const auto text = system::read_text(*file, most_status);
    if (!text) {
        faults.push_back({channel::status_name, system::describe(text.error().value())});
        return std::nullopt;
    }
    return channel::parse_container_status(*text);
}

bool demands_end(int signal) {
    return signal == SIGKILL || process::asks_for_end(signal);
}

/// Returns whether the host has asked the app to end with a signal other than SIGQUIT.
bool was_asked_to_end(const channel::HostFacts& host) {
    return std::ranges::any_of(host.signals, [](const channel::NumberedSignal& each) {
        return each.signal != SIGQUIT && demands_end(each.signal);
    });
}

}  // namespace

int end_request(const channel::HostFacts& host) {
    int last = 0;
    for (const channel::NumberedSignal& each : host.signals)
        if (demands_end(each.signal))
            last = each.signal;
    return last;
}

Overview look_at(system::Fd directory) {
    const channel::Peer peer(directory);
    Overview overview;
    overview.run = read_current_run(directory, peer, overview.faults);
    overview.host = read_host(directory, peer, overview.faults);
    if (overview.run) {
        if (overview.host && is_attached(*overview.host, *overview.run))
            overview.run->is_asked_to_end = was_asked_to_end(overview.host->file.facts);
        overview.container = read_container_status(directory, overview.faults);
        // If the disk is full, the file may still describe an earlier run.
        if (overview.container && overview.container->run != overview.run->header.run)
            overview.container.reset();
        // container-status is written later than the journal, so its count may be too low.
        const std::uint64_t last = overview.run->last_sequence;
        const std::uint64_t journaled = overview.run->end && last > 0 ? last - 1 : last;
        if (overview.container && overview.container->messages < journaled)
            overview.container->messages = journaled;
    }
    return overview;
}

std::vector<std::string> member_names(const std::string& path) {
    const auto has_files = [](const std::string& place) {
        const auto directory = system::open_directory(place);
        return directory
               && (system::identity(*directory, channel::host_name)
                   || system::identity(*directory, channel::journal_name));
    };
    const auto entries = system::list_directory(path);
    std::vector<std::string> names;
    if (!entries || has_files(path))
        return names;
    for (const system::DirectoryEntry& entry : *entries)
        // A link may lead to a directory, and some file systems do not report the type.
        if (entry.type != DT_REG && has_files(path + '/' + entry.name))
            names.push_back(entry.name);
    std::ranges::sort(names);
    return names;
}

bool is_ready(const RunOverview& run) {
    return !run.damaged && !run.is_asked_to_end
           && (run.state.phase == notify::Phase::ready
               || run.state.phase == notify::Phase::reloading);
}

void for_each_key(const RunOverview& run,
                  util::FunctionRef<void(std::string_view name, std::uint64_t count)> take) {
    for (std::size_t at = 0; at < run.keys.size(); ++at)
        if (run.keys[at] != 0)
            take(at + 1 < run.keys.size() ? notify::name(static_cast<notify::Key>(at)) : "others",
                 run.keys[at]);
}

std::vector<Drop> drops_of(const Overview& overview) {
    std::vector<Drop> all;
    const auto add = [&](const notify::DropCounters& drops, std::string_view by) {
        drops.for_each([&](notify::DropReason reason, std::uint64_t count) {
            const bool has_keys = reason == notify::DropReason::refused_key;
            all.push_back({reason, by, count, has_keys ? drops.refused_keys() : ""});
        });
    };
    if (overview.container)
        add(overview.container->drops, "wrap");
    if (overview.host)
        add(overview.host->file.facts.drops, "wait");
    return all;
}

notify::Phase phase_of(const RunOverview& run) {
    return run.is_asked_to_end ? notify::Phase::stopping : run.state.phase;
}

std::uint64_t state_began(const RunOverview& run) {
    return run.end ? run.ended_usec : run.state.since.realtime;
}

std::string_view state_name(const RunOverview& run) {
    if (run.end)
        return "ended";
    if (run.liveness == Liveness::ended)
        return "broken-off";
    return notify::name(phase_of(run));
}

std::optional<std::chrono::microseconds> watchdog_period(const Overview& overview) {
    if (overview.run) {
        const auto& facts = overview.run->state.facts;
        if (const auto own = facts.find(notify::Key::watchdog_usec); own != facts.end())
            return util::parse_usec(own->second);
    }
    return overview.host ? overview.host->file.facts.watchdog : std::nullopt;
}

bool is_watchdog_late(const Overview& overview, system::Moment now) {
    const auto period = watchdog_period(overview);
    if (!overview.run || !period || period->count() <= 0
        || overview.run->liveness == Liveness::ended)
        return false;
    const notify::State& state = overview.run->state;
    // Until the app is ready, no ping is due.
    const std::uint64_t last =
        std::max(state.last_watchdog.realtime,
                 state.phase == notify::Phase::starting ? now.realtime : state.since.realtime);
    return now.realtime > last && now.realtime - last > static_cast<std::uint64_t>(period->count());
}

bool is_ping_missing(const Overview& overview, system::Moment now) {
    const auto period = watchdog_period(overview);
    if (!overview.run || !period || period->count() <= 0
        || overview.run->liveness == Liveness::ended)
        return false;
    const notify::State& state = overview.run->state;
    return state.last_watchdog.realtime == 0 && state.phase != notify::Phase::starting
           && now.realtime > state.since.realtime
           && now.realtime - state.since.realtime > static_cast<std::uint64_t>(period->count()) / 2;
}

bool has_a_beat(system::Fd directory, const channel::RunId& run) {
    const auto until = std::chrono::steady_clock::now() + longest_beat;
    channel::Peer wrap(directory);
    while (std::chrono::steady_clock::now() < until) {
        // Open the file again, because a network file system may otherwise show old bytes.
        channel::JournalFault fault;
        const auto reader = channel::JournalReader::open(directory, fault);
        if (!reader || reader->header().run != run)
            return false;
        wrap.take_beat(reader->read_beat(), system::monotonic_now());
        if (wrap.has_beaten())
            return true;
        std::this_thread::sleep_for(beat_check_interval);
    }
    return false;
}

bool is_attached(const HostOverview& host, const RunOverview& run) {
    return host.liveness != Liveness::ended && !host.file.facts.has_left
           && host.file.facts.run == run.header.run;
}

}  // namespace notifybridge::status
