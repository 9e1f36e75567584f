#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace notifybridge::manager {

/// The deadlines (monotonic, µs), sorted by time. Each deadline belongs to a unit or job, which a
/// number identifies. A number has at most one deadline.
class Deadlines {
public:
    /// Sets the deadline of `number`. A deadline of 0 removes the existing one.
    void set(std::uint64_t number, std::uint64_t when);
    /// Removes and returns a number whose deadline has passed. Returns nullopt if no deadline has
    /// passed.
    std::optional<std::uint64_t> take_due(std::uint64_t now);
    /// Returns the earliest deadline, or 0 if there is none.
    std::uint64_t next() const { return order_.empty() ? 0 : order_.begin()->first; }

private:
    std::set<std::pair<std::uint64_t, std::uint64_t>> order_;
    std::map<std::uint64_t, std::uint64_t> by_number_;
};

}  // namespace notifybridge::manager
