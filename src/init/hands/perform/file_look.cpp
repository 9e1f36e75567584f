#include "init/hands/perform/file_look.hpp"

#include <sys/stat.h>

namespace notifybridge::perform {
namespace {

std::int64_t nanoseconds_of(const timespec& time) {
    return time.tv_sec * std::int64_t(1'000'000'000) + time.tv_nsec;
}

}  // namespace

FileLook look_at(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0)
        return {};
    return {file.st_dev,
            file.st_ino,
            file.st_size,
            file.st_mode,
            nanoseconds_of(file.st_mtim),
            nanoseconds_of(file.st_ctim)};
}

}  // namespace notifybridge::perform
