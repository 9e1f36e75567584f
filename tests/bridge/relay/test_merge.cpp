#include "bridge/relay/merge.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::relay {
namespace {

struct Item {
    Mergeable mergeable;
    std::string text;
};

using Texts = std::vector<std::string>;

/// Returns the queue after all these datagrams have arrived in a flood.
Texts flooded(const Texts& datagrams) {
    std::deque<Item> queue;
    for (const std::string& datagram : datagrams) {
        Item item{mergeable(*notify::parse(datagram)), datagram};
        if (!merge_into_tail(queue, item))
            queue.push_back(std::move(item));
    }
    Texts texts;
    for (const Item& item : queue)
        texts.push_back(item.text);
    return texts;
}

void check(const Texts& datagrams, const Texts& wanted) {
    BOOST_TEST(flooded(datagrams) == wanted, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merging)

BOOST_AUTO_TEST_CASE(a_newer_status_replaces_an_older_status) {
    check({"STATUS=1", "STATUS=2", "STATUS="}, {"STATUS="});
}

BOOST_AUTO_TEST_CASE(watchdog_pings_merge_into_one) {
    check({"WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"}, {"WATCHDOG=1"});
}

BOOST_AUTO_TEST_CASE(statuses_and_pings_keep_their_order) {
    check({"STATUS=1", "WATCHDOG=1", "STATUS=2", "WATCHDOG=1"}, {"STATUS=2", "WATCHDOG=1"});
}

BOOST_AUTO_TEST_CASE(messages_do_not_merge_if_another_is_between_them) {
    check({"STATUS=1", "X_A=1", "STATUS=2"}, {"STATUS=1", "X_A=1", "STATUS=2"});
    check({"WATCHDOG=1", "READY=1", "WATCHDOG=1"}, {"WATCHDOG=1", "READY=1", "WATCHDOG=1"});
    check({"STATUS=1", "WATCHDOG=1", "X_A=1", "STATUS=2", "WATCHDOG=1"},
          {"STATUS=1", "WATCHDOG=1", "X_A=1", "STATUS=2", "WATCHDOG=1"});
}

BOOST_AUTO_TEST_CASE(only_messages_with_a_single_assignment_merge) {
    check({"STATUS=1", "STATUS=2\nREADY=1", "STATUS=3"},
          {"STATUS=1", "STATUS=2\nREADY=1", "STATUS=3"});
    check({"WATCHDOG=trigger", "WATCHDOG=1", "WATCHDOG=trigger"},
          {"WATCHDOG=trigger", "WATCHDOG=1", "WATCHDOG=trigger"});
    check({"X_A=1", "X_A=1"}, {"X_A=1", "X_A=1"});
}

BOOST_AUTO_TEST_CASE(an_invalid_status_also_merges_with_a_newer_status) {
    check({"STATUS=1", "STATUS=\xff"}, {"STATUS=\xff"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
