#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <system_error>

#include "init/rules/manager/unit.hpp"

namespace notifybridge::unit_types {

/// An interface that checks and watches the paths of path units.
class Paths {
public:
    virtual ~Paths() = default;

    /// Watches the paths that the rules of a path unit name, until `unwatch`. Calls
    /// `Path::rule_changed` and `Path::look_again` of the unit. Replaces the watches that the unit
    /// had. Returns an error if a path can never be watched, for example because a component of the
    /// path is not a directory.
    virtual std::error_code watch(const manager::Unit& path) = 0;
    virtual void unwatch(const manager::Unit& path) = 0;

    // If an answer would take long, these functions return that there is no file. After `watch`,
    // `Path::first_answered` and `Path::look_again` are called as soon as the answer is known.
    virtual bool exists(const std::string& path) = 0;
    /// Returns a file that the pattern matches, or nullopt if there is none.
    virtual std::optional<std::string> find_match(const std::string& pattern) = 0;
    /// Returns whether a directory has files. Hidden files and backups do not count.
    virtual bool has_files(const std::string& directory) = 0;
    /// Creates a directory and its parents, if they do not exist.
    virtual std::error_code make_directory(const std::string& path, mode_t mode) = 0;
};

}  // namespace notifybridge::unit_types
