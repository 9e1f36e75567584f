#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::test {

/// Skips a test case that acts as several users if we are not root.
inline boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(::geteuid() == 0);
    result.message() << "only root can do this";
    return result;
}

/// The uid and gid of nobody on Debian. Any id that is neither root's nor ours would do.
inline constexpr unsigned nobody = 65534;

}  // namespace notifybridge::test
