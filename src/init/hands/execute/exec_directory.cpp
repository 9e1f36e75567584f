#include "init/hands/execute/exec_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/system/umask.hpp"
#include "base/util/concat.hpp"
#include "init/hands/execute/file_tree.hpp"

namespace notifybridge::execute {
namespace {

constexpr mode_t parents_mode = 0755;

std::string full_path(const ExecDirectoryKind& kind, const unit::Facts& facts,
                      std::string_view path) {
    return util::concat(facts.*kind.base, '/', path);
}

/// Returns whether a directory is "placed below a private/ parent directory" (systemd.exec(5),
/// DynamicUser=). A ConfigurationDirectory= is never private. A RuntimeDirectory= that is removed
/// when the unit stops is not private either.
bool is_private(const ExecDirectoryKind& kind, const unit::ExecSettings& exec) {
    const bool goes = kind.directories == &unit::ExecSettings::runtime_directory
                      && exec.runtime_directory_preserve == unit::PreserveMode::no;
    return exec.dynamic_user && !kind.stays_owned_by_root && !goes;
}

std::string private_path(const ExecDirectoryKind& kind, const unit::Facts& facts,
                         std::string_view path) {
    return util::concat(facts.*kind.base, "/private/", path);
}

int set_mode(const std::string& path, mode_t mode) {
    const system::UniqueFd directory(
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return directory && ::fchmod(directory.get(), mode) == 0 ? 0 : errno;
}

int make_directory(const ExecDirectoryKind& kind, const std::string& path, mode_t mode,
                   const Identity& identity) {
    if (const int error = make_parents(path, parents_mode))
        return error;
    if (::mkdir(path.c_str(), mode) < 0) {
        if (errno != EEXIST)
            return errno;
        if (kind.stays_owned_by_root)
            return 0;
    }
    if (const int error = set_mode(path, mode))
        return error;
    // If User= is not set, our user becomes the owner again, because the directory may have another
    // owner from an earlier start.
    return change_owner(path, identity.uid.value_or(::geteuid()),
                        identity.gid.value_or(::getegid()));
}

/// Returns the relative path from `link` to `target`: "../a" for "/run/d/link" and "/run/a".
std::string relative_to(std::string_view link, std::string_view target) {
    std::size_t common = 0;
    for (std::size_t at = 0; at < std::min(link.size(), target.size()) && link[at] == target[at];
         ++at)
        if (link[at] == '/')
            common = at + 1;
    std::string out;
    for (const char byte : link.substr(common))
        if (byte == '/')
            out += "../";
    return out += target.substr(common);
}

int make_links(const ExecDirectoryKind& kind, const unit::Facts& facts,
               const unit::ExecDirectory& directory) {
    const std::string target = full_path(kind, facts, directory.path);
    for (const std::string& name : directory.symlinks) {
        const std::string link = full_path(kind, facts, name);
        if (const int error = make_parents(link, parents_mode))
            return error;
        if (const int error = put_link(relative_to(link, target), link))
            return error;
    }
    return 0;
}

/// The mode of the directory "private". systemd closes "private" to all users, and shows a service
/// its own directory in a mount namespace. This manager creates no namespace, so the service must
/// be able to enter "private". Below "private", each service's directory is closed to other users.
constexpr mode_t mode_of_private = 0711;
constexpr mode_t owners_mode = 07700;

bool has_kind(const std::string& path, mode_t kind) {
    struct stat status;
    return ::lstat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

int make_private(const std::string& parent) {
    if (const int error = make_parents(parent, parents_mode))
        return error;
    return ::mkdir(parent.c_str(), mode_of_private) < 0 && errno != EEXIST
               ? errno
               : set_mode(parent, mode_of_private);
}

/// Makes `link` a link to `path`. If there is a directory at `link`, moves this directory to `path`
/// first.
int make_private_link(const std::string& link, const std::string& path) {
    for (const std::string& place : {link, path})
        if (const int error = make_parents(place, parents_mode))
            return error;
    // If the rename fails, a later access to `path` reports the error.
    if (has_kind(link, S_IFDIR) && !has_kind(path, S_IFDIR))
        ::rename(link.c_str(), path.c_str());
    return put_link(relative_to(link, path), link);
}

/// Moves a directory back to `link` if it became private while the unit had DynamicUser=yes.
void restore_directory(const std::string& link, const std::string& path) {
    const auto content = system::read_link(link);
    if (content && *content == relative_to(link, path) && has_kind(path, S_IFDIR)
        && ::unlink(link.c_str()) == 0)
        ::rename(path.c_str(), link.c_str());
}

/// Returns whether the directory is within another directory of the unit. If so, the outer
/// directory's link also leads to the inner directory, which needs no link.
bool is_within_another(const unit::ExecDirectories& all, std::string_view path) {
    return std::ranges::any_of(all.directories, [&](const unit::ExecDirectory& one) {
        return path.size() > one.path.size() && path.starts_with(one.path)
               && path[one.path.size()] == '/';
    });
}

int make_place(const ExecDirectoryKind& kind, const unit::ExecSettings& exec,
               const unit::Facts& facts, const std::string& name) {
    const std::string path = full_path(kind, facts, name);
    const std::string private_one = private_path(kind, facts, name);
    if (!is_private(kind, exec)) {
        if (!kind.stays_owned_by_root)
            restore_directory(path, private_one);
        return 0;
    }
    if (const int error = make_private(util::concat(facts.*kind.base, "/private")))
        return error;
    return is_within_another(exec.*kind.directories, name) ? 0
                                                           : make_private_link(path, private_one);
}

int make_kind(const ExecDirectoryKind& kind, const unit::ExecSettings& exec,
              const unit::Facts& facts, const Identity& identity) {
    const unit::ExecDirectories& wanted = exec.*kind.directories;
    const mode_t mode = is_private(kind, exec) ? wanted.mode & owners_mode : wanted.mode;
    const auto paths = actual_paths(kind, exec, facts);
    for (std::size_t at = 0; at < paths.size(); ++at) {
        const unit::ExecDirectory& directory = wanted.directories[at];
        if (const int error = make_place(kind, exec, facts, directory.path))
            return error;
        if (const int error = make_directory(kind, paths[at], mode, identity))
            return error;
        if (const int error = make_links(kind, facts, directory))
            return error;
    }
    return 0;
}

}  // namespace

std::vector<std::string> directory_paths(const ExecDirectoryKind& kind,
                                         const unit::ExecSettings& exec, const unit::Facts& facts) {
    std::vector<std::string> paths;
    for (const unit::ExecDirectory& directory : (exec.*kind.directories)->directories)
        paths.push_back(full_path(kind, facts, directory.path));
    return paths;
}

std::vector<std::string> actual_paths(const ExecDirectoryKind& kind, const unit::ExecSettings& exec,
                                      const unit::Facts& facts) {
    if (!is_private(kind, exec))
        return directory_paths(kind, exec, facts);
    std::vector<std::string> paths;
    for (const unit::ExecDirectory& directory : (exec.*kind.directories)->directories)
        paths.push_back(private_path(kind, facts, directory.path));
    return paths;
}

Failure make_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                         const Identity& identity) {
    const system::Umask none(0);  // Directories get exactly the requested modes.
    for (const ExecDirectoryKind& kind : exec_directory_kinds)
        if (const int error = make_kind(kind, exec, facts, identity))
            return {kind.step, error};
    return {};
}

void remove_runtime_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                                bool will_restart) {
    const unit::PreserveMode mode = exec.runtime_directory_preserve;
    if (mode == unit::PreserveMode::yes || (mode == unit::PreserveMode::restart && will_restart))
        return;
    const ExecDirectoryKind& kind = exec_directory_kinds[0];
    for (const unit::ExecDirectory& directory : exec.runtime_directory->directories) {
        remove_tree(full_path(kind, facts, directory.path));
        if (is_private(kind, exec))
            remove_tree(private_path(kind, facts, directory.path));
        for (const std::string& link : directory.symlinks)
            remove_tree(full_path(kind, facts, link));
    }
}

}  // namespace notifybridge::execute
