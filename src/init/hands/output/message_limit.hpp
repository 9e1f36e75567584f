#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace notifybridge::output {

/// A limit on the lines that each sender may send to the system log, with the values of journald
/// (journald.conf(5), RateLimitIntervalSec= and RateLimitBurst=).
class MessageLimit {
public:
    static constexpr std::uint64_t interval = 30'000'000;  ///< µs
    static constexpr std::size_t burst = 10'000;

    /// The lines of one sender in the current interval.
    class Sender {
    public:
        /// Counts a line. Returns whether the line is allowed.
        bool allows_line();
        /// Returns whether all further lines are dropped until the next interval.
        bool is_at_limit() const { return lines_ >= burst; }
        void drop_line() { ++dropped_; }

    private:
        friend class MessageLimit;

        std::uint64_t begin_ = 0;
        std::size_t lines_ = 0;
        std::size_t dropped_ = 0;
    };

    /// Returns the sender with this name, which is the name of a unit. `now` is in µs. If a new
    /// interval begins, sets `dropped` to the number of lines that were dropped in the last one.
    Sender& sender(std::string_view name, std::uint64_t now, std::size_t& dropped);

    void forget(const std::string& name) { senders_.erase(name); }

private:
    std::map<std::string, Sender, std::less<>> senders_;
};

}  // namespace notifybridge::output
