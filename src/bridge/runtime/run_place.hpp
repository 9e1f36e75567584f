#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::runtime {

/// Returns the path of the place of a service, and of one for a single process, with X for what is
/// random. Nobody but us writes to `above`, or it is /tmp.
std::string service_place(const std::string& above, std::string_view service);
std::string temporary_place(const std::string& above);

/// A directory for what a `run` needs beside its command, which nobody else enters. Root's has a
/// small file system of its own: a container writes there. A child keeps it: it has rights by which
/// it removes the place, and `wait` gives these up.
class RunPlace {
public:
    RunPlace() = default;
    RunPlace(RunPlace&&) = default;
    RunPlace& operator=(RunPlace&&) = default;

    /// The same for each start of a service, so that a run that lives there is taken over. What an
    /// ended run has left there, and in the places of others, is removed. Throws Refusal.
    static RunPlace of_service(const std::string& above, std::string_view service);

    /// One for this process only. Throws Refusal.
    static RunPlace temporary(const std::string& above);

    bool is_made() const { return !path_.empty(); }
    const std::string& path() const { return path_; }
    /// Why a container may fill what the place lies on; empty if it may not, or it is not /run.
    const std::string& why_unbounded() const { return why_unbounded_; }

    /// Removes it unless a run lives there, and returns when that is done. A killed `run` has it
    /// done, too, if what kills it leaves the child time.
    void finish();

private:
    explicit RunPlace(std::string path) : path_(std::move(path)) {}

    void fill();
    /// `all` is the directory that is locked meanwhile; empty if there is none.
    void keep(const std::string& all, bool waits_for_run);

    std::string path_;
    std::string why_unbounded_;
    system::UniqueFd in_use_;  ///< Locked for as long as this process needs the place.
    system::UniqueFd keeper_;  ///< A socket to the child.
};

}  // namespace notifybridge::runtime
