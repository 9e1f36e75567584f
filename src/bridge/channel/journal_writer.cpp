#include "bridge/channel/journal_writer.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/peer_file.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/life_lock.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/channel/takeover.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::uint64_t landmark_distance = 64 * 1024;
/// The least distance between landmarks for each byte of a landmark's state. It limits the memory
/// for landmarks to a sixteenth of the journal's size.
constexpr std::uint64_t bytes_per_state_byte = 16;
constexpr std::size_t copied_at_once = 256 * 1024;
constexpr std::size_t small_queue = 16 * 1024;

[[noreturn]] void refuse_second_run(system::Fd journal) {
    std::string who = "another wrap";
    HeaderBytes bytes{};
    const auto size = system::read_at(journal, bytes, 0);
    if (const auto header = decode_header(std::span(bytes).first(size ? *size : 0)))
        who += util::concat(" (pid ", header->pid, " in its pid namespace)");
    throw DirectoryTakenError(
        util::concat("in use by ", who, "; stop it, or choose another directory with SHARED_DIR"));
}

/// Refuses to take over, because we cannot find out whether the other run has ended. Only users who
/// may write to the journal can query its lock.
[[noreturn]] void refuse_after_other_user(system::Fd directory) {
    struct stat status {};
    ::fstatat(directory.get(), journal_name, &status, AT_SYMLINK_NOFOLLOW);
    throw DirectoryTakenError(
        util::concat("its file \"journal\" belongs to a run of user ", status.st_uid, ", and user ",
                     ::geteuid(), " may not open it; remove the file if that run has ended"));
}

/// Claims the journal of an ended run, so that no other `wrap` takes over at the same time. Returns
/// an empty UniqueFd if the journal does not exist, or is not a regular file.
system::UniqueFd claim_old_journal(system::Fd directory) {
    for (;;) {
        auto old = system::open_peer_file(directory, journal_name, O_RDWR | O_NONBLOCK);
        if (!old) {
            const int error = old.error().value();
            if (error == EACCES)
                refuse_after_other_user(directory);
            if (error != ENOENT && error != ELOOP && error != EMEDIUMTYPE)
                system::throw_error(error, "open", journal_name);
            return {};
        }
        system::take_claim_lock(*old);
        if (system::query_life_lock(*old) == system::LockState::held)
            refuse_second_run(*old);
        // In the meantime, the run may have rotated this journal, or another `wrap` may have taken
        // over.
        const auto there = system::identity(directory, journal_name);
        const auto ours = system::identity(*old);
        if (there && ours && *there == *ours)
            return std::move(*old);
        const auto failure = there ? ours.error() : there.error();
        if (failure && failure.value() != ENOENT)
            system::throw_error(failure.value(), "stat", journal_name);
    }
}

/// Returns the size of the complete records within the first `size` bytes.
std::size_t whole_records(system::Bytes records, std::size_t size) {
    std::size_t whole = 0;
    for (;;) {
        const auto next = decode_record(records.subspan(whole));
        if (!next || whole + next->size > size)
            return whole;
        whole += next->size;
    }
}

}  // namespace

JournalWriter::JournalWriter(system::Fd directory, JournalHeader header)
    : directory_(directory), header_(header) {
    const auto bytes = encode(header_);
    const std::string temporary = system::temporary_name(journal_name);
    file_ = make_first_file(temporary, bytes);
    size_ = bytes.size();
    landmarks_.push_back({0, size_, {}});
    try {
        claim(temporary);
    } catch (...) {
        ::unlinkat(directory_.get(), temporary.c_str(), 0);
        throw;
    }
    // Remove leftover temporary files. A file that is not left over can only belong to another
    // `wrap` that is starting, and that `wrap` will be refused.
    remove_unfinished(directory_, {journal_name, status_name});
}

system::UniqueFd JournalWriter::make_file(const std::string& name, system::Bytes content) const {
    auto file = system::create_file(directory_, name.c_str());
    if (!file)
        system::throw_error(file.error().value(), "create", name);
    const auto fail = [&](const boost::system::error_code& error, const char* what) {
        ::unlinkat(directory_.get(), name.c_str(), 0);
        system::throw_error(error.value(), what, name);
    };
    if (const auto locked = take_life_lock(*file, header_.beats); !locked)
        fail(locked.error(), "lock");
    if (const auto written = system::write_at(*file, content, 0); !written)
        fail(written.error(), "write");
    return std::move(*file);
}

system::UniqueFd JournalWriter::make_first_file(const std::string& name,
                                                system::Bytes content) const {
    try {
        return make_file(name, content);
    } catch (const std::system_error& error) {
        if (!system::is_full(system::error_of(error.code().value())))
            throw;
    }
    // The previous run's journal may fill the disk until our file replaces it. So remove the status
    // file, which is written again anyway.
    const system::UniqueFd of_no_live_run = claim_old_journal(directory_);
    ::unlinkat(directory_.get(), status_name, 0);
    return make_file(name, content);
}

void JournalWriter::claim(const std::string& temporary) {
    for (;;) {
        const system::UniqueFd old = claim_old_journal(directory_);
        const bool replaces = old && keep_for_reader(directory_, old);
        const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
        if (::renameat2(directory_.get(), temporary.c_str(), directory_.get(), journal_name, flags)
            == 0)
            return;
        if (errno == EINVAL && !replaces) {
            // The file system does not support RENAME_NOREPLACE.
            if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), journal_name)
                == 0)
                return;
        }
        if (errno != EEXIST)
            system::throw_errno("rename", journal_name);
        // Remove the name if it is not a regular file. A regular file is a new journal, which the
        // next turn of the loop checks.
        struct stat status;
        if (::fstatat(directory_.get(), journal_name, &status, AT_SYMLINK_NOFOLLOW) == 0
            && !S_ISREG(status.st_mode) && ::unlinkat(directory_.get(), journal_name, 0) < 0)
            system::throw_errno("unlink", journal_name);
    }
}

