#include "bridge/wrap/signal_inbox.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::wrap {
namespace {

using Signals = std::vector<int>;

channel::HostFacts host_with(channel::SignalList signals) {
    channel::HostFacts host;
    host.pid = 7;
    host.attached_usec = 1000;
    host.signals = std::move(signals);
    return host;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signal_inbox)

BOOST_AUTO_TEST_CASE(each_signal_is_taken_once_even_if_a_host_file_was_missed) {
    SignalInbox inbox;
    BOOST_TEST((inbox.take(host_with({})) == Signals{}));
    BOOST_TEST((inbox.take(host_with({{1, SIGHUP}})) == Signals{SIGHUP}));
    BOOST_TEST((inbox.take(host_with({{1, SIGHUP}})) == Signals{}));
    const auto host = host_with({{1, SIGHUP}, {2, SIGHUP}, {3, SIGTERM}});
    BOOST_TEST((inbox.take(host) == Signals{SIGHUP, SIGTERM}));
    BOOST_TEST((inbox.take(host) == Signals{}));
}

BOOST_AUTO_TEST_CASE(the_next_wait_numbers_signals_from_one) {
    SignalInbox inbox;
    inbox.take(host_with({{5, SIGHUP}}));
    auto host = host_with({{1, SIGHUP}});
    BOOST_TEST((inbox.take(host) == Signals{}));
    host.attached_usec = 2000;
    BOOST_TEST((inbox.take(host) == Signals{SIGHUP}));
    host.pid = 8;
    BOOST_TEST((inbox.take(host) == Signals{SIGHUP}));
    BOOST_TEST((inbox.take(host) == Signals{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
