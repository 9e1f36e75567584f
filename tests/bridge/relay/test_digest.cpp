#include "bridge/relay/digest.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string_view>

#include "bridge/bridge.hpp"
#include "bridge/channel/state_text.hpp"

namespace notifybridge::relay {
namespace {

using channel::RecordType;
using notify::Key;
using notify::Phase;

channel::Record record_of(RecordType type, std::uint64_t sequence, std::string_view payload) {
    channel::Record record;
    record.type = type;
    record.sequence = sequence;
    record.time = {5000 + sequence, 50 + sequence};
    record.payload = payload;
    return record;
}

channel::Record message_record(std::uint64_t sequence, std::string_view payload) {
    return record_of(RecordType::datagram, sequence, payload);
}

/// Returns the payload of a state record of this phase.
std::string state_in(Phase phase, std::string_view status) {
    notify::State state;
    state.phase = phase;
    state.facts[Key::status] = status;
    return channel::to_text(state);
}

/// A journal, and the digest that replaces its removed records.
struct DigestedJournal {
    test::TemporaryDirectory directory;
    bridge::Run run{directory.fd()};
    std::unique_ptr<channel::JournalReader> reader;

    std::optional<Digest> digest() {
        channel::JournalFault fault;
        reader = channel::JournalReader::open(directory.fd(), fault);
        BOOST_TEST_REQUIRE(static_cast<bool>(reader), fault.text);
        auto digest = leading_digest(*reader);
        BOOST_TEST_REQUIRE(digest.has_value());
        return *std::move(digest);
    }

    /// Replaces the state record at the beginning of the journal.
    void write_first(const channel::Record& record) {
        std::vector<std::byte> bytes;
        channel::encode(record, bytes);
        std::string journal = directory.read(channel::journal_name);
        journal.replace(channel::header_size, bytes.size(), system::as_text(bytes));
        directory.write(channel::journal_name, journal);
    }

    std::string next_payload() const {
        channel::Record record;
        const auto outcome = reader->next(record);
        BOOST_TEST_REQUIRE((outcome == channel::JournalReader::Outcome::record));
        return std::string(record.payload);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(digest_of_records)

BOOST_AUTO_TEST_CASE(messages_of_a_starting_service_need_no_digest) {
    Digest digest;
    BOOST_TEST(digest.is_needless());
    digest.add(message_record(1, "STATUS=loads"));
    BOOST_TEST(digest.is_needless());
    BOOST_TEST(digest.last() == 1u);
}

BOOST_AUTO_TEST_CASE(messages_of_a_ready_service_need_a_digest) {
    Digest digest;
    digest.add(message_record(1, "READY=1\nSTATUS=serves"));
    BOOST_TEST(!digest.is_needless());
    BOOST_TEST((digest.state().phase == Phase::ready));
    BOOST_TEST(digest.state().facts.at(Key::status) == "serves");
    BOOST_TEST(digest.state().since.realtime == 5001u);
}

BOOST_AUTO_TEST_CASE(removed_records_need_a_digest) {
    Digest digest;
    digest.add(record_of(RecordType::state, 7, state_in(Phase::starting, "loads")));
    BOOST_TEST(!digest.is_needless());
    BOOST_TEST(digest.last() == 7u);
}

BOOST_AUTO_TEST_CASE(a_state_record_replaces_previous_messages) {
    Digest digest;
    digest.add(message_record(1, "READY=1\nSTATUS=old\nMAINPID=7"));
    digest.add(record_of(RecordType::state, 1, state_in(Phase::stopping, "new")));
    BOOST_TEST((digest.state().phase == Phase::stopping));
    BOOST_TEST(digest.state().facts.size() == 1u);
    BOOST_TEST(digest.state().facts.at(Key::status) == "new");
}

BOOST_AUTO_TEST_CASE(a_digest_includes_each_message_once) {
    Digest digest;
    digest.add(record_of(RecordType::state, 2, state_in(Phase::starting, "second")));
    for (const std::uint64_t repeated : {1, 2})
        digest.add(message_record(repeated, "STATUS=old"));
    BOOST_TEST(digest.state().facts.at(Key::status) == "second");
    BOOST_TEST(digest.last() == 2u);
    digest.add(message_record(3, "STATUS=third"));
    BOOST_TEST(digest.state().facts.at(Key::status) == "third");
    BOOST_TEST(digest.last() == 3u);
}

BOOST_AUTO_TEST_CASE(records_that_are_not_messages_change_no_state) {
    Digest digest;
    digest.add(record_of(RecordType::barrier, 1, "READY=1"));
    digest.add(record_of(RecordType::end, 2, "READY=1"));
    digest.add(message_record(3, std::string_view("READY=1\0X", 9)));
    BOOST_TEST((digest.state() == notify::State{}));
    BOOST_TEST(digest.last() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(leading_digest_of_a_journal, DigestedJournal)

BOOST_AUTO_TEST_CASE(an_empty_journal_has_no_digest) {
    BOOST_TEST(!digest().has_value());
    run.say("READY=1");
    BOOST_TEST(next_payload() == "READY=1");
}

BOOST_AUTO_TEST_CASE(a_journal_with_all_records_has_no_digest) {
    run.say("READY=1");
    run.say("STATUS=serves");
    BOOST_TEST(!digest().has_value());
    BOOST_TEST(next_payload() == "READY=1");
}

BOOST_AUTO_TEST_CASE(the_digest_includes_records_that_were_removed) {
    run.say("READY=1");
    run.say("STATUS=read");
    run.writer.acknowledge(2);
    run.rotate(state_in(Phase::ready, "read"));
    const auto found = digest();
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->state().facts.at(Key::status) == "read");
    BOOST_TEST(found->last() == 2u);
}

BOOST_AUTO_TEST_CASE(the_digest_ends_before_the_next_record) {
    run.say("READY=1");
    run.say("STATUS=read");
    run.writer.acknowledge(2);
    run.rotate(state_in(Phase::ready, "read"));
    run.say("STATUS=unread");
    const auto found = digest();
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->last() == 2u);
    BOOST_TEST(found->state().facts.at(Key::status) == "read");
    BOOST_TEST(next_payload() == state_in(Phase::ready, "read"));
    BOOST_TEST(next_payload() == "STATUS=unread");
}

// The journal is not trusted. A wrong number in the state record must not hide the next record.
BOOST_AUTO_TEST_CASE(the_number_of_the_next_record_limits_the_digest) {
    run.say("STATUS=one");
    run.say("STATUS=two");
    run.writer.acknowledge(1);
    run.rotate(state_in(Phase::starting, "two"));
    write_first(record_of(RecordType::state, 9, state_in(Phase::starting, "two")));
    const auto found = digest();
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_TEST(found->last() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
