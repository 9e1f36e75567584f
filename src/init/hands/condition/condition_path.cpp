#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/system/file.hpp"
#include "base/util/contains.hpp"
#include "init/hands/condition/condition_tests.hpp"
#include "init/hands/execute/glob.hpp"

namespace notifybridge::condition {
namespace {

using Met = std::optional<bool>;

Met exists(const std::string& path, const ConditionFacts&) {
    return ::access(path.c_str(), F_OK) == 0;
}

Met glob_exists(const std::string& pattern, const ConditionFacts& given) {
    const auto found = execute::glob_within(given.most_looks, pattern, execute::Braces::expanded);
    return found ? Met(!found->empty()) : std::nullopt;
}

bool has_mode(const std::string& path, mode_t type, struct stat& status) {
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type;
}

Met is_directory(const std::string& path, const ConditionFacts&) {
    struct stat status;
    return has_mode(path, S_IFDIR, status);
}

Met is_link(const std::string& path, const ConditionFacts&) {
    struct stat status;
    return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

Met is_mount_point(const std::string& path, const ConditionFacts&) {
    struct statx status;
    // Do not ask the server of a file system, because it may not answer.
    constexpr int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
    return ::statx(AT_FDCWD, path.c_str(), flags, STATX_TYPE, &status) == 0
           && (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Met is_socket(const std::string& path, const ConditionFacts&) {
    struct stat status;
    return has_mode(path, S_IFSOCK, status);
}

bool is_read_only(const std::string& path) {
    struct statvfs file_system;
    if (::statvfs(path.c_str(), &file_system) < 0)
        return false;
    return (file_system.f_flag & ST_RDONLY) != 0
           || (::access(path.c_str(), W_OK) < 0 && errno == EROFS);
}

Met is_read_write(const std::string& path, const ConditionFacts&) {
    return ::access(path.c_str(), F_OK) == 0 && !is_read_only(path);
}

/// Returns false, because a container cannot find out whether the disks below its file systems are
/// encrypted.
Met is_encrypted(const std::string&, const ConditionFacts&) {
    return false;
}

/// Returns whether `name` is in systemd's list of backup and temporary files. A directory that
/// contains only such files counts as empty.
bool is_leftover(const std::string& name) {
    constexpr auto names =
        std::to_array<std::string_view>({"lost+found", "aquota.user", "aquota.group"});
    constexpr auto endings = std::to_array<std::string_view>({
        "rpmnew",
        "rpmsave",
        "rpmorig",
        "dpkg-old",
        "dpkg-new",
        "dpkg-tmp",
        "dpkg-dist",
        "dpkg-bak",
        "dpkg-backup",
        "dpkg-remove",
        "ucf-new",
        "ucf-old",
        "ucf-dist",
        "swp",
        "bak",
        "old",
        "new",
    });
    const std::size_t dot = name.rfind('.');
    return name.starts_with('.') || name.ends_with('~') || util::contains(names, name)
           || (dot != name.npos && util::contains(endings, std::string_view(name).substr(dot + 1)));
}

Met directory_not_empty(const std::string& path, const ConditionFacts& given) {
    return has_files(path, given.most_looks);
}

Met file_not_empty(const std::string& path, const ConditionFacts&) {
    struct stat status;
    return has_mode(path, S_IFREG, status) && status.st_size > 0;
}

Met is_executable(const std::string& path, const ConditionFacts&) {
    struct stat status;
    return has_mode(path, S_IFREG, status) && (status.st_mode & 0111) != 0;
}

/// Returns whether /usr is newer than the file that records the last update of the directory
/// `path`.
Met needs_update(const std::string& path, const ConditionFacts&) {
    if (is_read_only(path))
        return false;
    struct stat done, usr;
    if (::lstat((path + "/.updated").c_str(), &done) < 0)
        return true;
    if (::lstat("/usr/", &usr) < 0)
        return true;
    return usr.st_mtim.tv_sec != done.st_mtim.tv_sec ? usr.st_mtim.tv_sec > done.st_mtim.tv_sec
                                                     : usr.st_mtim.tv_nsec > done.st_mtim.tv_nsec;
}

constexpr auto path_kinds = std::to_array<ConditionKind>({
    {"PathExists", exists},
    {"PathExistsGlob", glob_exists},
    {"PathIsDirectory", is_directory},
    {"PathIsSymbolicLink", is_link},
    {"PathIsMountPoint", is_mount_point},
    {"PathIsSocket", is_socket},
    {"PathIsReadWrite", is_read_write},
    {"PathIsEncrypted", is_encrypted},
    {"DirectoryNotEmpty", directory_not_empty},
    {"FileNotEmpty", file_not_empty},
    {"FileIsExecutable", is_executable},
    {"NeedsUpdate", needs_update},
});

}  // namespace

const std::span<const ConditionKind> path_conditions = path_kinds;

std::optional<bool> has_files(const std::string& directory, std::size_t most) {
    const auto entries = system::list_directory(directory, most);
    if (entries && !std::ranges::all_of(*entries, is_leftover, &system::DirectoryEntry::name))
        return true;
    if (entries)
        return entries->size() < most ? std::optional(false) : std::nullopt;
    // As in systemd, a directory that exists but cannot be read counts as not empty.
    const int error = entries.error().value();
    return error != ENOENT && error != ENOTDIR;
}

}  // namespace notifybridge::condition
