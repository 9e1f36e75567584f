#include "bridge/send/passed_fds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/cli/log.hpp"
#include "base/process/proc.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/send/failure.hpp"

namespace notifybridge::send {
namespace {

using util::concat;

/// Returns our descriptors above 2 that a command would inherit.
std::vector<int> inherited_fds() {
    std::vector<int> fds;
    for (const int fd : process::numbers_in("/proc/self/fd")) {
        const int flags = fd > STDERR_FILENO ? ::fcntl(fd, F_GETFD) : -1;
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            fds.push_back(fd);
    }
    return fds;
}

}  // namespace

std::vector<system::UniqueFd> take_fds(const std::vector<std::string>& numbers) {
    std::vector<system::UniqueFd> taken;
    if (numbers.empty())
        return taken;
    std::vector<int> inherited = inherited_fds();
    for (const std::string& number : numbers) {
        const auto fd = util::parse_number<int>(number);
        if (!fd || *fd < 0)
            throw Failure(concat("Failed to parse file descriptor: ", number));
        if (*fd <= STDERR_FILENO) {
            taken.emplace_back(::fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
            if (!taken.back())
                throw Failure(
                    concat("Failed to duplicate file descriptor: ", system::describe(errno)));
        } else if (std::erase(inherited, *fd) > 0) {
            taken.emplace_back(*fd);
        } else {
            throw Failure(
                concat("Specified file descriptor '", *fd,
                       "' not passed or specified more than once: ", system::describe(ENOENT)));
        }
    }
    if (!inherited.empty())
        cli::write_error_line(concat("Warning: ", inherited.size(),
                                     " more file descriptors passed than referenced with --fd=."));
    for (const int fd : inherited)
        ::close(fd);
    return taken;
}

}  // namespace notifybridge::send
