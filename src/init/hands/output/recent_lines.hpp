#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/clock.hpp"
#include "base/util/log.hpp"

namespace notifybridge::output {

/// A line that a unit's process wrote, or that the manager logged about the unit. `pid` is 0 if the
/// manager logged the line, or if the process is not known.
struct RecentLine {
    system::Moment time;
    pid_t pid = 0;
    util::Severity severity = util::Severity::info;
    std::string text;
};

/// The last lines of each unit, for `ctl status`.
class RecentLines {
public:
    static constexpr std::size_t most_lines = 20;
    static constexpr std::size_t most_bytes = 4096;
    static constexpr std::size_t most_bytes_of_unit = 16 * 1024;
    static constexpr std::size_t most_unloaded = 64;

    /// A function that is called with each added line. May be empty.
    std::function<void(const std::string& unit, const RecentLine& line)> on_add;

    void add(const std::string& unit, RecentLine line);
    /// Returns the lines of `unit`. Returns an empty vector if there are none.
    const std::vector<RecentLine>& of(const std::string& unit) const;
    void forget(const std::string& unit);
    /// Records that the manager has unloaded `unit`. Keeps the lines of the last `most_unloaded`
    /// such units, because people want to read the output of a short service.
    void unload(const std::string& unit);

private:
    std::map<std::string, std::vector<RecentLine>> lines_;
    std::deque<std::string> unloaded_;  ///< Units that are not loaded, but have lines.
};

}  // namespace notifybridge::output
