#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace notifybridge::notify {

/// Why a datagram, or a part of it, goes no further. systemd drops for the same reasons, up to
/// `bad_barrier`; the rest is ours.
enum class DropReason {
    too_long,            ///< More than 4096 bytes (sd_notify(3) senders never make one).
    lost_fds,            ///< MSG_CTRUNC: file descriptors did not arrive.
    no_credentials,      ///< The kernel did not say who sent it.
    embedded_nul,        ///< A NUL byte before the last byte.
    trailing_backslash,  ///< A backslash at the end, which escapes nothing.
    empty,               ///< No assignment in it.
    bad_utf8,            ///< STATUS is not UTF-8: systemd ignores the text, the rest counts.
    bad_barrier,         ///< BARRIER=1 beside others, or without exactly one file descriptor.
    foreign_sender,      ///< From another pid namespace, by a user who is neither root nor ours.
    other_sender,        ///< --notify-access=main: from a process that is not the command.
    refused_key,         ///< The policy lets this key not cross.
    unsent_fds,          ///< File descriptors that there is no way to send on; closed.
    untranslated_pid,    ///< --main-pid=translate: the container has no such process, or with the
                         ///< host's number for it the datagram would be too long.
    unsendable,          ///< The socket to the service manager does not take it, and never will.
    merged,              ///< In a flood: a newer STATUS or WATCHDOG=1 took its place.
};

inline constexpr std::size_t drop_reason_count = static_cast<std::size_t>(DropReason::merged) + 1;

/// The name in files and JSON: "too-long".
std::string_view name(DropReason reason) noexcept;

/// A sentence's end for people: "is longer than 4096 bytes".
std::string_view explain(DropReason reason) noexcept;

/// How often each reason came up, and for which keys.
class DropCounters {
public:
    void add(DropReason reason) noexcept { ++counts_[static_cast<std::size_t>(reason)]; }

    /// Remembers that the policy refused this key: the first few that are fit to be shown.
    void name_refused(std::string_view key);

    /// What was so remembered, each once, with a space between.
    const std::string& refused_keys() const noexcept { return refused_keys_; }
    void set(DropReason reason, std::uint64_t count) noexcept {
        counts_[static_cast<std::size_t>(reason)] = count;
    }
    std::uint64_t count(DropReason reason) const noexcept {
        return counts_[static_cast<std::size_t>(reason)];
    }
    /// Calls `take` with each reason that came up, and how often it did.
    template <typename Take>
    void for_each(const Take& take) const {
        for (std::size_t at = 0; at < counts_.size(); ++at)
            if (counts_[at] != 0)
                take(static_cast<DropReason>(at), counts_[at]);
    }
    bool operator==(const DropCounters&) const = default;

private:
    std::array<std::uint64_t, drop_reason_count> counts_{};
    std::string refused_keys_;
};

}  // namespace notifybridge::notify
