// The main function of every test executable is Boost.Test's, which calls this function. Defining
// BOOST_TEST_MODULE has no effect here, because the precompiled header includes Boost.Test first.
#include <boost/test/unit_test.hpp>

boost::unit_test::test_suite* init_unit_test_suite(int /*argc*/, char* /*argv*/[]) {
    boost::unit_test::framework::master_test_suite().p_name.value = "notifybridge";
    return nullptr;
}
