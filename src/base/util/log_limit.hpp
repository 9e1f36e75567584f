#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// A limit that keeps a log readable if other programs decide how often we log. It allows each text
/// at most once a second, and at most eight different texts a second.
class LogLimit {
public:
    /// Returns whether `text` may be logged at `now_usec` (microseconds, monotonic clock).
    bool allows(std::string_view text, std::uint64_t now_usec);

private:
    std::map<std::string, std::uint64_t, std::less<>> said_at_;
};

}  // namespace notifybridge::util
