#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::test {

/// Returns whether we are root. Boost.Test skips test cases with this precondition if we are not,
/// because they act as several users.
inline boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(::geteuid() == 0);
    result.message() << "only root can do this";
    return result;
}

/// The uid and gid of nobody on Debian. Tests could use any id that is neither root's nor our own.
inline constexpr unsigned nobody = 65534;

}  // namespace notifybridge::test
