#pragma once

#include <ostream>

#include "base/process/exit_status.hpp"

namespace notifybridge::process {

inline std::ostream& boost_test_print_type(std::ostream& out, ExitStatus status) {
    return out << describe(status);
}

}  // namespace notifybridge::process
