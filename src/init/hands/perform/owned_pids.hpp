#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"

namespace notifybridge::perform {

/// A map from processes to their units. The pid and the start time identify a process. The cost of
/// a query about one unit does not depend on the processes of other units. A process that an
/// earlier check assigned to no unit has the unit "".
class OwnedPids {
public:
    /// Returns the unit of the process with this pid and start time. Without `start_time`, the pid
    /// alone decides. Returns null if the process is not known.
    const std::string* owner_of(pid_t pid, std::optional<std::uint64_t> start_time) const;

    /// Returns the start time of the known process with this pid. Returns 0 if the process or its
    /// start time is not known.
    std::uint64_t start_time_of(pid_t pid) const;

    /// Assigns this process to the unit, and removes any earlier process with the same pid. A
    /// `start_time` of 0 means that the start time is not known.
    void add(pid_t pid, std::uint64_t start_time, const std::string& unit);

    void remove(pid_t pid);
    void remove_all_of(std::string_view unit);
    /// Removes all processes except `kept`, which is in ascending order.
    void remove_others(const std::vector<pid_t>& kept);

    /// Returns whether `is_it` returns true for a process of the unit. Stops at the first such
    /// process.
    bool any_of(std::string_view unit, util::FunctionRef<bool(pid_t pid)> is_it) const;

    std::size_t size() const { return entries_.size(); }

private:
    using Units = std::map<std::string, std::set<pid_t>, std::less<>>;
    struct Entry {
        std::uint64_t start_time;
        Units::iterator unit;
    };
    using Entries = std::map<pid_t, Entry>;

    Entries::iterator remove(Entries::iterator entry);

    Units units_;
    Entries entries_;
};

}  // namespace notifybridge::perform
