#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace notifybridge::output {

/// A limit on the messages that each sender may send to the system log, as in journald
/// (journald.conf(5), RateLimitIntervalSec= and RateLimitBurst=).
class MessageLimit {
public:
    static constexpr std::uint64_t interval = 30'000'000;  ///< µs
    static constexpr std::size_t burst = 10'000;

    struct Verdict {
        bool is_allowed;
        std::size_t suppressed;  ///< The number of messages that were dropped in the last interval.
    };

    /// Counts a message of `sender`, the name of a unit. `now` is in µs.
    Verdict count(std::string_view sender, std::uint64_t now);

    void forget(const std::string& sender) { windows_.erase(sender); }

private:
    struct Window {
        std::uint64_t begin = 0;
        std::size_t messages = 0;
    };

    std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace notifybridge::output
