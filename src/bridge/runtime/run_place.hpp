#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::runtime {

/// Return the path of the place of a service, and of a temporary place for one process, with X for
/// random letters. Only we may write to `above`, or it is /tmp.
std::string service_place(const std::string& above, std::string_view service);
std::string temporary_place(const std::string& above);

/// A directory for the files of one `run`, which other users cannot enter. Root's has a small file
/// system of its own, because a container writes there. A separate process removes the place: it
/// keeps the rights for that, and `wait` gives them up.
class RunPlace {
public:
    RunPlace() = default;
    RunPlace(RunPlace&&) = default;
    RunPlace& operator=(RunPlace&&) = default;

    /// Creates the place of a service. It is the same at each start, so that a run that still lives
    /// there is taken over. Removes what an ended run has left there and in the places of other
    /// services. Throws Refusal.
    static RunPlace of_service(const std::string& above, std::string_view service);

    /// Creates a place for this process only. Throws Refusal.
    static RunPlace temporary(const std::string& above);

    bool is_made() const { return !path_.empty(); }
    const std::string& path() const { return path_; }
    /// Returns why a container may fill the file system of the place; empty if it may not, or if we
    /// are not root.
    const std::string& why_unbounded() const { return why_unbounded_; }

    /// Removes the place unless a run lives there, and returns when that is done. The keeper also
    /// removes it if `run` is killed and the keeper is not.
    void finish();

private:
    explicit RunPlace(std::string path) : path_(std::move(path)) {}

    void fill();
    /// Starts the keeper. `all` is the directory to lock during the removal; empty if there is
    /// none.
    void keep(const std::string& all, bool waits_for_run);

    std::string path_;
    std::string why_unbounded_;
    system::UniqueFd in_use_;  ///< Locked while this process needs the place.
    system::UniqueFd keeper_;  ///< A socket to the keeper.
};

}  // namespace notifybridge::runtime
