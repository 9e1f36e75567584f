#include "base/process/inspection.hpp"

#include <sys/prctl.h>

#include "base/system/error.hpp"

namespace notifybridge::process {

void forbid_inspection() {
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        system::throw_errno("protect", "the sockets of --proxy (PR_SET_DUMPABLE)");
}

}  // namespace notifybridge::process
