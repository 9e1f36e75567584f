#include "init/hands/perform/owned_pids.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::perform {
namespace {

using Pids = std::vector<pid_t>;

std::string owner(const OwnedPids& pids, pid_t pid, std::optional<std::uint64_t> start_time) {
    const std::string* const unit = pids.owner_of(pid, start_time);
    return unit ? *unit : "not known";
}

Pids pids_of(const OwnedPids& pids, std::string_view unit) {
    Pids found;
    pids.any_of(unit, [&](pid_t pid) {
        found.push_back(pid);
        return false;
    });
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(owned_pids)

BOOST_AUTO_TEST_CASE(a_reused_pid_does_not_belong_to_the_unit) {
    OwnedPids pids;
    pids.add(10, 100, "a");
    pids.add(11, 0, "b");
    pids.add(12, 120, "");
    BOOST_TEST(owner(pids, 10, 100) == "a");
    BOOST_TEST(owner(pids, 10, 101) == "not known");
    BOOST_TEST(owner(pids, 10, std::nullopt) == "a");
    // The start time of this process is not known.
    BOOST_TEST(owner(pids, 11, 7) == "b");
    BOOST_TEST(owner(pids, 12, 120) == "");
    BOOST_TEST(owner(pids, 13, 100) == "not known");
    BOOST_TEST(pids.start_time_of(12) == 120u);
    BOOST_TEST(pids.start_time_of(13) == 0u);
    pids.add(10, 101, "b");
    BOOST_TEST(owner(pids, 10, 101) == "b");
    BOOST_TEST((pids_of(pids, "b") == Pids{10, 11}));
    BOOST_TEST(pids_of(pids, "a").empty());
    BOOST_TEST(pids.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_removed_pid_has_no_owner) {
    OwnedPids pids;
    for (const pid_t pid : {10, 11, 12, 13})
        pids.add(pid, 1, pid < 12 ? "a" : "b");
    pids.remove(10);
    pids.remove(99);
    BOOST_TEST((pids_of(pids, "a") == Pids{11}));
    pids.remove_all_of("b");
    pids.remove_all_of("c");
    BOOST_TEST(owner(pids, 12, 1) == "not known");
    pids.add(14, 1, "c");
    pids.remove_others({1, 14, 15});
    BOOST_TEST(pids.size() == 1u);
    BOOST_TEST(pids_of(pids, "a").empty());
    BOOST_TEST(owner(pids, 14, 1) == "c");
}

BOOST_AUTO_TEST_CASE(the_search_for_a_pid_stops_at_the_first_match) {
    OwnedPids pids;
    for (pid_t pid = 10; pid < 20; ++pid)
        pids.add(pid, 1, pid == 15 ? "b" : "a");
    Pids seen;
    const auto is_13 = [&](pid_t pid) {
        seen.push_back(pid);
        return pid == 13;
    };
    BOOST_TEST(pids.any_of("a", is_13));
    BOOST_TEST((seen == Pids{10, 11, 12, 13}));
    BOOST_TEST(!pids.any_of("b", is_13));
    BOOST_TEST(!pids.any_of("c", is_13));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
