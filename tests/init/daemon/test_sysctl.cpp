#include "init/daemon/sysctl.hpp"

#include <boost/test/unit_test.hpp>

#include "base/system/file.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::daemon {
namespace {

/// Returns the content of a parameter's file after `raise_sysctl` with the minimum 512.
std::string raised(const std::string& before) {
    const test::TemporaryDirectory directory;
    directory.write("parameter", before);
    raise_sysctl(directory.path("parameter"), 512);
    return system::text_of(directory.path("parameter"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sysctl)

BOOST_AUTO_TEST_CASE(a_kernel_parameter_with_a_low_value_is_raised) {
    BOOST_TEST(raised("10\n") == "512\n");
    BOOST_TEST(raised("511\n") == "512\n");
}

BOOST_AUTO_TEST_CASE(a_kernel_parameter_with_a_high_or_invalid_value_is_kept) {
    for (const char* const text : {"512\n", "1000\n", "", "ten\n", "-1\n"})
        BOOST_TEST(raised(text) == text);
    raise_sysctl("/no/such/parameter", 512);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::daemon
