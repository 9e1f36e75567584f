#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

/// A pipe to listen to another program by: our end does not block, and the one that it gets does,
/// as one that it made itself would. Both are close-on-exec. Throws std::system_error.
Pipe make_pipe();

/// What is empty to read and takes all that is written: /dev/null, or where there is none, as in a
/// bare root, memory that goes with it. Without it a program would get our own standard streams.
/// Throws std::system_error.
UniqueFd open_null();

}  // namespace notifybridge::system
