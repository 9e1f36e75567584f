#include "base/notify/assignments.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::notify {
namespace {

using Texts = std::vector<std::string>;

Announcement everything() {
    Announcement announcement;
    announcement.reloading = true;
    announcement.ready = true;
    announcement.stopping = true;
    announcement.status = "up";
    announcement.main_pid = 42;
    announcement.main_pidfd_id = 4711;
    announcement.stores_fds = true;
    announcement.fd_name = "log";
    return announcement;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(assignments_of_options)

BOOST_AUTO_TEST_CASE(options_are_sent_in_the_order_of_systemd_notify) {
    const Texts wanted = {"RELOADING=1",      "MONOTONIC_USEC=123", "READY=1",
                          "STOPPING=1",       "STATUS=up",          "MAINPID=42",
                          "MAINPIDFDID=4711", "FDSTORE=1",          "FDNAME=log"};
    BOOST_TEST(assignments(everything(), 123) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_options_no_assignment_is_sent) {
    BOOST_TEST(Announcement().empty());
    BOOST_TEST(assignments({}, 123).empty());
}

BOOST_AUTO_TEST_CASE(an_empty_value_of_the_option_status_is_sent) {
    Announcement announcement;
    announcement.status = "";
    BOOST_TEST(!announcement.empty());
    BOOST_TEST(assignments(announcement, 0) == Texts{"STATUS="}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_pidfd_id_only_mainpid_is_sent) {
    Announcement announcement;
    announcement.main_pid = 42;
    BOOST_TEST(assignments(announcement, 0) == Texts{"MAINPID=42"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_operand_replaces_an_option_with_the_same_variable) {
    const Texts operands = {"STATUS=operand", "X_A=1"};
    const Texts wanted = {"READY=1", "STATUS=operand", "X_A=1"};
    BOOST_TEST(combine({"READY=1", "STATUS=option"}, operands) == wanted,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_operand_for_a_variable_counts) {
    const Texts operands = {"X_A=1", "X_B=1", "X_A=2"};
    const Texts wanted = {"X_A=2", "X_B=1"};
    BOOST_TEST(combine({}, operands) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(variables_with_a_common_prefix_are_different) {
    const Texts operands = {"WATCHDOG_USEC=1", "WATCHDOG=1", "READY"};
    const Texts wanted = {"READY=1", "WATCHDOG_USEC=1", "WATCHDOG=1", "READY"};
    BOOST_TEST(combine({"READY=1"}, operands) == wanted, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(an_unfinished_escape_at_the_end_is_found,
                     boost::unit_test::data::make(Texts{"STATUS=a\\", "\\", "STATUS=a\\\\\\",
                                                        "STATUS=\\n\\"}),
                     text) {
    BOOST_TEST(ends_in_escape(text));
}

BOOST_DATA_TEST_CASE(a_complete_escape_at_the_end_is_not_unfinished,
                     boost::unit_test::data::make(Texts{"", "STATUS=a", "STATUS=a\\\\", "\\\\",
                                                        "STATUS=a\\b"}),
                     text) {
    BOOST_TEST(!ends_in_escape(text));
}

BOOST_DATA_TEST_CASE(a_valid_name_for_descriptors_is_accepted,
                     boost::unit_test::data::make(Texts{"", "log", "a b~", std::string(255, 'x')}),
                     name) {
    BOOST_TEST(is_fd_name(name));
}

BOOST_DATA_TEST_CASE(an_invalid_name_for_descriptors_is_refused,
                     boost::unit_test::data::make(Texts{"a:b", "a\nb", "\x7f", "\xc3\xbc",
                                                        std::string(256, 'x')}),
                     name) {
    BOOST_TEST(!is_fd_name(name));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
