#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace notifybridge::perform {

/// The state of a file. If the kernel does not report changes, we compare this state with a later
/// state.
struct FileLook {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    mode_t mode = 0;
    std::int64_t modified = 0;  ///< Nanoseconds since 1970.
    std::int64_t changed = 0;

    bool operator==(const FileLook&) const = default;
};

/// Returns the state of the file at `path`. Follows links. Returns an empty state if there is no
/// file.
FileLook look_at(const std::string& path);

}  // namespace notifybridge::perform
