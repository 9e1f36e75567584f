#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

struct Pipe {
    UniqueFd reading;
    UniqueFd writing;
};

/// Creates a pipe for reading from another program. Our end does not block; the program's end does,
/// like one that it created itself. Both are close-on-exec. Throws std::system_error.
Pipe make_pipe();

/// Opens /dev/null, or if it does not exist, as in an empty root, an anonymous memory file. Without
/// either, a program would get our own standard streams. Throws std::system_error.
UniqueFd open_null();

}  // namespace notifybridge::system
