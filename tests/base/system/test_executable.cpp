#include "base/system/executable.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace notifybridge::system {

BOOST_AUTO_TEST_SUITE(executable)

BOOST_AUTO_TEST_CASE(only_a_regular_file_with_the_x_bit_is_executable) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/file";
    BOOST_TEST(why_not_executable(path) == ENOENT);
    std::ofstream(path) << "#!/bin/sh";
    BOOST_TEST(why_not_executable(path) == EACCES);
    BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0755) == 0);
    BOOST_TEST(is_executable(path));
    BOOST_TEST(why_not_executable(directory.path()) == EISDIR);
    BOOST_TEST(why_not_executable("/dev/null") == EINVAL);
    BOOST_TEST(why_not_executable(path + "/below") == ENOTDIR);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
