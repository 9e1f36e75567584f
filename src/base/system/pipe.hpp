#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

/// Creates a pipe for reading from another program. Our end does not block. The program's end
/// blocks, because programs expect this. Both ends are close-on-exec. Throws std::system_error on
/// failure.
Pipe make_pipe();

/// Opens /dev/null. If it does not exist, for example in an empty root, opens an anonymous memory
/// file. Never returns an empty descriptor, because a program would then inherit our own standard
/// streams. Throws std::system_error on failure.
UniqueFd open_null();

}  // namespace notifybridge::system
