#pragma once

#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::runtime {

/// The file in a place to which the container manager writes the id of the container.
inline constexpr std::string_view cidfile_name = "cid";

/// These functions return the path of a service's place, and of a temporary place for one process.
/// A place is the directory of a `run` (see RunPlace). The letters X stand for random letters.
/// `above` must be /tmp, or a directory to which only we may write.
std::string service_place(const std::string& above, std::string_view service);
std::string temporary_place(const std::string& above);

/// Returns the service for whose shared directory `run` has chosen this path. Returns an empty text
/// for other directories.
std::string service_of_place(std::string_view directory);

/// Returns the directory for links to our executable. podman executes a container's link until
/// podman removes the container, perhaps after the removal of the place. So the links are in the
/// directory of all places, unless all users may write to that directory.
std::string link_directory(const std::string& place);

/// A directory for the files of one `run`. Other users cannot enter this directory. If we are root,
/// the directory has its own small file system, so that a container cannot fill the file system
/// above. A separate process (the keeper) removes the place, because `wait` gives up the rights
/// that are needed to remove the place.
class RunPlace {
public:
    RunPlace() = default;
    RunPlace(RunPlace&&) = default;
    RunPlace& operator=(RunPlace&&) = default;

    /// Creates the place of a service. The path is the same at each start, so that `wait` finds a
    /// run that is still alive there. Removes the leftover files of ended runs in this place and in
    /// the places of other services. Throws Refusal on failure.
    static RunPlace of_service(const std::string& above, std::string_view service);

    /// Creates a place for this process only. Throws Refusal on failure.
    static RunPlace temporary(const std::string& above);

    bool is_made() const { return !path_.empty(); }
    const std::string& path() const { return path_; }
    /// Returns the reason why a container can fill the whole file system of the place. Returns an
    /// empty text if there is no such reason, or if we are not root.
    const std::string& why_unbounded() const { return why_unbounded_; }

    /// Removes the place unless a run is alive there. Returns after the removal. If `run` is
    /// killed, the keeper removes the place instead.
    void finish();

private:
    explicit RunPlace(std::string path) : path_(std::move(path)) {}

    void fill();
    /// Starts the keeper. `all` is the directory to lock during the removal; empty if no lock is
    /// needed.
    void keep(const std::string& all, bool waits_for_run);

    std::string path_;
    std::string why_unbounded_;
    system::UniqueFd in_use_;  ///< The place's directory, locked while this process needs it.
    system::UniqueFd keeper_;  ///< The socket to the keeper.
};

}  // namespace notifybridge::runtime
