#include "init/hands/output/logged_message.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "init/hands/output/message_limit.hpp"

namespace notifybridge::output {
namespace {

std::string shown(const LoggedMessage& message) {
    return std::to_string(static_cast<int>(message.severity)) + '|'
           + std::string(message.identifier) + '|' + std::string(message.text);
}

std::string syslog(std::string_view datagram) {
    return shown(parse_syslog(datagram));
}

std::string entries(std::string_view datagram) {
    std::string all;
    const bool is_good = parse_journal_entries(
        datagram, [&](const LoggedMessage& message) { all += shown(message) + ' '; });
    return all + (is_good ? "good" : "bad");
}

std::string sized(std::string_view name, std::string_view value) {
    std::string field = std::string(name) + '\n';
    for (std::size_t at = 0; at < 8; ++at)
        field += static_cast<char>(value.size() >> (8 * at) & 0xff);
    return field + std::string(value) + '\n';
}

std::vector<std::string> lines(const LoggedMessage& message) {
    std::vector<std::string> all;
    for_each_line(message, [&](std::string_view line) { all.emplace_back(line); });
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(syslog_messages)

BOOST_AUTO_TEST_CASE(a_syslog_message_of_glibc_is_read) {
    BOOST_TEST(syslog("<86>Nov  5 14:18:21 sshd[12]: Failed password") == "3|sshd|Failed password");
    BOOST_TEST(syslog("<11>Nov 25 14:18:21 app: no: good") == "0|app|no: good");
    BOOST_TEST(syslog("<0>app: dead") == "0|app|dead");
    BOOST_TEST(syslog("<12>app: x") == "1|app|x");
    BOOST_TEST(syslog("<13>app: x") == "2|app|x");
    BOOST_TEST(syslog("<191>app:  indented") == "4|app| indented");
}

BOOST_AUTO_TEST_CASE(a_syslog_message_may_consist_of_text_alone) {
    BOOST_TEST(syslog("hello") == "3||hello");
    BOOST_TEST(syslog("hello world: no identifier") == "3||hello world: no identifier");
    BOOST_TEST(syslog("<13>Nov 25 14:18:21 hello") == "2||hello");
    BOOST_TEST(syslog("<13>2026-11-25T14:18:21.5+01:00 app: x") == "2|app|x");
    BOOST_TEST(syslog("app[x]:") == "3|app|");
    BOOST_TEST(syslog("") == "3||");
}

BOOST_AUTO_TEST_CASE(an_invalid_header_of_a_syslog_message_is_kept_as_text) {
    BOOST_TEST(syslog("<>x") == "3||<>x");
    BOOST_TEST(syslog("<1234>x") == "3||<1234>x");
    BOOST_TEST(syslog("<13") == "3||<13");
    BOOST_TEST(syslog(": x") == "3||: x");
}

BOOST_AUTO_TEST_CASE(lines_of_a_syslog_message_begin_with_its_identifier) {
    const auto two = lines({util::Severity::info, "app", "one\ntwo  \n\n"});
    BOOST_TEST(two == (std::vector<std::string>{"app: one", "app: two"}),
               boost::test_tools::per_element());
    BOOST_TEST(lines({util::Severity::info, {}, "a\0b"}).size() == 1U);
    BOOST_TEST(lines({util::Severity::info, {}, std::string(65536, 'x')}).size() == 2U);
    BOOST_TEST(lines({}).empty());
}

// The texts are those of pam_limits 1.5.2 and 1.7.0.
BOOST_AUTO_TEST_CASE(only_the_limits_of_a_mark_are_about_the_mark) {
    const auto is_mark = [](std::string_view datagram) {
        return is_about_mark(parse_syslog(datagram));
    };
    constexpr std::string_view end = "soft=-1, hard=-1: Operation not permitted; uid=0,euid=0";
    for (const std::string_view limit : {"rss", "locks"})
        BOOST_TEST(
            is_mark(util::concat("<83>Nov 25 14:18:21 CRON[7]: pam_limits(cron:session): "
                                 "Could not set limit for '",
                                 limit, "' to ", end)));
    for (const std::string_view other :
         {"pam_limits(cron:session): Could not set limit for 'nofile' to ",
          "pam_limits(cron:session): Could not set limit for 'rss", "pam_limits(rss",
          "x pam_limits(cron:session): Could not set limit for 'rss' to "})
        BOOST_TEST(!is_mark(util::concat("<83>CRON[7]: ", other, end)));
    BOOST_TEST(
        !is_mark("<83>CRON[7]: pam_limits(cron:session): Could not set limit for 'rss' to "
                 "soft=1, hard=0: Invalid argument; uid=0,euid=0"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(journal_entries)

BOOST_AUTO_TEST_CASE(fields_of_a_journal_entry_are_read) {
    BOOST_TEST(entries("MESSAGE=hello\nPRIORITY=4\nSYSLOG_IDENTIFIER=app\nCODE_LINE=1\n")
               == "1|app|hello good");
    BOOST_TEST(entries("MESSAGE=a=b") == "3||a=b good");
    BOOST_TEST(entries("PRIORITY=9\nMESSAGE=x\n") == "3||x good");
    BOOST_TEST(entries("PRIORITY=3\n") == "good");
    BOOST_TEST(entries("") == "good");
}

BOOST_AUTO_TEST_CASE(a_journal_field_with_a_size_may_have_any_bytes) {
    BOOST_TEST(entries(sized("MESSAGE", "one\ntwo") + "PRIORITY=3\n") == "0||one\ntwo good");
    BOOST_TEST(entries(sized("OTHER", "") + "MESSAGE=x\n") == "3||x good");
}

BOOST_AUTO_TEST_CASE(a_datagram_may_have_several_journal_entries) {
    BOOST_TEST(entries("MESSAGE=one\nPRIORITY=3\n\nMESSAGE=two\n") == "0||one 3||two good");
}

BOOST_AUTO_TEST_CASE(an_incomplete_journal_field_ends_the_datagram) {
    BOOST_TEST(entries("MESSAGE=one\n\nMESSAGE") == "3||one bad");
    BOOST_TEST(entries("MESSAGE\n\1\0\0") == "bad");
    std::string huge = sized("MESSAGE", "text");
    huge[15] = '\x7f';
    BOOST_TEST(entries(huge) == "bad");
    std::string cut = sized("MESSAGE", "text");
    cut.pop_back();
    BOOST_TEST(entries(cut) == "bad");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(message_limit)

BOOST_AUTO_TEST_CASE(a_flood_of_messages_is_limited_for_each_sender) {
    MessageLimit limit;
    const std::uint64_t now = 1'000'000'000;
    std::size_t dropped = 0;
    for (std::size_t count = 0; count < MessageLimit::burst; ++count)
        BOOST_TEST_REQUIRE(limit.sender("a", now, dropped).allows_line());
    BOOST_TEST(limit.sender("a", now, dropped).is_at_limit());
    BOOST_TEST(!limit.sender("a", now + 1, dropped).allows_line());
    limit.sender("a", now + MessageLimit::interval - 1, dropped).drop_line();
    BOOST_TEST(limit.sender("b", now, dropped).allows_line());
    BOOST_TEST(dropped == 0U);
    BOOST_TEST(limit.sender("a", now + MessageLimit::interval, dropped).allows_line());
    BOOST_TEST(dropped == 2U);
    limit.sender("a", now + MessageLimit::interval, dropped);
    BOOST_TEST(dropped == 0U);
}

BOOST_AUTO_TEST_CASE(a_sender_that_was_forgotten_has_a_new_message_limit) {
    MessageLimit limit;
    std::size_t dropped = 0;
    for (std::size_t count = 0; count <= MessageLimit::burst; ++count)
        limit.sender("a", 5, dropped).allows_line();
    limit.forget("a");
    BOOST_TEST(limit.sender("a", 5, dropped).allows_line());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::output
