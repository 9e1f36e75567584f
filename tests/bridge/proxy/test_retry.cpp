#include "bridge/proxy/retry.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::proxy {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(retry)

BOOST_AUTO_TEST_CASE(a_connection_refused_before_the_first_accept_is_retried) {
    for (const int error : {ECONNREFUSED, ENOENT}) {
        BOOST_TEST(retries_connect(error, false, 0s));
        BOOST_TEST(retries_connect(error, false, connect_patience - 1us));
        BOOST_TEST(!retries_connect(error, false, connect_patience));
        BOOST_TEST(!retries_connect(error, true, 0s));
    }
}

BOOST_AUTO_TEST_CASE(a_connection_to_a_full_backlog_is_retried) {
    BOOST_TEST(retries_connect(EAGAIN, true, 0s));
    BOOST_TEST(!retries_connect(EAGAIN, true, connect_patience));
}

BOOST_AUTO_TEST_CASE(errors_other_than_refused_or_full_are_not_retried) {
    for (const int error : {EACCES, ENETUNREACH, EMFILE, EPROTOTYPE})
        BOOST_TEST(!retries_connect(error, false, 0s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
