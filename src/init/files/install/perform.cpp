#include "init/files/install/perform.hpp"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using util::concat;

constexpr mode_t directory_mode = 0755;

int result_of(int returned) {
    return returned < 0 ? errno : 0;
}

int remove_all(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) < 0)
        return errno;
    if (!S_ISDIR(status.st_mode))
        return result_of(::unlink(path.c_str()));
    for (const load::Entry& entry : load::DiskSource().list(path))
        if (const int error = remove_all(concat(path, '/', entry.name)))
            return error;
    return result_of(::rmdir(path.c_str()));
}

}  // namespace

int make_link(const RootSource& files, const std::string& path, const std::string& target) {
    const std::string real = files.real_path(path);
    // If this call fails, symlink(2) reports the error.
    system::make_directories(std::string(unit::directory_name(real)), directory_mode);
    return result_of(::symlink(target.c_str(), real.c_str()));
}

int replace_link(const RootSource& files, const std::string& path, const std::string& target) {
    return system::replace_link(target, files.real_path(path));
}

int remove_link(const RootSource& files, const std::string& path, const std::string& top) {
    if (::unlink(files.real_path(path).c_str()) < 0 && errno != ENOENT)
        return errno;
    for (std::string_view directory = unit::directory_name(path);
         directory.size() > top.size() && directory.starts_with(top);
         directory = unit::directory_name(directory))
        if (::rmdir(files.real_path(std::string(directory)).c_str()) < 0)
            break;
    return 0;
}

int remove_tree(const RootSource& files, const std::string& path) {
    return remove_all(files.real_path(path));
}

}  // namespace notifybridge::install
