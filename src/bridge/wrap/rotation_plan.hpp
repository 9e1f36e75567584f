#pragma once

#include <cstdint>

namespace notifybridge::wrap {

/// Decides when to replace the journal with a shorter one. Sizes are in bytes. Pure.
///
/// At the end of a burst, the journal has less than `least_size` if few bytes are unread. During
/// the burst, it has less than `busy_size` and twice the bytes that are unread.
class RotationPlan {
public:
    /// A journal that is shorter than this is not rotated. If the journal has this size, the
    /// directory with all its files has less than 1 MiB.
    static constexpr std::uint64_t least_size = 896 * 1024;
    /// The same during a burst, in which each rotation delays messages.
    static constexpr std::uint64_t busy_size = 4 * 1024 * 1024;
    /// If at most this many bytes are unread, a rotation leaves a short journal.
    static constexpr std::uint64_t few_unread = 256 * 1024;

    enum class Pace { busy, calm };

    /// Returns whether to check if a rotation is worth its cost. A check is due if the journal is
    /// long and few bytes are unread. Another check is due whenever the journal has grown by that
    /// length, because with a slow reader there may never be few unread bytes. `unread` may be too
    /// high, but never too low.
    bool is_due(std::uint64_t size, std::uint64_t unread, Pace pace) const {
        const std::uint64_t least = pace == Pace::busy ? busy_size : least_size;
        return size >= size_at_look_ + least || (!failed_ && size >= least && unread <= few_unread);
    }

    /// Returns whether a rotation would save at least as much as it has to copy.
    static bool is_worth_it(std::uint64_t size, std::uint64_t unread) { return unread * 2 <= size; }

    /// Records that the check was made, and that the journal was rotated if this was worth it.
    void looked(std::uint64_t size) {
        size_at_look_ = size;
        failed_ = false;
    }

    /// Records that a due rotation failed. The rotation is due again when the journal has grown.
    /// `is_passing` means that the error may pass. If so, `is_wanted` returns true until a rotation
    /// succeeds.
    void failed(std::uint64_t size, bool is_passing) {
        size_at_look_ = size;
        failed_ = true;
        is_passing_ = is_passing;
    }

    bool has_failed() const { return failed_; }

    /// Returns whether to retry the rotation from time to time, even without messages.
    bool is_wanted() const { return failed_ && is_passing_; }

    /// Records that nothing is unread any more. Earlier checks no longer delay the next one.
    void all_is_read() { size_at_look_ = 0; }

private:
    std::uint64_t size_at_look_ = 0;
    bool failed_ = false;
    bool is_passing_ = false;
};

}  // namespace notifybridge::wrap
