#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::install {

/// The directories of units, and the directories for links to them.
struct Directories {
    std::vector<std::string> load_path;  ///< The directories of units, in order of precedence.
    std::string root;  ///< The root directory, which precedes paths in messages. It may be empty.
    std::string persistent = "/etc/systemd/system";
    std::string runtime = "/run/systemd/system";
    std::string presets = "system-preset";  ///< The name of the directories with presets.

    const std::string& for_links(bool is_runtime) const {
        return is_runtime ? runtime : persistent;
    }

    /// Returns a path in the form that users see.
    std::string shown(const std::string& path) const { return root + path; }

    /// Returns whether the file's directory is in the load path.
    bool has(std::string_view path) const;
    /// Returns whether the file is at any depth below a directory of the load path.
    bool has_below(std::string_view path) const;
    bool is_for_links(std::string_view directory) const {
        return directory == persistent || directory == runtime;
    }
};

/// Returns the directories of a system manager (systemd.unit(5), UNIT FILE LOAD PATH). `unit_path`
/// is $SYSTEMD_UNIT_PATH.
Directories system_directories(std::string_view unit_path = {});
/// Returns the directories that all service managers of users share (systemd.unit(5), Table 2).
Directories global_directories();

// These functions classify a file by its directory (systemd.unit(5), Table 1).
bool is_generated(std::string_view path);
bool is_transient(std::string_view path);
bool is_control(std::string_view path);
/// Returns whether the file disappears at the next boot.
bool is_runtime(std::string_view path);
/// Returns whether the file comes from the distribution or from a generator, and not from the
/// administrator.
bool is_vendors(std::string_view path);

}  // namespace notifybridge::install
