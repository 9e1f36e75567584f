#include "base/system/error.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

namespace notifybridge::system {

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(an_error_names_the_call_the_object_and_the_reason) {
    try {
        throw_error(EADDRINUSE, "bind", "/run/x.sock");
    } catch (const std::system_error& error) {
        BOOST_TEST(error.code().value() == EADDRINUSE);
        BOOST_TEST(error.what() == R"(bind "/run/x.sock": Address already in use)");
    }
}

BOOST_AUTO_TEST_CASE(errors_have_the_code_of_errno) {
    errno = EACCES;
    BOOST_TEST(last_error().value() == EACCES);
    BOOST_CHECK_EXCEPTION(throw_errno("clone"), std::system_error,
                          [](const std::system_error& error) {
                              return std::string(error.what()) == "clone: Permission denied";
                          });
}

BOOST_AUTO_TEST_CASE(control_characters_in_an_error_are_escaped) {
    BOOST_CHECK_EXCEPTION(throw_error(ENOENT, "open", "a\x1B[2Jb"), std::system_error,
                          [](const std::system_error& error) {
                              return std::string(error.what()).find('\x1B') == std::string::npos;
                          });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
