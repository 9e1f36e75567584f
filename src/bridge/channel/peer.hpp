#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/system/fd.hpp"
#include "bridge/channel/journal_reader.hpp"

namespace notifybridge::channel {

/// The time between two increases of a beat (see Peer).
inline constexpr std::chrono::seconds beat_interval(1);

/// Whether a process is alive. The value is `unknown` if a single check cannot show this.
enum class Liveness { alive, ended, unknown };

/// A check whether the other side is alive: the process that writes the file "journal" or "host".
///
/// If locks cross the mount, the lock of that file decides. A caller that finds the lock free must
/// read the file again before deciding: see JournalReader::writer_lives and HostFileReader::look.
///
/// Otherwise the beat decides, which is a number in the file that the other side increases each
/// second. If the beat does not change for ten seconds, the other side counts as dead. Either side
/// may be suspended, so the time between two checks counts as at most one second of silence. Times
/// are in µs.
class Peer {
public:
    /// `directory` is the shared directory, which must outlive this object.
    explicit Peer(system::Fd directory);

    /// Returns whether locks and events of the other side are invisible here.
    bool is_remote() const { return is_remote_; }

    /// Returns whether the lock decides. `has_beat` is the flag in the other side's file.
    bool shows_by_lock(bool has_beat) const { return !has_beat && !is_remote_; }

    /// Returns the result of a single check. A held lock always shows that its holder is alive.
    Liveness at_a_glance(bool is_locked, bool has_beat) const {
        return is_locked                 ? Liveness::alive
               : shows_by_lock(has_beat) ? Liveness::ended
                                         : Liveness::unknown;
    }

    /// Records `beat`, which the file contains at the time `now`.
    void take_beat(std::uint64_t beat, std::uint64_t now);

    /// Returns whether the beat has changed within ten seconds. The first beat counts as a change.
    bool beats() const { return silence_ < longest_silence; }

    /// Returns whether the beat has changed since the first check. Until it changes, the beat may
    /// belong to a dead process.
    bool has_beaten() const { return has_beaten_; }

    /// Sets whether our command still runs. The other side runs in a container that this command
    /// started. While the command runs, a run without a visible lock counts as alive if its journal
    /// is current. This applies even if the run's beat does not change.
    void set_command_runs(bool runs) { command_runs_ = runs; }

    /// Returns whether the run continues, in this journal or in one that has replaced it (a
    /// rotation). If the result is false, read the journal again, because the run may have written
    /// just before its end. The first beat of a new run counts as a change.
    bool lives(const JournalReader& journal);

    /// Returns whether a live `wrap` writes this file. After a rotation, the old journal has no
    /// writer. Use this function only if the caller checks for rotations.
    bool writes(const JournalReader& journal);

    /// Returns whether the run continues, as `lives` does. If the run has no visible lock, reads
    /// the journal to its end first. A run whose end is recorded has ended, even if its beat has
    /// just changed.
    bool goes_on(JournalReader& journal);

private:
    static constexpr std::uint64_t longest_silence = 10'000'000;
    static constexpr std::uint64_t most_silence_of_a_look = 1'000'000;

    bool is_heard(const JournalReader& journal);

    system::Fd directory_;
    bool is_remote_;
    bool command_runs_ = false;
    std::optional<RunId> run_;  ///< The run whose beat was recorded.
    std::uint64_t beat_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t silence_ = 0;
    bool has_beaten_ = false;
};

}  // namespace notifybridge::channel
