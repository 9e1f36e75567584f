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

/// Which unit a process is of, by its pid and the time when it was started. What is asked of one
/// unit takes as long however many processes others have. The unit "" has the processes that were
/// looked at and are no unit's.
class OwnedPids {
public:
    /// The unit of a process; null where that is not known, or only of another process that had
    /// this pid. Without a time, the process that is known by the pid is meant.
    const std::string* owner_of(pid_t pid, std::optional<std::uint64_t> start_time) const;

    /// This process, and no other with its pid, is the unit's. 0: when it was started is not known.
    void add(pid_t pid, std::uint64_t start_time, const std::string& unit);

    void remove(pid_t pid);
    void remove_all_of(std::string_view unit);
    /// All but these, which are in ascending order.
    void remove_others(const std::vector<pid_t>& kept);

    /// Whether `is_it` holds for one of the unit's; the rest is not looked at then.
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
