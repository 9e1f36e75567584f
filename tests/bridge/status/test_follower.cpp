#include "bridge/status/follower.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bridge/bridge.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::status::test_follower {
namespace {

using bridge::Texts;

/// A run, and a follower of its journal.
struct FollowedRun {
    test::TemporaryDirectory directory;
    event::Loop loop;
    std::optional<bridge::Run> run{std::in_place, directory.fd()};
    std::optional<Follower> follower;
    Texts texts;
    bool has_returned = false;

    /// Starts to follow the run.
    void follow() {
        channel::JournalFault fault;
        auto reader = channel::JournalReader::open(directory.fd(), fault);
        BOOST_TEST_REQUIRE(static_cast<bool>(reader), fault.text);
        follower.emplace(loop, directory.fd(), std::move(reader));
        follower->on_record = [this](const channel::Record& record) {
            texts.emplace_back(record.payload);
        };
        loop.spawn([this]() -> event::Awaitable<> {
            co_await follower->run();
            has_returned = true;
        });
    }

    void until(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }
    void until_followed(std::size_t count) {
        until([this, count] { return texts.size() >= count; });
    }
    void until_returned() {
        until([this] { return has_returned; });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_of_a_run, FollowedRun)

BOOST_AUTO_TEST_CASE(each_record_is_followed_once_and_in_order) {
    run->say("READY=1");
    run->say("STATUS=one");
    follow();
    until_followed(2);
    run->say("STATUS=two");
    until_followed(3);
    run->end("EXITED=0");
    until_returned();
    BOOST_TEST(texts == (Texts{"READY=1", "STATUS=one", "STATUS=two", "EXITED=0"}),
               boost::test_tools::per_element());
    BOOST_TEST(follower->saw_end());
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_followed_to_its_end) {
    run->say("READY=1");
    run->end("KILLED=9");
    run.reset();
    follow();
    until_returned();
    BOOST_TEST(texts == (Texts{"READY=1", "KILLED=9"}), boost::test_tools::per_element());
    BOOST_TEST(follower->saw_end());
}

BOOST_AUTO_TEST_CASE(the_follower_of_a_broken_off_run_sees_no_end) {
    run->say("READY=1");
    run.reset();
    follow();
    until_returned();
    BOOST_TEST(texts == Texts{"READY=1"}, boost::test_tools::per_element());
    BOOST_TEST(!follower->saw_end());
}

BOOST_AUTO_TEST_CASE(the_last_message_of_a_killed_run_is_followed) {
    follow();
    run->say("READY=1");
    until_followed(1);
    run->say("STATUS=last words");
    run.reset();
    until_returned();
    BOOST_TEST(texts == (Texts{"READY=1", "STATUS=last words"}), boost::test_tools::per_element());
    BOOST_TEST(!follower->saw_end());
}

// A rotated journal begins with the state, and repeats records that are not acknowledged.
BOOST_AUTO_TEST_CASE(a_rotation_repeats_no_followed_record) {
    run->say("READY=1");
    run->say("STATUS=one");
    follow();
    until_followed(2);
    run->writer.acknowledge(1);
    run->rotate("STATE=ready\n");
    run->say("STATUS=two");
    until_followed(3);
    run->end("EXITED=0");
    until_returned();
    BOOST_TEST(texts == (Texts{"READY=1", "STATUS=one", "STATUS=two", "EXITED=0"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_rotation_hides_no_record_from_a_follower) {
    run->say("READY=1");
    follow();
    until_followed(1);
    // The follower has not read these records when their journal is replaced.
    run->say("STATUS=one");
    run->writer.acknowledge(2);
    run->rotate("STATE=ready\n");
    run->say("STATUS=two");
    run->writer.acknowledge(3);
    run->rotate("STATE=ready\n");
    run->end("EXITED=0");
    until_returned();
    BOOST_TEST(texts.front() == "READY=1");
    BOOST_TEST(texts.back() == "EXITED=0");
    BOOST_TEST(std::ranges::count(texts, "STATUS=one") == 1);
    BOOST_TEST(follower->saw_end());
}

BOOST_AUTO_TEST_CASE(another_run_is_not_followed) {
    run->say("READY=1");
    follow();
    until_followed(1);
    run.reset();
    run.emplace(directory.fd());
    run->say("STATUS=of another run");
    until_returned();
    BOOST_TEST(texts == Texts{"READY=1"}, boost::test_tools::per_element());
    BOOST_TEST(!follower->saw_end());
}

BOOST_AUTO_TEST_CASE(a_removed_journal_ends_its_follower) {
    run->say("READY=1");
    follow();
    until_followed(1);
    std::filesystem::remove(directory.path(channel::journal_name));
    run.reset();
    until_returned();
    BOOST_TEST(!follower->saw_end());
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_ends_its_follower) {
    run->say("READY=1");
    directory.write("copy", directory.read("journal") + std::string(100, 'x'));
    std::filesystem::rename(directory.path("copy"), directory.path("journal"));
    follow();
    until_returned();
    BOOST_TEST(texts == Texts{"READY=1"}, boost::test_tools::per_element());
    BOOST_TEST(!follower->saw_end());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status::test_follower
