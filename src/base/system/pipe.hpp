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

}  // namespace notifybridge::system
