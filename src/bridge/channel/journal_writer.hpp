#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::channel {

/// The error if another run uses the directory, or if a run of another user has used it. what()
/// describes that run, and what to do.
struct DirectoryTakenError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The writer of a run's journal. It holds the file's write lock while this object lives.
class JournalWriter {
public:
    /// Starts a run in `directory`, replacing an ended run. Throws DirectoryTakenError if the other
    /// run has not ended or cannot be examined. Throws std::system_error if the journal cannot be
    /// written.
    JournalWriter(system::Fd directory, JournalHeader header);

    /// Queues a record and returns its sequence. `flush` writes the record.
    std::uint64_t append(Record record);

    /// Writes the queued records. If this fails (ENOSPC, …), the unwritten records stay queued and
    /// the caller may retry.
    system::Result<std::size_t> flush();

    /// Marks records up to `sequence` as no longer needed by a reader.
    void acknowledge(std::uint64_t sequence);

    std::uint64_t last_sequence() const { return last_sequence_; }
    std::uint64_t acknowledged() const { return acknowledged_; }
    /// The next three functions return how many bytes are queued in memory, how many are on disk,
    /// and how many of all these are unacknowledged. The last number may be too large, because the
    /// count begins at a landmark.
    std::size_t queued() const { return queue_.size(); }
    std::uint64_t size() const { return size_; }
    std::uint64_t unread() const;

    /// A place in the file at which a rotation may cut: the offset after the record `sequence`, and
    /// the state_text after this record.
    struct Landmark {
        std::uint64_t sequence;
        std::uint64_t offset;
        std::string state;
    };

    /// Sets a landmark after all records so far. Does nothing while records are queued.
    void mark(std::string state);
    /// Returns whether the file has grown so much that it needs another landmark.
    bool is_mark_due() const;
    /// Returns the last landmark before the first unacknowledged record.
    const Landmark& cut() const { return landmarks_.front(); }
    /// Moves `cut` to `place`, which must be after an acknowledged record.
    void move_cut(Landmark place) { landmarks_.front() = std::move(place); }

    /// Returns a reader at the first record of the current file.
    system::Result<JournalReader> reader() const;

    /// Replaces the file with one that has `state` and the records after `cut`. `state` is the
    /// state of `cut`. After an error, the old file stays in use.
    system::Result<std::size_t> rotate(std::string_view state, system::Moment time);

    /// Replaces the file with one that has only `state`, the state after all records. Drops queued
    /// records, and all records count as acknowledged. After an error, changes nothing.
    system::Result<std::size_t> start_over(std::string_view state, system::Moment time);

    /// Whether the queue keeps the memory that a burst needed. `release_memory` frees what is not
    /// used now.
    bool holds_memory() const;
    void release_memory() { queue_.shrink_to_fit(); }

    const JournalHeader& header() const { return header_; }

    /// Increases the beat. If a reader cannot see the lock, the changing beat shows that the writer
    /// is alive.
    void beat();

private:
    system::UniqueFd make_file(const std::string& name, system::Bytes content) const;
    system::UniqueFd make_first_file(const std::string& name, system::Bytes content) const;
    void claim(const std::string& temporary);
    void pass_landmarks();
    system::Result<std::size_t> replace(std::string_view state, std::uint64_t sequence,
                                        std::uint64_t cut, system::Moment time);
    system::Result<std::uint64_t> copy_rest(std::uint64_t at, system::Fd fresh,
                                            std::uint64_t to) const;

    system::Fd directory_;
    JournalHeader header_;
    system::UniqueFd file_;
    std::uint64_t size_ = 0;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t beat_ = 0;
    std::deque<Landmark> landmarks_;
    std::vector<std::byte> queue_;
};

}  // namespace notifybridge::channel
