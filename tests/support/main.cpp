// Defines the main function of every test executable.
#define BOOST_TEST_MODULE notifybridge
#include <boost/test/unit_test.hpp>
