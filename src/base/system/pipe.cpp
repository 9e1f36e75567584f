#include "base/system/pipe.hpp"

#include <fcntl.h>
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

}  // namespace notifybridge::system
