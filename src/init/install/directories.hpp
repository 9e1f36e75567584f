#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::install {

/// Where units are, and where links to them are made.
struct Directories {
    std::vector<std::string> load_path;  ///< The first has precedence.
    std::string root;                    ///< Only for messages: empty, or what is before "/".
    std::string persistent = "/etc/systemd/system";
    std::string runtime = "/run/systemd/system";

    const std::string& for_links(bool is_runtime) const {
        return is_runtime ? runtime : persistent;
    }

    /// A path as people see it.
    std::string shown(const std::string& path) const { return root + path; }

    /// Whether a file is directly in one of the load path's directories.
    bool has(std::string_view path) const;
    /// Whether a file is anywhere below one.
    bool has_below(std::string_view path) const;
    bool is_for_links(std::string_view directory) const {
        return directory == persistent || directory == runtime;
    }
};

/// Those of a system's manager (systemd.unit(5), UNIT FILE LOAD PATH); `unit_path` is
/// $SYSTEMD_UNIT_PATH.
Directories system_directories(std::string_view unit_path = {});

/// What a file is by the directory it is in (systemd.unit(5), Table 1).
bool is_generated(std::string_view path);
bool is_transient(std::string_view path);
bool is_control(std::string_view path);
/// Whether the file is gone after the next boot.
bool is_runtime(std::string_view path);
/// Whether it belongs to the distribution, and not to the administrator.
bool is_vendors(std::string_view path);

}  // namespace notifybridge::install
