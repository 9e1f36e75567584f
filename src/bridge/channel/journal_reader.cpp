#include "bridge/channel/journal_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/system/lock.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::channel {
namespace {

/// The maximum number of attempts if the file is replaced while we look for its writer.
constexpr int most_reopenings = 10;

std::string explain(HeaderError error, system::Bytes bytes) {
    switch (error) {
        case HeaderError::incomplete:
            return "it is shorter than a journal's header";
        case HeaderError::unknown_version:
            return explain_version(header_version(bytes));
        case HeaderError::bad_checksum:
            return "its header's checksum does not match";
        case HeaderError::not_a_journal:
            break;
    }
    return "it is not a journal of notifybridge";
}

/// Returns whether `bytes` contains only zeros. btrfs leaves zeros at the end of the file if a
/// write exceeded a quota and cannot be undone. Records may replace these zeros later.
bool is_blank(system::Bytes bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

std::unique_ptr<JournalReader> JournalReader::open(system::Fd directory, JournalFault& fault,
                                                   const char* name) {
    auto file = system::open_regular(directory, name, O_RDONLY | O_NONBLOCK);
    if (!file) {
        fault.absent = file.error().value() == ENOENT;
        fault.passing = system::may_pass(file.error());
        fault.text = system::describe_open_error(file.error());
        return nullptr;
    }
    HeaderBytes bytes{};
    const auto size = system::read_at(*file, bytes, 0);
    if (!size) {
        fault.passing = system::may_pass(size.error());
        fault.text = system::describe(size.error().value());
        return nullptr;
    }
    const auto header = decode_header(std::span(bytes).first(*size));
    if (!header) {
        fault.text = explain(header.error(), bytes);
        return nullptr;
    }
    return std::make_unique<JournalReader>(std::move(*file), *header);
}

JournalReader::JournalReader(system::UniqueFd file, const JournalHeader& header)
    : file_(std::move(file)), header_(header) {}

JournalReader::Name JournalReader::name_in(system::Fd directory) const {
    const auto there = system::identity(directory, journal_name);
    const auto ours = system::identity(file_);
    if (there && ours)
        return *there == *ours ? Name::ours : Name::not_ours;
    return system::may_pass(there ? ours.error() : there.error()) ? Name::unknown : Name::not_ours;
}

std::unique_ptr<JournalReader> JournalReader::reopened(system::Fd directory,
                                                       JournalFault& fault) const {
    const auto ours = system::identity(file_);
    for (const char* const name : {journal_name, old_journal_name}) {
        JournalFault of_name;
        auto fresh = open(directory, of_name, name);
        if (of_name.passing)
            fault = of_name;
        if (!fresh || fresh->header() != header_)
            continue;
        const auto theirs = system::identity(fresh->file_);
        if (!ours || !theirs)
            fault = {false, true, "cannot check whether another file has replaced it"};
        else if (*ours != *theirs)
            return fresh;
    }
    return nullptr;
}

std::unique_ptr<JournalReader> JournalReader::reopened(system::Fd directory) const {
    JournalFault fault;
    return reopened(directory, fault);
}

void JournalReader::rewind() {
    offset_ = header_size;
    forget_buffer();
    suspect_.reset();
}

bool JournalReader::is_locked() const {
    return system::query_life_lock(file_) == system::LockState::held;
}

bool JournalReader::writer_lives(system::Fd directory) const {
    std::unique_ptr<JournalReader> next;
    for (int looks = 0; looks < most_reopenings; ++looks) {
        const JournalReader& newest = next ? *next : *this;
        if (newest.is_locked())
            return true;
        // If `newest` still has its name, no live writer has replaced it, because a new file is
        // locked before it gets its name.
        const Name name = newest.name_in(directory);
        if (name != Name::not_ours)
            return name == Name::unknown;
        JournalFault fault;
        auto fresh = newest.reopened(directory, fault);
        if (!fresh)
            return fault.passing;
        next = std::move(fresh);
    }
    // Assume that the writer is alive, because another process replaces the file again and again.
    return true;
}

std::uint64_t JournalReader::read_beat() const {
    std::uint64_t beat = 0;
    static_cast<void>(
        system::read_at(file_, std::as_writable_bytes(std::span(&beat, 1)), beat_offset));
    return beat;
}

std::uint64_t JournalReader::unread() const {
    struct stat status;
    const bool known = ::fstat(file_.get(), &status) == 0;
    const std::uint64_t size = known ? static_cast<std::uint64_t>(status.st_size) : 0;
    return size > offset_ ? size - offset_ : 0;
}

bool JournalReader::fill() {
    // Allocate the buffer here, because many callers read only the header.
    if (!buffer_)
        buffer_ = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
    if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    // Touch more memory only if there is a backlog.
    const std::span<std::byte> room(buffer_.get() + end_, std::min(next_read_, buffer_size - end_));
    const auto count = system::read_at(file_, room, offset_ + end_);
    failure_ = count ? boost::system::error_code() : count.error();
    if (!count || *count == 0) {
        struct stat status;
        shrunk_ = ::fstat(file_.get(), &status) == 0
                  && static_cast<std::uint64_t>(status.st_size) < offset_;
        return false;
    }
    drained_ = *count < room.size();
    if (!drained_)
        next_read_ = buffer_size;
    end_ += *count;
    return true;
}

void JournalReader::release_memory() {
    if (end_ != 0)
        return;
    buffer_.reset();
    next_read_ = first_read;
}

void JournalReader::forget_buffer() {
    begin_ = end_ = 0;
    drained_ = false;
}

JournalReader::Outcome JournalReader::next(Record& record) {
    for (;;) {
        const system::Bytes bytes(buffer_.get() + begin_, end_ - begin_);
        const auto decoded = decode_record(bytes);
        if (decoded) {
            record = decoded->record;
            begin_ += decoded->size;
            offset_ += decoded->size;
            suspect_.reset();
            return Outcome::record;
        }
        if (decoded.error() == RecordError::malformed && drained_ && is_blank(bytes)) {
            forget_buffer();
            return Outcome::end_of_file;
        }
        if (decoded.error() == RecordError::malformed) {
            // The writer may not have finished this record. Read these bytes again after the next
            // change.
            const bool again = suspect_ == offset_;
            suspect_ = offset_;
            forget_buffer();
            return again ? Outcome::broken : Outcome::end_of_file;
        }
        if (drained_ || !fill()) {
            // Read these bytes again later. A writer on a full disk may have removed the incomplete
            // beginning of a record.
            forget_buffer();
            return shrunk_ ? Outcome::broken : failure_ ? Outcome::failed : Outcome::end_of_file;
        }
    }
}

bool JournalReader::read_to_end() {
    // Stop at the current end of the file, because the run may write faster than we read.
    const std::uint64_t size = offset_ + unread();
    Record record;
    while (offset_ < size && next(record) == Outcome::record)
        if (record.type == RecordType::end)
            return true;
    return false;
}

}  // namespace notifybridge::channel
