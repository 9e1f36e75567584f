#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/files/unit/settings_values.hpp"

/// The settings of [Path] (systemd.path(5)).
namespace notifybridge::unit {

/// The kind of a rule: the condition or the event that starts the unit.
enum class PathKind : std::uint8_t { exists, exists_glob, changed, modified, directory_not_empty };

/// A line that defines which path starts the unit, such as PathExists=.
struct PathRule {
    PathKind kind;
    std::string path;  ///< An absolute path, or a pattern with PathKind::exists_glob.

    bool operator==(const PathRule&) const = default;
    /// Returns whether the rule waits for changes, and not for the existence of a file.
    bool counts_changes() const { return kind == PathKind::changed || kind == PathKind::modified; }
};

struct PathSettings {
    static constexpr TimeSpan usual_interval = std::chrono::seconds(2);
    static constexpr unsigned usual_burst = 200;

    std::vector<PathRule> rules;
    std::string unit;
    bool make_directory = false;
    mode_t directory_mode = 0755;
    /// These two settings get their defaults after all files of the unit have been read.
    std::optional<TimeSpan> trigger_limit_interval;
    std::optional<unsigned> trigger_limit_burst;
};

}  // namespace notifybridge::unit
