#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/util/concat.hpp"

namespace notifybridge::wrap {

/// Limits the log lines about a state that may change again and again, such as the health of the
/// command. Logs the first changes in a period, and counts the others. Pure. Times may come from
/// any clock that does not go back.
class ChangeLimit {
public:
    using Time = std::chrono::microseconds;

    /// A period begins with the first change after the period before.
    static constexpr Time period = std::chrono::minutes(10);
    /// The number of changes to log in a period.
    static constexpr int most = 6;

    /// Counts a change. Returns the text to append to its log line, which is usually empty. Returns
    /// nullopt if the change must not be logged.
    std::optional<std::string> changed(Time now) {
        if (!began_ || now - *began_ >= period) {
            const int omitted = count_ - most;
            began_ = now;
            count_ = 1;
            return omitted > 0 ? util::concat(" (", omitted, " changes before were not logged)")
                               : std::string();
        }
        if (++count_ > most)
            return std::nullopt;
        return count_ == most ? "; it changes often, so the log omits its changes for 10 min"
                              : std::string();
    }

private:
    std::optional<Time> began_;
    int count_ = 0;
};

}  // namespace notifybridge::wrap
