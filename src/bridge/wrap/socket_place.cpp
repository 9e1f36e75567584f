#include "bridge/wrap/socket_place.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/system/error.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/directory.hpp"

namespace notifybridge::wrap {

PrivateDirectory::PrivateDirectory(const std::vector<std::string>& places) {
    for (const std::string& place : places) {
        path_ = util::concat(place, "/notifybridge.XXXXXX");
        if (!place.starts_with('/')
            || path_.size() + 1 + std::string_view(channel::socket_name).size()
                   > system::longest_socket_path)
            continue;
        // mkdtemp creates the directory with the mode 0700. The mode 0711 lets other users reach
        // the socket if the socket's mode allows this, but not list the directory.
        if (!::mkdtemp(path_.data()))
            continue;
        if (::chmod(path_.c_str(), 0711) == 0)
            return;
        const int error = errno;
        ::rmdir(path_.c_str());
        errno = error;
    }
    throw std::runtime_error(util::concat("cannot create directory ", util::quote(path_),
                                          " for the socket: ", system::describe(errno),
                                          "; let the unit create a directory (RuntimeDirectory=), "
                                          "or use a shared directory (SHARED_DIR)"));
}

PrivateDirectory::~PrivateDirectory() {
    ::rmdir(path_.c_str());
}

SocketName::~SocketName() {
    ::unlink(path_.c_str());
}

}  // namespace notifybridge::wrap
