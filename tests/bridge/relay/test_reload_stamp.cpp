#include "bridge/relay/reload_stamp.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::relay {
namespace {

// An hour after boot, and 20 ms later.
constexpr system::Moment received{1'700'000'000'000'000, 3'600'000'000};
constexpr system::Moment now{received.realtime + 20'000, received.monotonic + 20'000};
// The same moment in a virtual machine that was booted a minute ago.
constexpr system::Moment received_elsewhere{received.realtime, 60'000'000};

}  // namespace

BOOST_AUTO_TEST_SUITE(reload)

BOOST_AUTO_TEST_CASE(a_time_that_the_app_forgot_is_that_of_its_message) {
    BOOST_TEST(stamp_reload("RELOADING=1\nSTATUS=again", received, now)
               == "RELOADING=1\nSTATUS=again\nMONOTONIC_USEC=3600000000");
}

BOOST_AUTO_TEST_CASE(the_apps_own_time_passes_untouched) {
    const std::string datagram = "\nRELOADING=1\rMONOTONIC_USEC=7\n";
    BOOST_TEST(stamp_reload(datagram, received, now) == datagram);
}

BOOST_AUTO_TEST_CASE(a_time_that_systemd_cannot_read_is_none) {
    BOOST_TEST(stamp_reload("RELOADING=1\nMONOTONIC_USEC=now\nMONOTONIC_USEC=7", received, now)
               == "RELOADING=1\nMONOTONIC_USEC=3600000000");
}

BOOST_AUTO_TEST_CASE(a_time_of_another_clock_is_replaced_by_ours) {
    BOOST_TEST(stamp_reload("MONOTONIC_USEC=60000000\nRELOADING=1", received_elsewhere, now)
               == "RELOADING=1\nMONOTONIC_USEC=3600020000");
}

BOOST_AUTO_TEST_CASE(what_is_no_reload_stays_as_it_is) {
    for (const std::string datagram : {"READY=1", "RELOADING=0", "STATUS=RELOADING=1", "X_A=\\"})
        BOOST_TEST(stamp_reload(datagram, received_elsewhere, now) == datagram);
}

BOOST_AUTO_TEST_CASE(a_datagram_that_would_be_too_long_stays_as_it_is) {
    const std::string datagram = "RELOADING=1\nSTATUS=" + std::string(4070, 'x');
    BOOST_TEST(stamp_reload(datagram, received, now) == datagram);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
