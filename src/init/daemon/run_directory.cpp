#include "init/daemon/run_directory.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/util/concat.hpp"
#include "init/files/load/source.hpp"

namespace notifybridge::daemon {
namespace {

constexpr mode_t directory_mode = 0755;
constexpr const char* lock_name = "lock";
constexpr mode_t file_mode = 0644;

void make_directory(const std::string& path) {
    if (::mkdir(path.c_str(), directory_mode) < 0 && errno != EEXIST)
        system::throw_errno("mkdir", path);
}

/// Throws std::runtime_error, because another manager holds the lock. The message contains the pid
/// of that manager, which is read from the lock file.
[[noreturn]] void refuse_second(const std::string& run_directory, system::Fd lock) {
    char pid[20] = {};
    static_cast<void>(::pread(lock.get(), pid, sizeof pid - 1, 0));
    throw std::runtime_error(
        util::concat("process ", pid, " is the service manager at ", run_directory,
                     " already; stop that process first, or use another --root="));
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

system::UniqueFd claim_run_directory(const std::string& run_directory) {
    const system::UniqueFd directory = open_run_directory(run_directory);
    system::UniqueFd lock(
        ::openat(directory.get(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (!lock)
        system::throw_errno("open", util::concat(run_directory, "/notifybridge/", lock_name));
    if (system::take_life_lock(lock) == system::LockState::held)
        refuse_second(run_directory, lock);
    // Replace the pid of an earlier manager that was killed. That pid may now belong to any
    // process.
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock.get(), 0) == 0)
        static_cast<void>(::pwrite(lock.get(), pid.data(), pid.size(), 0));
    return lock;
}

std::string make_notify_path(const std::string& run_directory) {
    make_directory(run_directory);
    const std::string path = util::concat(run_directory, "/systemd");
    make_directory(path);
    return util::concat(path, "/notify");
}

void pretend_to_be_booted() {
    for (const char* const path : {"/run/systemd", "/run/systemd/system"})
        ::mkdir(path, directory_mode);
    // Ansible and other programs read the name of the service manager from /proc/1/comm.
    ::prctl(PR_SET_NAME, "systemd");
    // Programs such as systemd-detect-virt(1) read the container's type from this file if they
    // cannot read our environment.
    const char* const container = ::getenv("container");
    if (!container || *container == '\0')
        return;
    const system::UniqueFd file(::open("/run/systemd/container",
                                       O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                                       file_mode));
    const std::string line = util::concat(container, '\n');
    if (file)
        static_cast<void>(::write(file.get(), line.data(), line.size()));
}

void remove_transient_units(const std::string& root) {
    const std::string directory = util::concat(root, "/run/systemd/transient");
    for (const load::Entry& entry : load::DiskSource().list(directory))
        ::unlink(util::concat(directory, '/', entry.name).c_str());
}

void link_system_log() {
    // Ignore errors. Without the link, the messages that programs send with syslog(3) are lost.
    static_cast<void>(::symlink("/run/systemd/journal/dev-log", "/dev/log"));
}

}  // namespace notifybridge::daemon
