#include "base/system/stale_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::system {

std::string remove_stale_socket(const SocketAddress& place, int type) {
    const std::string path = place.path();
    struct stat found {};
    if (path.empty() || ::lstat(path.c_str(), &found) < 0)
        return {};
    if (!S_ISSOCK(found.st_mode))
        return "the file at this path is not a socket; remove it, or choose another path";
    const UniqueFd probe = make_socket(AF_UNIX, type);
    if (::connect(probe.get(), place.data(), place.size()) == 0 || errno == EAGAIN)
        return "another process listens on this socket; stop it, or choose another path";
    if (errno != ECONNREFUSED)
        return util::concat("cannot find out whether a process listens on this socket: ",
                            describe(errno), "; choose another path");
    if (::unlink(path.c_str()) < 0 && errno != ENOENT)
        return util::concat("cannot remove the old socket: ", describe(errno),
                            "; choose another path");
    return {};
}

std::string explain_path_error(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return "its directory does not exist; create it, or set RuntimeDirectory= in the unit";
        case EACCES:
        case EROFS:
            return util::concat(describe(error),
                                "; choose a directory that this user may write to, or set "
                                "RuntimeDirectory= in the unit");
        default:
            return describe(error);
    }
}

}  // namespace notifybridge::system
