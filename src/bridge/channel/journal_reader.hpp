#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/record.hpp"

namespace notifybridge::channel {

/// The reason why no journal can be read. If `absent` is true, the file does not exist, which is
/// not an error.
struct JournalFault {
    bool absent = false;
    bool passing = false;  ///< Whether reading may succeed a little later (system::may_pass).
    std::string text;
};

/// A reader of one journal file. It does not trust the file: it checks and limits all data, and
/// never blocks.
class JournalReader {
public:
    /// Opens the journal file `name` in `directory`. Returns null and sets `fault` if the file
    /// cannot be read.
    static std::unique_ptr<JournalReader> open(system::Fd directory, JournalFault& fault,
                                               const char* name = journal_name);

    /// Reads the open file `file`, which begins with `header`.
    JournalReader(system::UniqueFd file, const JournalHeader& header);

    const JournalHeader& header() const { return header_; }
    system::Fd fd() const { return file_; }

    /// Whether the name "journal" means this file. `not_ours` means another file or none. `unknown`
    /// means that the lookup failed and may succeed later.
    enum class Name { ours, not_ours, unknown };
    Name name_in(system::Fd directory) const;

    /// Returns whether the name "journal" still means this file. Returns false if the lookup fails.
    bool is_current(system::Fd directory) const { return name_in(directory) == Name::ours; }

    /// Opens another journal file of the same run, which has the name "journal" or "journal.old" in
    /// `directory`. Returns null if there is none. Sets `fault` if there may be another file, but
    /// it cannot be opened now.
    std::unique_ptr<JournalReader> reopened(system::Fd directory, JournalFault& fault) const;
    std::unique_ptr<JournalReader> reopened(system::Fd directory) const;

    /// Starts again at the first record.
    void rewind();

    /// Returns whether the run continues. Checks the lock of the run's current file, because a
    /// rotated journal has lost its lock. Returns true if the state of the lock cannot be
    /// determined now. If the result is false, the caller must read the journal again, because the
    /// run may have written just before its end. If the run has a beat, use Peer instead.
    bool writer_lives(system::Fd directory) const;
    std::uint64_t read_beat() const;

    /// Returns whether this file is locked. Use this function only if the caller checks for
    /// rotations, and reads the file after this call.
    bool is_locked() const;

    /// Returns how many bytes of the file now follow the last record that `next` returned.
    std::uint64_t unread() const;

    enum class Outcome { record, end_of_file, broken, failed };

    /// Reads the next record. `end_of_file` means that there is no complete record yet. `broken`
    /// means that nothing more can be read: the file has shrunk, or the record at this offset was
    /// invalid twice. `failed` means that reading failed with `failure`, and the caller may retry.
    Outcome next(Record& record);
    /// Returns the offset in the file after the last record that `next` returned.
    std::uint64_t offset() const { return offset_; }
    boost::system::error_code failure() const { return failure_; }

    /// Whether the buffer has the memory that a backlog needs. `release_memory` frees the buffer.
    /// Does nothing after Outcome::record, because the record may still be used.
    bool holds_memory() const { return next_read_ > first_read; }
    void release_memory();

    /// Reads the records that exist now. Returns whether one of them is the end of the run.
    bool read_to_end();

private:
    bool fill();
    void forget_buffer();

    /// The size of the first read. If there are more bytes, the next reads fill the buffer.
    static constexpr std::size_t first_read = 16 * 1024;
    static constexpr std::size_t buffer_size = 128 * 1024;
    static_assert(buffer_size >= record_header_size + longest_payload);

    system::UniqueFd file_;
    JournalHeader header_;
    /// The file offset of the first unread byte in the buffer.
    std::uint64_t offset_ = header_size;
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool shrunk_ = false;   ///< Whether the file is shorter than what we have read.
    bool drained_ = false;  ///< Whether the last read returned less than requested.
    std::size_t next_read_ = first_read;
    boost::system::error_code failure_;  ///< The error of the last read.
    /// The offset of the invalid record that the last read found.
    std::optional<std::uint64_t> suspect_;
};

}  // namespace notifybridge::channel