std::uint64_t JournalWriter::append(Record record) {
    record.sequence = ++last_sequence_;
    encode(record, queue_);
    return last_sequence_;
}

system::Result<std::size_t> JournalWriter::flush() {
    boost::system::error_code failure;
    const std::size_t fitted = system::write_what_fits(file_, queue_, size_, failure);
    // Keep complete records, because a reader may have seen them. Remove an incomplete record,
    // because a rotation needs its room.
    const std::size_t written = failure ? whole_records(queue_, fitted) : fitted;
    size_ += written;
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(written));
    if (failure) {
        static_cast<void>(::ftruncate(file_.get(), static_cast<off_t>(size_)));
        return failure;
    }
    return written;
}

void JournalWriter::acknowledge(std::uint64_t sequence) {
    acknowledged_ = std::max(acknowledged_, std::min(sequence, last_sequence_));
    pass_landmarks();
}

/// Removes the landmarks before `cut`.
void JournalWriter::pass_landmarks() {
    while (landmarks_.size() > 1 && landmarks_[1].sequence <= acknowledged_)
        landmarks_.pop_front();
}

system::Result<JournalReader> JournalWriter::reader() const {
    system::UniqueFd file(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
    if (!file)
        return system::error_of(errno);
    return JournalReader(std::move(file), header_);
}

void JournalWriter::mark(std::string state) {
    if (!queue_.empty())
        return;
    if (landmarks_.back().offset == size_)
        landmarks_.pop_back();
    landmarks_.push_back({last_sequence_, size_, std::move(state)});
    pass_landmarks();
}

bool JournalWriter::is_mark_due() const {
    const Landmark& last = landmarks_.back();
    return size_ - last.offset
           >= std::max<std::uint64_t>(landmark_distance, last.state.size() * bytes_per_state_byte);
}

std::uint64_t JournalWriter::unread() const {
    return acknowledged_ == last_sequence_ ? 0 : size_ - cut().offset + queue_.size();
}

bool JournalWriter::holds_memory() const {
    return queue_.capacity() > small_queue;
}

/// Copies the journal's bytes after offset `at` to `fresh`, where the copy begins at offset `to`.
/// Returns the offset at the end of the copy. Copies pieces to limit memory.
system::Result<std::uint64_t> JournalWriter::copy_rest(std::uint64_t at, system::Fd fresh,
                                                       std::uint64_t to) const {
    const std::size_t piece_size = std::min<std::uint64_t>(size_ - at, copied_at_once);
    const auto piece = std::make_unique_for_overwrite<std::byte[]>(piece_size);
    while (at < size_) {
        const std::span room(piece.get(), std::min<std::uint64_t>(size_ - at, piece_size));
        const auto count = system::read_at(file_, room, at);
        if (!count)
            return count.error();
        if (*count == 0)
            break;
        if (const auto written = system::write_at(fresh, room.first(*count), to); !written)
            return written.error();
        at += *count;
        to += *count;
    }
    return to;
}

/// Replaces the file with one that has `state`, the state after record `sequence`, and the bytes
/// after offset `cut`.
system::Result<std::size_t> JournalWriter::replace(std::string_view state, std::uint64_t sequence,
                                                   std::uint64_t cut, system::Moment time) {
    const auto header = encode(header_);
    std::vector<std::byte> content(header.begin(), header.end());
    Record record;
    record.type = RecordType::state;
    record.sequence = sequence;
    record.time = time;
    record.payload = state;
    encode(record, content);

    std::uint64_t fresh_size = 0;
    const auto lock_and_fill = [&](system::Fd file) -> system::Result<int> {
        if (const auto locked = take_life_lock(file, header_.beats); !locked)
            return locked;
        const auto copied = copy_rest(cut, file, content.size());
        if (!copied)
            return copied.error();
        fresh_size = *copied;
        return 0;
    };
    auto fresh = system::replace_file(directory_, journal_name, content, lock_and_fill);
    if (!fresh)
        return fresh.error();
    file_ = std::move(*fresh);
    size_ = fresh_size;
    return content.size();
}

system::Result<std::size_t> JournalWriter::rotate(std::string_view state, system::Moment time) {
    const Landmark& begin = cut();
    const std::uint64_t old_offset = begin.offset;
    const auto new_offset = replace(state, begin.sequence, old_offset, time);
    if (!new_offset)
        return new_offset;
    for (Landmark& landmark : landmarks_)
        landmark.offset = landmark.offset - old_offset + *new_offset;
    return size_;
}

system::Result<std::size_t> JournalWriter::start_over(std::string_view state, system::Moment time) {
    const auto replaced = replace(state, last_sequence_, size_, time);
    if (!replaced)
        return replaced;
    queue_.clear();
    mark(std::string(state));
    acknowledge(last_sequence_);
    return size_;
}

void JournalWriter::beat() {
    ++beat_;
    static_cast<void>(system::write_at(file_, std::as_bytes(std::span(&beat_, 1)), beat_offset));
}

}  // namespace notifybridge::channel
