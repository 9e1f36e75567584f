#include "bridge/wait/forwarder.hpp"

#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;
using bridge::Texts;
using notify::DropReason;

/// Keeps the dropped assignments and the reasons.
struct KeptReasons : relay::Reasons {
    void add(Fate fate, std::string_view what, std::string_view /*why*/) override {
        if (fate == Fate::dropped)
            dropped.emplace_back(what);
    }

    Texts dropped;
};

struct Line {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    test::Manager manager{path};
    event::Loop loop;
    relay::Uplink uplink{loop, bridge::address_of(path)};
    relay::FdLane lane{loop, directory.fd()};
    KeptReasons reasons;
    relay::Policy policy;
    std::optional<Forwarder> forwarder;
    std::vector<Sent> sent;

    /// Creates the forwarder at its first use, so that a test can change the policy before that.
    Forwarder& made() {
        if (!forwarder) {
            forwarder.emplace(policy, uplink, lane, &reasons, util::NamedLog());
            forwarder->on_event = [this](const Event& event) {
                sent.push_back(std::get<Sent>(event));
            };
        }
        return *forwarder;
    }

    /// Sends a record. Returns the result of `Forwarder::send`.
    bool send(const channel::Record& record) {
        bool is_done = false;
        test::run(loop, [&]() -> event::Awaitable<> { is_done = co_await made().send(record); });
        return is_done;
    }
    bool send(std::string_view text) {
        channel::Record record;
        record.payload = text;
        return send(record);
    }

    void check_sent(const Texts& wanted) {
        BOOST_TEST(manager.texts() == wanted, boost::test_tools::per_element());
    }
    std::uint64_t drops(DropReason reason) { return made().drops().count(reason); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(forwarder_to_manager, Line)

BOOST_AUTO_TEST_CASE(a_permitted_message_is_sent_unchanged) {
    BOOST_TEST(send("READY=1\nSTATUS=up\nX_ANY=thing"));
    check_sent({"READY=1\nSTATUS=up\nX_ANY=thing"});
    BOOST_TEST((made().drops() == notify::DropCounters()));
}

BOOST_AUTO_TEST_CASE(a_refused_line_is_removed_counted_and_explained) {
    BOOST_TEST(send("MAINPID=1\nSTATUS=up"));
    check_sent({"STATUS=up"});
    BOOST_TEST(drops(DropReason::refused_key) == 1u);
    BOOST_TEST(made().drops().refused_keys() == "MAINPID");
    BOOST_TEST(reasons.dropped == Texts{"MAINPID=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_fully_refused_message_counts_as_sent) {
    BOOST_TEST(send("MAINPID=1"));
    check_sent({});
    BOOST_TEST(sent.empty());
}

BOOST_AUTO_TEST_CASE(a_malformed_message_is_dropped_and_counts_as_sent) {
    BOOST_TEST(send("STATUS=\\"));
    BOOST_TEST(send(std::string_view("READY=1\0STATUS=x", 16)));
    check_sent({});
    BOOST_TEST(drops(DropReason::trailing_backslash) == 1u);
    BOOST_TEST(drops(DropReason::embedded_nul) == 1u);
    BOOST_TEST(reasons.dropped.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_last_status_is_remembered_even_if_it_is_refused) {
    policy.deny("STATUS");
    send("STATUS=one");
    send("READY=1");
    BOOST_TEST(made().last_status() == "one");
    send("STATUS=two");
    BOOST_TEST(made().last_status() == "two");
    check_sent({"READY=1"});
}

BOOST_AUTO_TEST_CASE(messages_that_affect_deadlines_cause_an_event) {
    send("STATUS=no event");
    send("WATCHDOG=1");
    BOOST_TEST(sent.empty());
    send("READY=1");
    send("STOPPING=1");
    send("EXTEND_TIMEOUT_USEC=5");
    BOOST_TEST_REQUIRE(sent.size() == 3u);
    BOOST_TEST((sent[0].ready && !sent[0].stopping && !sent[0].extend_timeout));
    BOOST_TEST((!sent[1].ready && sent[1].stopping && !sent[1].extend_timeout));
    BOOST_TEST((!sent[2].ready && !sent[2].stopping && sent[2].extend_timeout == 5us));
}

BOOST_AUTO_TEST_CASE(a_message_stays_unsent_if_the_manager_was_given_up) {
    uplink.give_up();
    std::filesystem::remove(path);
    BOOST_TEST(!send("READY=1"));
    BOOST_TEST(sent.empty());
    BOOST_TEST((made().drops() == notify::DropCounters()));
    BOOST_TEST(made().latency_usec() == 0u);
}

BOOST_AUTO_TEST_CASE(ready_1_is_logged_but_a_status_is_not) {
    const test::LogRecords records(util::Severity::info);
    send("STATUS=up");
    BOOST_TEST(records.texts().empty());
    send("READY=1");
    BOOST_TEST(records.has("READY=1"));
}

BOOST_AUTO_TEST_CASE(the_latency_counts_only_times_of_our_clock) {
    channel::Record record;
    record.payload = "STATUS=up";
    send(record);
    BOOST_TEST(made().latency_usec() == 0u);
    record.time = system::now();
    send(record);
    BOOST_TEST(made().latency_usec() > 0u);
}

BOOST_AUTO_TEST_CASE(descriptors_that_do_not_arrive_are_left_out) {
    channel::Record record;
    record.payload = "FDSTORE=1\nSTATUS=up";
    record.fds = 1;
    BOOST_TEST(send(record));
    check_sent({"STATUS=up"});
    BOOST_TEST(drops(DropReason::unsent_fds) == 1u);
}

BOOST_AUTO_TEST_CASE(main_pid_is_translated_into_our_namespace) {
    policy.allow("MAINPID");
    made().find_process = [](pid_t pid) -> std::optional<relay::ContainerProcess> {
        if (pid != 7)
            return std::nullopt;
        return relay::ContainerProcess{::getpid(), *system::open_pidfd(::getpid())};
    };
    send("MAINPID=7");
    send("MAINPID=8\nSTATUS=of nobody");
    const Texts texts = manager.texts();
    BOOST_TEST_REQUIRE(texts.size() == 2u);
    BOOST_TEST(texts[0].starts_with(util::concat("MAINPID=", ::getpid())));
    BOOST_TEST(texts[1] == "STATUS=of nobody");
    BOOST_TEST(drops(DropReason::untranslated_pid) == 1u);
}

BOOST_AUTO_TEST_CASE(the_message_of_a_unit_replaces_that_of_its_member) {
    UnitVoice voice({"db", "web"}, 0);
    voice.run_began(0);
    voice.run_began(1);
    made().speak_by(voice, 1);
    send("READY=1\nSTATUS=up\nMAINPID=1");
    check_sent({"STATUS=web: up; waiting for db"});
    BOOST_TEST(sent.empty());
    relay::Decision other;
    other.text = "READY=1";
    voice.speak(0, other);
    BOOST_TEST(other.ready);
    // The unit is already ready, so it sends nothing.
    BOOST_TEST(send("READY=1"));
    check_sent({});
    BOOST_TEST(sent.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
