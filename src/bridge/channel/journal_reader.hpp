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

/// Why there is no journal to read; `absent` is not a fault.
struct JournalFault {
    bool absent = false;
    bool passing = false;  ///< Reading may succeed a little later (system::may_pass).
    std::string text;
};

/// Reads one journal file. Trusts nothing in the file: checks and limits everything, and never
/// blocks.
class JournalReader {
public:
    /// Opens the current journal `name` in `directory`. Returns null and sets `fault` if it cannot
    /// be read.
    static std::unique_ptr<JournalReader> open(system::Fd directory, JournalFault& fault,
                                               const char* name = journal_name);

    const JournalHeader& header() const { return header_; }
    system::Fd fd() const { return file_; }

    /// Whether the name "journal" means this file, another one or none, or cannot be looked up now.
    enum class Name { ours, not_ours, unknown };
    Name name_in(system::Fd directory) const;

    /// Returns whether the name still means this file, as far as we can tell.
    bool is_current(system::Fd directory) const { return name_in(directory) == Name::ours; }

    /// Returns another journal of the same run that is in `directory` now, also under the old name,
    /// from its beginning. Returns null if there is none, and sets `fault` if there may be one.
    std::unique_ptr<JournalReader> reopened(system::Fd directory, JournalFault& fault) const;
    std::unique_ptr<JournalReader> reopened(system::Fd directory) const;

    /// Makes the first record the next one again.
    void rewind();

    /// Returns whether the run continues, by the lock of its current file: a rotated journal has
    /// lost its lock. Returns true if that cannot be found out now. After false, read again: the
    /// run may have written just before its end. Use `read_beat` for a run that shows its life by a
    /// beat.
    bool writer_lives(system::Fd directory) const;
    std::uint64_t read_beat() const;

    /// Returns whether this file is locked. For callers that check for rotations themselves, and
    /// read after this call.
    bool is_locked() const;

    /// Returns how many bytes after the current record exist now.
    std::uint64_t unread() const;

    enum class Outcome { record, end_of_file, broken, failed };

    /// Reads the next record. `end_of_file`: none yet, or an incomplete one. `broken`: the bytes
    /// are not a record and were not one at the last read either, or the file has shrunk; nothing
    /// more can be read. `failed`: reading failed with `failure`; the caller may retry.
    Outcome next(Record& record);
    boost::system::error_code failure() const { return failure_; }

private:
    JournalReader(system::UniqueFd file, const JournalHeader& header);

    bool fill();
    void forget_buffer();

    static constexpr std::size_t buffer_size = record_header_size + longest_payload;
    static constexpr std::size_t usual_read = 16 * 1024;

    system::UniqueFd file_;
    JournalHeader header_;
    std::uint64_t offset_ = header_size;  ///< The position in the file of the buffer's first unread
                                          ///< byte.
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool shrunk_ = false;                   ///< The file is shorter than what we have read.
    bool drained_ = false;                  ///< The last read returned less than requested.
    boost::system::error_code failure_;     ///< The error of the last read.
    std::optional<std::uint64_t> suspect_;  ///< The offset of an invalid record at the last read.
};

}  // namespace notifybridge::channel
