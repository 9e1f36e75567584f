#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::channel {

/// Another run has the directory, or one of another user had it: what() says who, and what to do.
struct DirectoryTakenError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The writing end of a run's journal. It holds the file's write lock for as long as it lives.
class JournalWriter {
public:
    /// Starts a run in `directory`, in place of one that ended. Throws DirectoryTakenError where
    /// one has not, or cannot be looked at, std::system_error where no journal can be written.
    JournalWriter(system::Fd directory, JournalHeader header);

    /// Queues a record and gives it its sequence, which is returned. Nothing is written yet.
    std::uint64_t append(Record record);

    /// Writes what is queued. On an error (ENOSPC, ...) it stays queued and may be tried again, but
    /// for the records that had room: `on_written_before_error` is called for each of them.
    system::Result<std::size_t> flush();
    std::function<void(const Record&)> on_written_before_error;

    /// All up to this sequence need not be kept for a reader any more.
    void acknowledge(std::uint64_t sequence);

    std::uint64_t last_sequence() const { return last_sequence_; }
    /// Bytes in memory, on disk, and on disk or in memory that no reader has acknowledged.
    std::size_t queued() const { return queue_.size(); }
    std::uint64_t size() const { return size_; }
    std::uint64_t unread() const;
    /// The same on disk alone, and to the byte, for which the journal is read.
    std::uint64_t unread_on_disk() const;

    /// What becomes of the records that are not acknowledged: dropped, in memory as well, they
    /// count as acknowledged.
    enum class Rest { kept, dropped };

    /// Puts a new file in place that begins with `state`: state_text, with all up to the record
    /// `last` folded in. Who resumes the run takes these for delivered, where they are not there;
    /// so those that are queued, and stay so, are not among them. On an error the old file goes on.
    system::Result<std::size_t> rotate(std::string_view state, std::uint64_t last,
                                       system::Moment time, Rest rest = Rest::kept);

    const JournalHeader& header() const { return header_; }

    /// Shows that the writer lives, where its lock does not.
    void beat();

private:
    /// Where in the file the record after `sequence` begins; one for every so many bytes.
    struct Landmark {
        std::uint64_t sequence;
        std::uint64_t offset;
    };

    system::UniqueFd make_file(const std::string& name, system::Bytes content) const;
    system::UniqueFd make_first_file(const std::string& name, system::Bytes content) const;
    void claim(const std::string& temporary);
    std::uint64_t first_unread_offset() const;
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
