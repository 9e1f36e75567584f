#include "bridge/relay/policy.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/escape.hpp"
#include "bridge/relay/decision.hpp"

using namespace std::string_literals;

namespace notifybridge::relay {
namespace {

using Keys = std::vector<std::string>;

Decision decided(const Policy& policy, std::string_view datagram, bool fds_cross = false) {
    const auto message = notify::parse(datagram);
    BOOST_TEST_REQUIRE(message.has_value());
    Facts facts;
    facts.fds_cross = fds_cross;
    return decide(datagram, *message, policy, facts);
}

struct Row {
    std::string datagram;
    std::string sent;
    Keys refused;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << util::quote(row.datagram);
    }
};

// The default rules. The first rows contain assignments that must never pass.
const Row rows[] = {
    {"STATUS=x\rMAINPID=1", "STATUS=x", {"MAINPID"}},
    {"STATUS=x\r\nMAINPID=1\r\n", "STATUS=x", {"MAINPID"}},
    {"MA\\INPID=12", "", {"MAINPID"}},
    {"\\M\\A\\I\\N\\P\\I\\D=12\nREADY=1", "READY=1", {"MAINPID"}},
    {"X_A=1\nMAINPID=1\nNOTIFYACCESS=all\nX_B=2", "X_A=1\nX_B=2", {"MAINPID", "NOTIFYACCESS"}},
    {"STATUS=a\\\nMAINPID=1", "STATUS=a\\\nMAINPID=1", {}},
    {"STATUS=a\\\nMAINPID=1\nMAINPID=2", "STATUS=a\\\nMAINPID=1", {"MAINPID"}},
    // If nothing is refused, no byte changes.
    {"READY=1", "READY=1", {}},
    {"\n\nREADY=1\r\rSTATUS=a\\b\\\\\n", "\n\nREADY=1\r\rSTATUS=a\\b\\\\\n", {}},
    {"READY=1\0"s, "READY=1\0"s, {}},
    {"STATUS=1\nSTATUS=2", "STATUS=1\nSTATUS=2", {}},
    {"READY=0", "READY=0", {}},
    // The next rows contain every key of sd_notify(3).
    {"RELOADING=1\nMONOTONIC_USEC=5", "RELOADING=1\nMONOTONIC_USEC=5", {}},
    {"STOPPING=1\nERRNO=2\nBUSERROR=a.b\nVARLINKERROR=a.b",
     "STOPPING=1\nERRNO=2\nBUSERROR=a.b\nVARLINKERROR=a.b",
     {}},
    {"EXIT_STATUS=3", "EXIT_STATUS=3", {}},
    {"WATCHDOG=1", "WATCHDOG=1", {}},
    {"WATCHDOG=trigger", "WATCHDOG=trigger", {}},
    {"WATCHDOG_USEC=5", "WATCHDOG_USEC=5", {}},
    {"EXTEND_TIMEOUT_USEC=5", "EXTEND_TIMEOUT_USEC=5", {}},
    {"X_SYSTEMD_UNIT_ACTIVE=a.target", "X_SYSTEMD_UNIT_ACTIVE=a.target", {}},
    {"MAINPIDFD=1\nMAINPIDFDID=7", "", {"MAINPIDFD", "MAINPIDFDID"}},
    {"FDSTORE=1\nFDNAME=a\nFDPOLL=0", "", {"FDSTORE", "FDNAME", "FDPOLL"}},
    {"FDSTOREREMOVE=1\nFDNAME=a", "", {"FDSTOREREMOVE", "FDNAME"}},
    {"RESTART_RESET=1", "", {"RESTART_RESET"}},
    {"BARRIER=1", "", {"BARRIER"}},
    {"SOMETHING=1", "", {"SOMETHING"}},
    {" READY=1", "", {" READY"}},
    {"READY", "", {"READY"}},
    {"=1", "", {""}},
};

const char* const fd_store = "FDSTORE=1\nFDNAME=a";

}  // namespace

BOOST_AUTO_TEST_SUITE(policy)

BOOST_DATA_TEST_CASE(only_refused_lines_are_removed_from_a_message, rows, row) {
    const auto passed = decided(Policy(), row.datagram);
    BOOST_TEST(passed.text == row.sent);
    BOOST_TEST(passed.refused == row.refused, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_filtered_message_parses_to_the_allowed_keys, rows, row) {
    const auto passed = decided(Policy(), row.datagram);
    if (passed.text.empty())
        return;
    const auto sent = notify::parse(passed.text);
    BOOST_REQUIRE(sent.has_value());
    for (const notify::Tag& tag : sent->tags())
        BOOST_TEST(Policy().passes(tag, false));
    BOOST_TEST(sent->tags().size() + row.refused.size()
               == notify::parse(row.datagram)->tags().size());
}

BOOST_AUTO_TEST_CASE(an_option_can_allow_a_key) {
    Policy policy;
    policy.allow("MAINPID");
    policy.allow("SOMETHING");
    BOOST_TEST(decided(policy, "MA\\INPID=1\nSOMETHING=2").refused.empty());
    BOOST_TEST(decided(policy, "MAINPIDFD=1\nSOMETHINGELSE=2").text == "");
}

BOOST_AUTO_TEST_CASE(an_option_can_deny_a_key) {
    Policy policy;
    policy.deny("WATCHDOG");
    policy.deny("X_");
    BOOST_TEST(decided(policy, "WATCHDOG=trigger\nX_A=1\nWATCHDOG_USEC=1").text
               == "WATCHDOG_USEC=1");
}

BOOST_AUTO_TEST_CASE(the_last_option_for_a_key_counts) {
    Policy policy;
    policy.deny("STATUS");
    policy.allow("STATUS");
    policy.allow("MAINPID");
    policy.deny("MAINPID");
    BOOST_TEST(decided(policy, "STATUS=x\nMAINPID=1").text == "STATUS=x");
}

BOOST_AUTO_TEST_CASE(a_barrier_is_never_forwarded_as_a_message) {
    Policy policy;
    policy.allow("BARRIER");
    BOOST_TEST(decided(policy, "BARRIER=1").text == "");
}

BOOST_AUTO_TEST_CASE(messages_with_descriptors_need_the_descriptor_socket) {
    const auto needs = [](std::string_view datagram, std::size_t fds) {
        return needs_lane(*notify::parse(datagram), fds);
    };
    BOOST_TEST(needs("FDSTORE=1", 1));
    BOOST_TEST(!needs("FDSTORE=1", 0));
    BOOST_TEST(!needs("READY=1", 1));
    BOOST_TEST(needs("FDSTOREREMOVE=1\nFDNAME=a", 0));
}

BOOST_AUTO_TEST_CASE(the_policy_allows_descriptor_keys_with_descriptors) {
    const auto passed = decided(Policy(), fd_store, true);
    BOOST_TEST(passed.text == fd_store);
    BOOST_TEST(passed.concerns_fds);
    BOOST_TEST(!decided(Policy(), "READY=1", true).concerns_fds);
    BOOST_TEST(!decided(Policy(), fd_store, false).concerns_fds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
