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

/// Why there is no journal to read, for people; `absent` is no fault.
struct JournalFault {
    bool absent = false;
    bool passing = false;  ///< It may be read a little later, as it is (system::may_pass).
    std::string text;
};

/// The reading end of one journal file. It trusts nothing that the file says: what it reads is
/// bounded and checked, and it never blocks.
class JournalReader {
public:
    /// Opens the journal that is in `directory` now, under that name. Nothing, and the reason in
    /// `fault`, where there is none that can be read.
    static std::unique_ptr<JournalReader> open(system::Fd directory, JournalFault& fault,
                                               const char* name = journal_name);

    const JournalHeader& header() const { return header_; }
    system::Fd fd() const { return file_; }

    /// What the name "journal" means: this file, another or none, or that cannot be told now.
    enum class Name { ours, not_ours, unknown };
    Name name_in(system::Fd directory) const;

    /// Whether the name still means this file, so far as can be told.
    bool is_current(system::Fd directory) const { return name_in(directory) == Name::ours; }

    /// Another journal of the same run that is in `directory` now, also as the old one, from its
    /// beginning; nothing where there is none, and the reason in `fault` where there may be.
    std::unique_ptr<JournalReader> reopened(system::Fd directory, JournalFault& fault) const;
    std::unique_ptr<JournalReader> reopened(system::Fd directory) const;

    /// The next record is the first one again.
    void rewind();

    /// Whether the run goes on, by the lock of the file that it writes to now: a journal that was
    /// rotated has lost its lock. True if that cannot be told now. If it is false, what was read
    /// before may lack what the run wrote just before its end: it is read again. A run that shows
    /// its life by a beat is asked with `read_beat`.
    bool writer_lives(system::Fd directory) const;
    std::uint64_t read_beat() const;

    /// Whether this very file is written to. For those who look for a rotation themselves, and
    /// read what is there after this.
    bool is_locked() const;

    /// How many bytes there are that `next` has not come to, so far.
    std::uint64_t unread() const;

    enum class Outcome { record, end_of_file, broken, failed };

    /// The next record. `end_of_file`: none yet, or none complete. `broken`: the bytes are no
    /// record, and have not become one since they were read last, or the file has shrunk; nothing
    /// more can be read. `failed`: what is there could not be read, for the reason in `failure`; it
    /// may be tried again.
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
    std::uint64_t offset_ = header_size;  ///< Of the buffer's first unread byte in the file.
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool shrunk_ = false;                   ///< The file is shorter than what was read of it.
    bool drained_ = false;                  ///< The last read found less than it asked for.
    boost::system::error_code failure_;     ///< Of the last read.
    std::optional<std::uint64_t> suspect_;  ///< Where a record looked wrong the last time.
};

}  // namespace notifybridge::channel
