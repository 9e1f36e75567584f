#include "init/run_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "system/error.hpp"
#include "system/file.hpp"
#include "util/concat.hpp"

namespace notifybridge::init {
namespace {

constexpr mode_t directory_mode = 0755;

void make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), directory_mode) < 0 && errno != EEXIST)
        system::throw_errno("mkdir", path);
}

}  // namespace

system::UniqueFd open_run_directory(const std::string& run_directory) {
    make_directory(run_directory);
    const std::string path = util::concat(run_directory, "/notifybridge");
    make_directory(path);
    auto directory = system::open_directory(path);
    if (!directory)
        system::throw_error(directory.error().value(), "open", path);
    return std::move(*directory);
}

std::string make_notify_path(const std::string& run_directory) {
    make_directory(run_directory);
    const std::string path = util::concat(run_directory, "/systemd");
    make_directory(path);
    return util::concat(path, "/notify");
}

void pretend_to_be_booted() {
    if (::getpid() != 1)
        return;
    for (const char* const path : {"/run/systemd", "/run/systemd/system"})
        ::mkdir(path, directory_mode);
}

}  // namespace notifybridge::init
