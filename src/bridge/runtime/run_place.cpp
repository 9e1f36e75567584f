#include "bridge/runtime/run_place.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/process/proc.hpp"
#include "base/system/error.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/siphash.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

constexpr const char* place_of_all = "/notifybridge";

using util::concat;

void make_directory(const std::string& path, mode_t mode) {
    struct stat status;
    if ((::mkdir(path.c_str(), mode) < 0 && errno != EEXIST) || ::lstat(path.c_str(), &status) < 0)
        throw Refusal(concat("cannot make ", util::quote(path), ": ", system::describe(errno),
                             "; name a directory with --shared-dir"));
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid())
        throw Refusal(concat(util::quote(path),
                             " is not a directory of ours; remove it, or name another with "
                             "--shared-dir"));
    if ((status.st_mode & 07777) != mode && ::chmod(path.c_str(), mode) < 0)
        throw Refusal(
            concat("cannot set the mode of ", util::quote(path), ": ", system::describe(errno)));
}

/// Removes the directory and what is in it and in directories of it, as far as it goes.
void remove_all(int above, const char* name, int depth) {
    const int fd = ::openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd), ::closedir);
    while (const dirent* const entry = entries ? ::readdir(entries.get()) : nullptr) {
        const std::string_view here = entry->d_name;
        if (here == "." || here == "..")
            continue;
        if (::unlinkat(fd, entry->d_name, 0) < 0 && errno == EISDIR && depth > 0)
            remove_all(fd, entry->d_name, depth - 1);
    }
    ::unlinkat(above, name, AT_REMOVEDIR);
}

/// A child that waits for our end, as we may be killed, and may not remove anything by then.
void remove_after_us(const std::string& path) {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        system::throw_errno("pipe2");
    const pid_t child = ::fork();
    if (child < 0)
        system::throw_errno("fork");
    if (child == 0) {
        // Neither a terminal's signals are for it, nor a service manager's, nor the readers of our
        // output.
        ::setsid();
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, nullptr);
        ::dup2(ends[0], STDIN_FILENO);
        process::close_all_from(STDIN_FILENO + 1);
        char none;
        while (::read(STDIN_FILENO, &none, 1) < 0 && errno == EINTR) {
        }
        remove_all(AT_FDCWD, path.c_str(), 2);
        ::_exit(0);
    }
    // The other end stays open for as long as we are there.
    ::close(ends[0]);
}

}  // namespace

std::string_view service_of(std::string_view cgroups) {
    const std::size_t start = cgroups.rfind("0::/");
    if (start == cgroups.npos)
        return {};
    std::string_view path = cgroups.substr(start, cgroups.find('\n', start) - start);
    // A service may have divided its control group; a terminal's scope is below its user's service.
    for (std::size_t slash; (slash = path.find_last_of('/')) != path.npos;) {
        const std::string_view name = path.substr(slash + 1);
        if (name.ends_with(".service"))
            return name;
        if (name.ends_with(".scope") || name.ends_with(".slice"))
            return {};
        path = path.substr(0, slash);
    }
    return {};
}

std::string service_place(const std::string& above, std::string_view service) {
    const std::string all = concat(above, place_of_all);
    const std::string longest = concat(all, '/', service, "/shared/", channel::socket_name);
    return longest.size() + 1 > system::longest_socket_path
               ? concat(all, '/', util::siphash(service, {}))
               : concat(all, '/', service);
}

std::string temporary_place(const std::string& above) {
    return concat(above, "/notifybridge-run.XXXXXX");
}

std::string make_service_place(const std::string& above, std::string_view service) {
    make_directory(concat(above, place_of_all), 0755);
    std::string path = service_place(above, service);
    make_directory(path, 0700);
    return path;
}

std::string make_temporary_place(const std::string& above) {
    std::string path = temporary_place(above);
    if (!::mkdtemp(path.data()))
        throw Refusal(concat("cannot make a directory in ", util::quote(above), ": ",
                             system::describe(errno), "; name one with --shared-dir"));
    remove_after_us(path);
    return path;
}

}  // namespace notifybridge::runtime
