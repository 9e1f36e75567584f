#include "bridge/relay/reasons.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::relay {
namespace {

using Fate = Reasons::Fate;

struct Recorded : Reasons {
    struct Entry {
        Fate fate;
        std::string what;
        std::string why;
    };

    std::vector<Entry> entries;

    void add(Fate fate, std::string_view what, std::string_view why) override {
        entries.push_back({fate, std::string(what), std::string(why)});
    }

    /// Whether there is this one, for a reason that has `words` in it.
    bool has(Fate fate, std::string_view what, std::string_view words) const {
        for (const Entry& entry : entries)
            if (entry.fate == fate && entry.what == what
                && entry.why.find(words) != std::string::npos)
                return true;
        return false;
    }
};

struct Explained {
    Recorded reasons;
    Policy policy;

    void explain(std::string_view datagram, std::string_view sent) {
        explain_passage(&reasons, policy, datagram, *notify::parse(datagram), sent);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reasons_of_what_is_done, Explained)

BOOST_AUTO_TEST_CASE(each_assignment_has_its_rule) {
    policy.allow("NOTIFYACCESS");
    policy.deny("STATUS");
    explain("READY=1\nSTATUS=x\nNOTIFYACCESS=all\nMA\\INPID=7\nRESTART_RESET=1\nFOO=1\nplain", "");
    BOOST_TEST(reasons.has(Fate::forwarded, "READY=1", "by default"));
    BOOST_TEST(reasons.has(Fate::dropped, "STATUS=x", "--deny"));
    BOOST_TEST(reasons.has(Fate::forwarded, "NOTIFYACCESS=all", "allowed"));
    BOOST_TEST(reasons.has(Fate::dropped, "MA\\INPID=7", "another process"));
    BOOST_TEST(reasons.has(Fate::dropped, "RESTART_RESET=1", "--allow"));
    BOOST_TEST(reasons.has(Fate::dropped, "FOO=1", "not of sd_notify"));
    BOOST_TEST(reasons.has(Fate::dropped, "plain", "no key"));
    BOOST_TEST(reasons.entries.size() == 7u);
}

BOOST_AUTO_TEST_CASE(descriptors_pass_where_they_cross) {
    explain("FDSTORE=1", "");
    BOOST_TEST(reasons.has(Fate::dropped, "FDSTORE=1", "cross"));
    policy.let_fds_cross(true);
    explain("FDSTORE=1", "FDSTORE=1");
    BOOST_TEST(reasons.has(Fate::forwarded, "FDSTORE=1", "by default"));
}

BOOST_AUTO_TEST_CASE(a_barrier_beside_others_is_none) {
    explain("READY=1\nBARRIER=1", "");
    BOOST_TEST(reasons.has(Fate::dropped, "BARRIER=1", "alone"));
}

BOOST_AUTO_TEST_CASE(what_is_sent_is_said_where_it_is_not_what_came) {
    explain("READY=1", "READY=1");
    BOOST_TEST(reasons.entries.size() == 1u);
    explain("RELOADING=1", "RELOADING=1\nMONOTONIC_USEC=5");
    BOOST_TEST(reasons.has(Fate::changed, "RELOADING=1", "MONOTONIC_USEC=5"));
}

BOOST_AUTO_TEST_CASE(a_message_that_is_dropped_whole_has_its_reason) {
    explain_drop(&reasons, "x\\", notify::DropReason::trailing_backslash);
    BOOST_TEST(reasons.has(Fate::dropped, "x\\", "backslash"));
}

BOOST_AUTO_TEST_CASE(nobody_needs_to_be_told) {
    explain_passage(nullptr, policy, "READY=1", *notify::parse("READY=1"), "READY=1");
    explain_drop(nullptr, "x", notify::DropReason::empty);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
