#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::test {

/// A precondition of cases that act as several users.
inline boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(::geteuid() == 0);
    result.message() << "only root can do this";
    return result;
}

/// Nobody's uid and gid on Debian; any that is neither root nor ours would do.
inline constexpr unsigned nobody = 65534;

}  // namespace notifybridge::test
