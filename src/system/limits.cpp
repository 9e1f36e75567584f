#include "system/limits.hpp"

#include <sys/resource.h>

namespace notifybridge::system {

std::size_t open_files_limit() noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace notifybridge::system
