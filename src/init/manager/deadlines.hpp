#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace notifybridge::manager {

/// The deadlines of units or jobs (monotonic, µs), earliest first. Each unit or job has a number,
/// and at most one deadline.
class Deadlines {
public:
    void set(std::uint64_t number, std::uint64_t when);  ///< 0: none.
    /// Removes and returns a number whose time has come.
    std::optional<std::uint64_t> take_due(std::uint64_t now);
    std::uint64_t next() const { return order_.empty() ? 0 : order_.begin()->first; }  ///< 0: none.

private:
    std::set<std::pair<std::uint64_t, std::uint64_t>> order_;
    std::map<std::uint64_t, std::uint64_t> by_number_;
};

}  // namespace notifybridge::manager
