#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/util/result_error.hpp"

namespace notifybridge::notify {

using util::throw_exception_from_error;

/// The reason why a datagram or a part of it is dropped. systemd drops datagrams for the reasons up
/// to `bad_barrier`. The later reasons are specific to notifybridge.
enum class DropReason {
    too_long,            ///< More than 4096 bytes, which sd_notify(3) never sends.
    lost_fds,            ///< MSG_CTRUNC: file descriptors did not arrive.
    no_credentials,      ///< The kernel did not report the sender.
    embedded_nul,        ///< There is a NUL byte before the last byte.
    trailing_backslash,  ///< The text ends with an unfinished escape.
    empty,               ///< The datagram contains no assignment.
    bad_utf8,            ///< STATUS is not UTF-8: systemd ignores only this assignment.
    bad_barrier,         ///< BARRIER=1 with other assignments, or without exactly one file
                         ///< descriptor.
    foreign_sender,      ///< From another pid namespace, by a user who is neither root nor our own
                         ///< user.
    other_sender,        ///< --notify-access=main: from a process that is not the command.
    refused_key,         ///< The policy does not forward this key.
    unsent_fds,          ///< The file descriptors cannot be forwarded, and were closed.
    untranslated_pid,    ///< --main-pid=translate: the container has no such process, or the host's
                         ///< number would make the datagram too long.
    unsendable,          ///< The service manager's socket can never accept it.
    merged,              ///< Replaced by a newer STATUS or WATCHDOG=1 in a flood.
};

inline constexpr std::size_t drop_reason_count = static_cast<std::size_t>(DropReason::merged) + 1;

/// Returns the name of `reason` in files and JSON: "too-long".
std::string_view name(DropReason reason) noexcept;

/// Returns the end of a sentence for people: "is longer than 4096 bytes".
std::string_view explain(DropReason reason) noexcept;

/// The number of times that each reason occurred, and the names of refused keys.
class DropCounters {
public:
    void add(DropReason reason) noexcept { ++counts_[static_cast<std::size_t>(reason)]; }

    /// Remembers the first few refused keys that have at most 32 letters, digits and underscores.
    void name_refused(std::string_view key);

    /// Returns the remembered keys, each once, separated by spaces.
    const std::string& refused_keys() const noexcept { return refused_keys_; }
    void set(DropReason reason, std::uint64_t count) noexcept {
        counts_[static_cast<std::size_t>(reason)] = count;
    }
    std::uint64_t count(DropReason reason) const noexcept {
        return counts_[static_cast<std::size_t>(reason)];
    }
    /// Calls `take` with each reason that occurred and its count.
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
