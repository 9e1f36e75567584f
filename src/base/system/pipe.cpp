#include "base/system/pipe.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/system/error.hpp"

namespace notifybridge::system {

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0)
        throw_errno("pipe2");
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

UniqueFd open_null() {
    UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null)
        null = UniqueFd(::memfd_create("null", MFD_CLOEXEC));
    if (!null)
        throw_errno("open", "/dev/null");
    return null;
}

}  // namespace notifybridge::system
