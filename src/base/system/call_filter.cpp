#include "base/system/call_filter.hpp"

#include <linux/seccomp.h>
#include <sys/prctl.h>

namespace notifybridge::system {

bool has_call_filter() noexcept {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

}  // namespace notifybridge::system
