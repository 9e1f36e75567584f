#include "init/files/install/directories.hpp"

#include <algorithm>

#include "base/util/contains.hpp"
#include "init/files/load/unit_index.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory)
           && (path.size() == directory.size() || path[directory.size()] == '/');
}

}  // namespace

bool Directories::has(std::string_view path) const {
    return util::contains(load_path, unit::directory_name(path));
}

bool Directories::has_below(std::string_view path) const {
    return std::ranges::any_of(
        load_path, [&](const std::string& directory) { return is_below(path, directory); });
}

Directories system_directories(std::string_view unit_path) {
    Directories directories;
    directories.load_path = load::load_path(unit_path);
    return directories;
}

Directories global_directories() {
    return {{"/etc/systemd/user", "/run/systemd/user", "/usr/local/share/systemd/user",
             "/usr/share/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user"},
            {},
            "/etc/systemd/user",
            "/run/systemd/user",
            "user-preset"};
}

bool is_generated(std::string_view path) {
    const std::string_view directory = unit::directory_name(path);
    return directory == "/run/systemd/generator" || directory == "/run/systemd/generator.early"
           || directory == "/run/systemd/generator.late";
}

bool is_transient(std::string_view path) {
    return unit::directory_name(path) == "/run/systemd/transient";
}

bool is_control(std::string_view path) {
    const std::string_view directory = unit::directory_name(path);
    return directory == "/etc/systemd/system.control" || directory == "/run/systemd/system.control";
}

bool is_runtime(std::string_view path) {
    return is_below(path, "/run");
}

bool is_vendors(std::string_view path) {
    return is_below(path, "/usr") || is_below(path, "/lib") || is_generated(path);
}

}  // namespace notifybridge::install
