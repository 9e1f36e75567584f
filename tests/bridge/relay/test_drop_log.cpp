#include "bridge/relay/drop_log.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "support/log_records.hpp"

namespace notifybridge::relay {
namespace {

using notify::DropReason;
using util::Severity;

constexpr system::Credentials sender{42, 1000, 1000};

system::Moment at_usec(std::uint64_t monotonic) {
    return {1'700'000'000'000'000 + monotonic, monotonic};
}

struct Logged {
    test::LogRecords records{Severity::debug};
    DropLog log;

    void add(DropReason reason, std::uint64_t usec) { log.add(reason, sender, at_usec(usec)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(drop_log, Logged)

BOOST_AUTO_TEST_CASE(a_drop_is_logged_with_its_sender_and_its_reason) {
    log.add(DropReason::too_long, sender, at_usec(5));
    BOOST_TEST(records.texts().size() == 1u);
    BOOST_TEST(records.has("pid 42"));
    BOOST_TEST(records.has("uid 1000"));
    BOOST_TEST(records.has("longer than 4096"));
}

BOOST_AUTO_TEST_CASE(an_unknown_sender_of_a_dropped_message_is_not_named) {
    log.add(DropReason::too_long, system::Credentials(), at_usec(5));
    BOOST_TEST(records.has("a message is longer than 4096 bytes"));
}

BOOST_AUTO_TEST_CASE(a_harmless_drop_is_not_logged_as_a_warning) {
    test::LogRecords warnings(Severity::warning);
    add(DropReason::empty, 5);
    add(DropReason::refused_key, 5);
    BOOST_TEST(warnings.texts().empty());
    add(DropReason::too_long, 5);
    BOOST_TEST(warnings.texts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(each_drop_reason_is_logged_at_most_once_a_second) {
    add(DropReason::too_long, 5'000'000);
    add(DropReason::too_long, 5'000'001);
    add(DropReason::too_long, 5'999'999);
    BOOST_TEST(records.texts().size() == 1u);
    add(DropReason::embedded_nul, 5'999'999);
    BOOST_TEST(records.texts().size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_next_log_record_counts_the_unlogged_drops) {
    add(DropReason::too_long, 5'000'000);
    add(DropReason::too_long, 5'100'000);
    add(DropReason::too_long, 5'200'000);
    add(DropReason::too_long, 6'000'000);
    BOOST_TEST(records.texts().size() == 2u);
    BOOST_TEST(records.has("2 more"));
    add(DropReason::too_long, 7'000'000);
    BOOST_TEST(records.texts().size() == 3u);
    BOOST_TEST(records.texts().back().find("more") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_drop_log_counts_all_drops) {
    for (std::uint64_t usec = 1; usec <= 100; ++usec)
        add(DropReason::bad_barrier, usec);
    BOOST_TEST(log.counters().count(DropReason::bad_barrier) == 100u);
    BOOST_TEST(log.counters().count(DropReason::empty) == 0u);
}

BOOST_AUTO_TEST_CASE(the_log_names_the_refused_part_of_a_message) {
    log.add(DropReason::refused_key, sender, at_usec(5), "MAINPID");
    BOOST_TEST(records.has(": \"MAINPID\""));
}

BOOST_AUTO_TEST_CASE(a_message_with_several_refused_lines_counts_once) {
    log.add_refused({}, sender, at_usec(4));
    log.add_refused({"MAINPID", "FDSTORE"}, sender, at_usec(5));
    log.add_refused({"MAINPID"}, sender, at_usec(6));
    BOOST_TEST(log.counters().count(DropReason::refused_key) == 2u);
    BOOST_TEST(log.counters().refused_keys() == "MAINPID FDSTORE");
    BOOST_TEST(records.has(": \"MAINPID, FDSTORE\""));
}

BOOST_AUTO_TEST_CASE(the_drop_log_keeps_a_limited_number_of_valid_keys) {
    log.add_refused({"", "a key", "\x1b[31m", std::string(33, 'K')}, sender, at_usec(5));
    BOOST_TEST(log.counters().refused_keys().empty());
    for (int number = 0; number < 1000; ++number)
        log.add_refused({"KEY" + std::to_string(number)}, sender, at_usec(6));
    BOOST_TEST(log.counters().refused_keys().starts_with("KEY0 KEY1 "));
    BOOST_TEST(log.counters().refused_keys().size() <= 256u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
