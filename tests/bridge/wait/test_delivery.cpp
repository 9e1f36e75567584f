#include "bridge/wait/delivery.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/system/random_id.hpp"
#include "bridge/bridge.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using bridge::Texts;
using channel::RecordType;

/// Delivers records without a journal.
struct Counter {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    std::optional<test::Manager> manager{path};
    event::Loop loop;
    relay::Uplink uplink{loop, bridge::address_of(path)};
    relay::FdLane lane{loop, directory.fd()};
    Forwarder forwarder{relay::Policy(), uplink, lane, nullptr, util::NamedLog()};
    Attachment attachment{loop, directory.fd(), {}};
    Delivery delivery;
    int asked = 0;  ///< How often `is_last_of_all` was called.
    bool is_last = false;
    std::uint64_t sequence = 0;

    explicit Counter(std::uint64_t rate = 0) : delivery(loop, forwarder, attachment, uplink, rate) {
        delivery.is_last_of_all = [this] {
            ++asked;
            return is_last;
        };
        attachment.announce();
        attachment.attach(system::make_random_id(), false);
        delivery.begin(0);
    }

    void carry(RecordType type, std::string_view payload, std::uint64_t number) {
        channel::Record record;
        record.type = type;
        record.payload = payload;
        record.sequence = number;
        test::run(loop, [&]() -> event::Awaitable<> { co_await delivery.carry(record); });
    }
    void carry(std::string_view payload) { carry(RecordType::datagram, payload, ++sequence); }
    void drain() {
        test::run(loop, [this]() -> event::Awaitable<> { co_await delivery.drain(); });
    }

    const channel::HostProgress& progress() const { return attachment.progress(); }
    void check_sent(const Texts& wanted) {
        BOOST_TEST(manager->texts() == wanted, boost::test_tools::per_element());
    }
};

