#include "init/hands/perform/stamp_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::perform {
namespace {

constexpr mode_t stamp_directory_mode = 0755;
constexpr mode_t stamp_mode = 0644;

system::UniqueFd open_stamp(const std::string& path) {
    return system::UniqueFd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, stamp_mode));
}

}  // namespace

std::string stamp_path(const std::string& state_directory, const std::string& unit) {
    return util::concat(state_directory, "/systemd/timers/stamp-", unit);
}

std::optional<std::uint64_t> read_stamp(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0)
        return std::nullopt;
    const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(file.st_mtim.tv_sec, 0));
    return seconds * 1'000'000 + static_cast<std::uint64_t>(file.st_mtim.tv_nsec) / 1000;
}

std::error_code write_stamp(const std::string& path, std::uint64_t realtime) {
    system::UniqueFd file = open_stamp(path);
    if (!file && errno == ENOENT) {
        const std::string directory(unit::directory_name(path));
        if (const int error = system::make_directories(directory, stamp_directory_mode))
            return {error, std::generic_category()};
        file = open_stamp(path);
    }
    const auto seconds = static_cast<std::time_t>(realtime / 1'000'000);
    const auto nanoseconds = static_cast<long>(realtime % 1'000'000 * 1000);
    const timespec times[] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    if (!file || ::futimens(file.get(), times) < 0)
        return {errno, std::generic_category()};
    return {};
}

}  // namespace notifybridge::perform
