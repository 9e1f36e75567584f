#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace notifybridge::util {

/// Keeps a log readable where others decide how often there is something to say: each text is
/// said once a second at most, and of different texts no more than eight.
class LogLimit {
public:
    /// Whether `text` may be said at `now`, in microseconds of a clock that does not go back.
    bool allows(std::string_view text, std::uint64_t now_usec);

private:
    std::map<std::string, std::uint64_t, std::less<>> said_at_;
};

}  // namespace notifybridge::util
