#include "base/system/limits.hpp"

namespace notifybridge::system {

namespace {

bool is_raised = false;

rlimit own_limit() noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
}

}  // namespace

std::size_t open_files_limit() noexcept {
    return own_limit().rlim_cur;
}

const rlimit& inherited_open_files_limit() noexcept {
    static const rlimit inherited = own_limit();
    return inherited;
}

void raise_open_files_limit() noexcept {
    rlimit raised = inherited_open_files_limit();
    raised.rlim_cur = raised.rlim_max;
    is_raised = ::setrlimit(RLIMIT_NOFILE, &raised) == 0;
}

void restore_open_files_limit() noexcept {
    if (is_raised)
        ::setrlimit(RLIMIT_NOFILE, &inherited_open_files_limit());
}

}  // namespace notifybridge::system
