#include "base/system/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

/// The deepest level to remove in place. Each level needs an open descriptor, so deeper directories
/// are moved to the top and removed there.
constexpr int deepest = 16;

class Remover {
public:
    Remover(Fd top, std::size_t most) : top_(top), left_(most) {}

    /// Removes the content once. Returns true if a directory was moved to the top, because the top
    /// must then be read again.
    bool remove_once() {
        moved_ = false;
        remove_from(::openat(top_.get(), ".", flags), 0);
        return moved_;
    }

private:
    static constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

    void remove_from(int directory, int depth) {
        if (directory < 0)
            return;
        const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(directory), ::closedir);
        if (!entries) {
            ::close(directory);
            return;
        }
        while (const dirent* const entry = left_ > 0 ? ::readdir(entries.get()) : nullptr) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..")
                remove(directory, entry->d_name, depth);
        }
    }

    void remove(int directory, const char* name, int depth) {
        --left_;
        if (::unlinkat(directory, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
            return;
        // EBUSY means that something is mounted there.
        if (::unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == EBUSY)
            return;
        if (depth < deepest) {
            remove_from(::openat(directory, name, flags), depth + 1);
            ::unlinkat(directory, name, AT_REMOVEDIR);
            return;
        }
        const std::string place = util::concat(removed_prefix, ::getpid(), '-', ++count_);
        moved_ = ::renameat(directory, name, top_.get(), place.c_str()) == 0 || moved_;
    }

    Fd top_;
    std::size_t left_;
    bool moved_ = false;
    unsigned count_ = 0;
};

}  // namespace

void remove_content(Fd directory, std::size_t most) {
    Remover remover(directory, most);
    while (remover.remove_once()) {
    }
}

}  // namespace notifybridge::system
