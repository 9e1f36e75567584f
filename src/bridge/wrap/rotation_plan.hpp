#pragma once

#include <cstdint>

namespace notifybridge::wrap {

/// When the journal is to be replaced by a shorter one. To ask costs nothing; to learn how much of
/// it is unread to the byte, and to rotate it, does. Sizes are in bytes. Pure.
class RotationPlan {
public:
    /// No shorter journal is rotated: with the other files, the directory has less than 1 MiB.
    static constexpr std::uint64_t least_size = 896 * 1024;
    /// With so little unread, a rotation leaves a short journal.
    static constexpr std::uint64_t few_unread = 256 * 1024;

    /// Whether to look if a rotation is worth it: where little is unread, and, as a slow reader may
    /// never get there, whenever the journal has grown by `least_size`. `unread` may be too much,
    /// never too little.
    bool is_due(std::uint64_t size, std::uint64_t unread) const {
        return size >= next_look_ || (!failed_ && size >= least_size && unread <= few_unread);
    }

    /// Whether what it saves is worth what has to be copied for it.
    static bool is_worth_it(std::uint64_t size, std::uint64_t unread) { return unread * 2 <= size; }

    /// It was looked at, and rotated where that was worth it.
    void looked(std::uint64_t size) {
        next_look_ = size + least_size;
        failed_ = false;
    }

    /// It was due, and could not be rotated. It is due again when it has grown; where `is_passing`,
    /// it is `is_wanted` until then.
    void failed(std::uint64_t size, bool is_passing) {
        next_look_ = size + least_size;
        failed_ = true;
        is_passing_ = is_passing;
    }

    bool has_failed() const { return failed_; }

    /// Whether it is to be tried from time to time, whether there are messages or not.
    bool is_wanted() const { return failed_ && is_passing_; }

    /// Nothing is unread any more, whatever was looked at before.
    void all_is_read() { next_look_ = least_size; }

private:
    std::uint64_t next_look_ = least_size;
    bool failed_ = false;
    bool is_passing_ = false;
};

}  // namespace notifybridge::wrap
