#include "init/hands/execute/file_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/system/remove_tree.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::execute {
namespace {

using system::Fd;
using system::UniqueFd;

/// The depth of the deepest tree that is handled. No reasonable tree is deeper, and our stack
/// suffices for this depth.
constexpr int deepest = 512;

/// Calls `visit(directory, name)` for all files at any depth below the directory `name` of
/// `parent`, and for `name` last. Visits the content of a directory before the directory.
///
/// Returns the first error, and stops there.
int walk(Fd parent, const char* name, util::FunctionRef<int(Fd, const char*)> visit,
         int depth = 0) {
    UniqueFd directory(
        ::openat(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        return errno == ENOTDIR || errno == ELOOP ? visit(parent, name) : errno;
    if (depth > deepest)
        return ELOOP;
    const int fd = directory.get();
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(directory.release()), ::closedir);
    if (!entries)
        return errno;
    while (const dirent* const entry = ::readdir(entries.get())) {
        if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0)
            continue;
        const int error = walk(Fd(fd), entry->d_name, visit, depth + 1);
        // If another process has removed the file since readdir(3), this is not an error.
        if (error != 0 && error != ENOENT)
            return error;
    }
    return visit(parent, name);
}

bool is_there(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

}  // namespace

int make_parents(const std::string& path, mode_t mode) {
    // In most cases, the last directory exists. If so, all directories above it exist, too.
    if (is_there(path.substr(0, path.rfind('/'))))
        return 0;
    for (std::size_t slash = path.find('/', 1); slash != path.npos;
         slash = path.find('/', slash + 1)) {
        const std::string parent = path.substr(0, slash);
        if (is_there(parent))
            continue;
        if (::mkdir(parent.c_str(), mode) < 0 && errno != EEXIST)
            return errno;
    }
    return 0;
}

int change_owner(const std::string& path, std::optional<uid_t> uid, std::optional<gid_t> gid) {
    struct stat status;
    if (::lstat(path.c_str(), &status) < 0)
        return errno;
    if (status.st_uid == uid.value_or(status.st_uid)
        && status.st_gid == gid.value_or(status.st_gid))
        return 0;
    constexpr auto unchanged = static_cast<unsigned>(-1);
    return walk(Fd(AT_FDCWD), path.c_str(), [&](Fd directory, const char* name) {
        // Use a handle, because the former owner may replace the file with a link between the two
        // calls.
        const UniqueFd file(::openat(directory.get(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat before;
        if (!file || ::fstat(file.get(), &before) < 0
            || ::fchownat(file.get(), "", uid.value_or(unchanged), gid.value_or(unchanged),
                          AT_EMPTY_PATH)
                   < 0)
            return errno;
        // chown(2) clears the set-user-ID and set-group-ID bits, so set them again for a directory.
        if (S_ISDIR(before.st_mode) && (before.st_mode & 06000) != 0)
            ::chmod(system::proc_path(file).c_str(), before.st_mode & 07777);
        return 0;
    });
}

int remove_tree(const std::string& path) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR)
        return errno;
    if (::rmdir(path.c_str()) == 0)
        return 0;
    // EBUSY means that a file system is mounted there.
    if (errno == EBUSY)
        return EBUSY;
    const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        return errno;
    system::remove_content(directory);
    return ::rmdir(path.c_str()) == 0 ? 0 : errno;
}

int put_link(const std::string& content, const std::string& link) {
    if (::symlink(content.c_str(), link.c_str()) == 0)
        return 0;
    struct stat status;
    if (errno != EEXIST || ::lstat(link.c_str(), &status) < 0)
        return errno;
    if (!S_ISLNK(status.st_mode))
        return EEXIST;
    const std::string temporary = link + ".new";
    ::unlink(temporary.c_str());
    if (::symlink(content.c_str(), temporary.c_str()) < 0
        || ::rename(temporary.c_str(), link.c_str()) < 0)
        return errno;
    return 0;
}

}  // namespace notifybridge::execute
