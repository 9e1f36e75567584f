#include "base/system/output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/system/file.hpp"

namespace notifybridge::system {
namespace {

ssize_t write_shared(Fd fd, std::string_view bytes) {
    const iovec all{const_cast<char*>(bytes.data()), bytes.size()};
    constexpr off64_t where_it_is = -1;
    const ssize_t size = ::pwritev2(fd.get(), &all, 1, where_it_is, RWF_NOWAIT);
    if (size >= 0 || errno != EOPNOTSUPP)
        return size;
    pollfd room{fd.get(), POLLOUT, 0};
    if (::poll(&room, 1, 0) > 0)
        return ::write(fd.get(), bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    errno = EAGAIN;
    return -1;
}

}  // namespace

Output::Output(Fd fd) : fd_(fd) {
    struct stat status {};
    ::fstat(fd.get(), &status);
    if (S_ISSOCK(status.st_mode)) {
        kind_ = Kind::socket;
    } else if (S_ISFIFO(status.st_mode) || ::isatty(fd.get())) {
        own_.reset(::open(proc_path(fd).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        kind_ = own_ ? Kind::opened_anew : Kind::shared;
    }
}

Result<std::size_t> Output::write(std::string_view bytes) const {
    ssize_t size = 0;
    do
        size = kind_ == Kind::socket
                   ? ::send(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
               : kind_ == Kind::shared ? write_shared(fd_, bytes)
                                       : ::write(used().get(), bytes.data(), bytes.size());
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return last_error();
    return static_cast<std::size_t>(size);
}

}  // namespace notifybridge::system
