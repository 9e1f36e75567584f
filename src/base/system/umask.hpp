#pragma once

#include <sys/stat.h>

namespace notifybridge::system {

/// Sets the umask of this process for a scope. Leaves errno as it is. The umask belongs to all
/// threads, so another thread that creates a file would get it, too.
class Umask {
public:
    explicit Umask(mode_t mask) noexcept : before_(::umask(mask)) {}
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
    ~Umask() { ::umask(before_); }

private:
    mode_t before_;
};

}  // namespace notifybridge::system
