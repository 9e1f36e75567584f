#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::perform {

/// Maps processes, by pid and start time, to their units. The cost of a question about one unit
/// does not depend on the processes of others. The unit "" has the processes that were examined and
/// belong to no unit.
class OwnedPids {
public:
    /// Returns the unit of a process; null if it is not known, or only for an earlier process with
    /// this pid. Without a start time, takes the process that is known by the pid.
    const std::string* owner_of(pid_t pid, std::optional<std::uint64_t> start_time) const;

    /// Returns when the known process began; 0 if that, or the process, is not known.
    std::uint64_t start_time_of(pid_t pid) const;

    /// This process, and no other with its pid, is the unit's. 0: when it was started is not known.
    void add(pid_t pid, std::uint64_t start_time, const std::string& unit);

    void remove(pid_t pid);
    void remove_all_of(std::string_view unit);
    /// Removes all processes except these, which are in ascending order.
    void remove_others(const std::vector<pid_t>& kept);

    /// Returns whether `is_it` holds for a process of the unit; stops at the first.
    bool any_of(std::string_view unit, const std::function<bool(pid_t pid)>& is_it) const;

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