/// A delivery whose rate limit is already exceeded. A record has arrived that counts for more
/// messages than a minute allows.
struct Flood : Counter {
    Flood() : Counter(1) { carry(RecordType::state, std::string(60'000, 'x'), 0); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(delivery_of_records, Counter)

BOOST_AUTO_TEST_CASE(journal_records_are_sent_in_order_and_acknowledged) {
    carry("STATUS=1");
    carry("READY=1");
    check_sent({"STATUS=1", "READY=1"});
    BOOST_TEST(progress().acknowledged == 2u);
    drain();
    BOOST_TEST(bridge::host_in(directory).progress.acknowledged == 2u);
}

BOOST_AUTO_TEST_CASE(a_record_that_was_delivered_is_skipped) {
    delivery.begin(2);
    carry(RecordType::datagram, "STATUS=2", 2);
    carry(RecordType::datagram, "STATUS=3", 3);
    carry(RecordType::datagram, "STATUS=3", 3);
    check_sent({"STATUS=3"});
}

BOOST_AUTO_TEST_CASE(a_state_record_is_neither_sent_nor_acknowledged) {
    carry(RecordType::state, "STATE=ready\n", 7);
    carry(RecordType::datagram, "STATUS=1", 1);
    check_sent({"STATUS=1"});
    BOOST_TEST(progress().acknowledged == 1u);
}

BOOST_AUTO_TEST_CASE(an_end_record_is_acknowledged_but_not_sent) {
    carry("READY=1");
    carry(RecordType::end, "EXITED=0", ++sequence);
    check_sent({"READY=1"});
    BOOST_TEST(progress().acknowledged == 2u);
}

BOOST_AUTO_TEST_CASE(missing_records_of_a_journal_are_reported_once) {
    const test::LogRecords records(util::Severity::warning);
    carry(RecordType::datagram, "STATUS=1", 1);
    carry(RecordType::datagram, "STATUS=4", 4);
    carry(RecordType::datagram, "STATUS=6", 6);
    check_sent({"STATUS=1", "STATUS=4", "STATUS=6"});
    BOOST_TEST(records.texts().size() == 1u);
    BOOST_TEST(records.has("messages 2 to 3 are missing in the journal and are lost"));
}

BOOST_AUTO_TEST_CASE(no_record_after_an_undelivered_message_is_acknowledged) {
    carry("STATUS=1");
    uplink.give_up();
    manager.reset();
    carry("STATUS=2");
    carry("STATUS=3");
    BOOST_TEST(progress().acknowledged == 1u);
    BOOST_TEST(delivery.undelivered() == 2u);
    delivery.begin(0);
    BOOST_TEST(delivery.undelivered() == 0u);
}

BOOST_AUTO_TEST_CASE(a_barrier_is_processed_when_the_manager_releases_it) {
    carry("READY=1");
    carry(RecordType::barrier, {}, ++sequence);
    BOOST_TEST(progress().processed == 0u);
    check_sent({"READY=1", "BARRIER=1"});
    test::run(loop, [this] {
        return test::until(loop, [this] { return progress().processed == sequence; });
    });
}

BOOST_AUTO_TEST_CASE(a_barrier_of_an_earlier_run_does_not_count_as_processed) {
    carry(RecordType::barrier, {}, 7);
    // `wait` may give up the next run before its delivery begins.
    attachment.attach(system::make_random_id(), false);
    check_sent({"BARRIER=1"});
    test::run(loop, [this]() -> event::Awaitable<> {
        event::Timer pause(loop);
        co_await pause.sleep(std::chrono::milliseconds(10));
    });
    BOOST_TEST(progress().processed == 0u);
    delivery.begin(0);
    carry(RecordType::barrier, {}, 3);
    manager->texts();
    test::run(loop,
              [this] { return test::until(loop, [this] { return progress().processed != 0; }); });
    BOOST_TEST(progress().processed == 3u);
}

BOOST_AUTO_TEST_CASE(a_digest_is_sent_in_place_of_its_records) {
    relay::Digest digest;
    for (const char* const text : {"STATUS=loading", "READY=1", "STATUS=up"}) {
        channel::Record record;
        record.payload = text;
        record.sequence = ++sequence;
        digest.add(record);
    }
    test::run(loop, [&]() -> event::Awaitable<> { co_await delivery.carry(digest); });
    carry(RecordType::datagram, "STATUS=old", sequence);
    carry("STATUS=next");
    check_sent({"READY=1\nSTATUS=up", "BARRIER=1", "STATUS=next"});
    BOOST_TEST(progress().acknowledged == sequence);
}

BOOST_FIXTURE_TEST_CASE(a_flood_merges_status_texts_and_pings, Flood) {
    for (const char* const text : {"STATUS=1", "WATCHDOG=1", "STATUS=2", "WATCHDOG=1", "STATUS=3"})
        carry(text);
    check_sent({});
    BOOST_TEST(progress().acknowledged == 0u);
    BOOST_TEST(forwarder.drops().count(notify::DropReason::merged) == 3u);
    // The rest of an ended run is not delayed.
    is_last = true;
    drain();
    check_sent({"STATUS=3", "WATCHDOG=1"});
    BOOST_TEST(progress().acknowledged == 5u);
}

BOOST_AUTO_TEST_CASE(a_flood_delays_messages_that_cannot_be_merged) {
    const auto begin = std::chrono::steady_clock::now();
    // These records count as 158 messages more than a burst, which has the messages of ten seconds.
    Counter counter(1000);
    const test::LogRecords records(util::Severity::warning);
    for (int number = 0; number < 2; ++number)
        counter.carry(RecordType::state, std::string(40'000, '\n'), 0);
    counter.carry("X_N=1");
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(158)));
    counter.check_sent({"X_N=1"});
    BOOST_TEST(counter.asked > 0);
    BOOST_TEST(records.has("delaying messages"));
}

BOOST_FIXTURE_TEST_CASE(delayed_messages_are_sent_before_a_later_message, Flood) {
    carry("STATUS=1");
    carry("STATUS=2");
    is_last = true;
    carry("READY=1");
    check_sent({"STATUS=2", "READY=1"});
    BOOST_TEST(progress().acknowledged == 3u);
}

BOOST_FIXTURE_TEST_CASE(delayed_messages_are_not_sent_in_the_next_run, Flood) {
    carry("STATUS=of the run before");
    delivery.begin(0);
    is_last = true;
    carry(RecordType::datagram, "STATUS=next", 1);
    drain();
    check_sent({"STATUS=next"});
}

BOOST_AUTO_TEST_CASE(is_last_of_all_is_not_called_without_a_delay) {
    for (int number = 0; number < 100; ++number) {
        carry("STATUS=up");
        check_sent({"STATUS=up"});
    }
    BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
