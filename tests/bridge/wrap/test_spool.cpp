#include "bridge/wrap/spool.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "bridge/bridge.hpp"
#include "bridge/channel/state_text.hpp"
#include "support/limited_files.hpp"
#include "support/log_records.hpp"
#include "support/still_loop.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

struct Spooled {
    explicit Spooled(test::Fault fault = {}) : loop(fault) {
        status.run = header.run;
        spool.on_room = [this] { ++rooms; };
        loop.spawn([this] { return spool.run(); });
        loop.spawn([this] { return spool.follow_bursts(); });
        loop.settle();
    }

    static channel::JournalHeader header_of(system::RandomId run) {
        channel::JournalHeader made;
        made.run = run;
        return made;
    }

    /// Queues a message, and writes it if there is room.
    void say(std::string_view text) {
        queue(text);
        const test::As process(1);
        spool.write();
        spool.rotate_if_due();
    }

    void queue(std::string_view text) {
        notify::fold(status.state, *notify::parse(text), {1, 1});
        channel::Record record;
        record.payload = text;
        spool.journal().append(record);
    }

    /// Sends half of the bytes that make a rotation due after a burst, or more.
    void say_much(std::uint64_t bytes = RotationPlan::least_size / 2) {
        const std::string text = "X_A=" + std::string(4000, 'x');
        for (std::uint64_t size = 0; size < bytes; size += text.size())
            say(text);
    }

    void let_burst_end() {
        for (int spans = 0; spans < 3; ++spans)
            loop.pass(event::BurstWatch::span);
    }

    void attach_host(std::uint64_t acknowledged) {
        host_file.facts.run = status.run;
        host_file.progress.acknowledged = acknowledged;
        BOOST_TEST(host_writer.publish(host_file).has_value());
        host.look();
    }

    /// Returns the payloads in the journal. Returns "state" for a record with a state.
    bridge::Texts in_journal() const {
        channel::JournalFault fault;
        const auto reader = channel::JournalReader::open(directory.fd(), fault);
        BOOST_TEST_REQUIRE(reader, fault.text);
        bridge::Texts texts;
        channel::Record record;
        while (reader->next(record) == channel::JournalReader::Outcome::record)
            texts.push_back(
                record.type == channel::RecordType::state ? "state" : std::string(record.payload));
        return texts;
    }

    /// Returns the state in the first record of the journal.
    notify::State leading_state() const {
        channel::JournalFault fault;
        const auto reader = channel::JournalReader::open(directory.fd(), fault);
        BOOST_TEST_REQUIRE(reader, fault.text);
        channel::Record record;
        BOOST_TEST_REQUIRE((reader->next(record) == channel::JournalReader::Outcome::record));
        BOOST_TEST_REQUIRE((record.type == channel::RecordType::state));
        return channel::parse_state(record.payload);
    }

    bool has_status_file() const {
        return std::filesystem::exists(directory.path(channel::status_name));
    }

    void drain(std::chrono::microseconds patience) {
        loop.spawn([this, patience]() -> event::Awaitable<> {
            co_await spool.drain(patience);
            is_drained = true;
        });
        loop.settle();
    }

    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::info};
    test::StillLoop loop;
    channel::JournalHeader header = header_of(system::make_random_id());
    channel::ContainerStatus status;
    channel::HostFileWriter host_writer{directory.fd()};
    channel::HostFile host_file;
    HostLink host{loop, directory.fd(), header.run};
    StatusFile status_file{loop, directory.fd(), status};
    Spool spool{loop, directory.fd(), header, status, host, status_file};
    int rooms = 0;
    bool is_drained = false;
};

/// A spool whose disk is full for half a second from the first write on.
struct SpooledOnFullDisk : Spooled {
    SpooledOnFullDisk() : Spooled({.nth = 1, .error = ENOSPC, .lasts = 500ms}) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(spool_of_a_run)

BOOST_FIXTURE_TEST_CASE(messages_are_written_to_the_journal_at_once, Spooled) {
    say("READY=1");
    say("STATUS=up");
    BOOST_TEST(in_journal() == (bridge::Texts{"READY=1", "STATUS=up"}),
               boost::test_tools::per_element());
    BOOST_TEST(spool.journal().queued() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_keeps_messages_in_memory, SpooledOnFullDisk) {
    say("READY=1");
    say("STATUS=up");
    BOOST_TEST(in_journal().empty());
    BOOST_TEST(spool.journal().queued() > 0u);
    BOOST_TEST(spool.has_room());
    BOOST_TEST(
        log.has("cannot write the journal: No space left on device; messages are kept in "
                "memory until there is room"));
    BOOST_TEST(log.texts().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(kept_messages_are_written_when_the_disk_has_room, SpooledOnFullDisk) {
    attach_host(0);
    say("READY=1");
    loop.pass(450ms);
    BOOST_TEST(in_journal().empty());
    loop.pass(150ms);
    BOOST_TEST(in_journal() == (bridge::Texts{"state", "READY=1"}),
               boost::test_tools::per_element());
    BOOST_TEST(log.has("the journal can be written again"));
    BOOST_TEST(rooms > 0);
    const int before = rooms;
    loop.pass(10s);
    BOOST_TEST(rooms == before);
}

BOOST_FIXTURE_TEST_CASE(on_a_full_disk_all_that_was_read_is_removed, Spooled) {
    attach_host(0);
    say("READY=1\nSTATUS=read");
    say("X_READ=" + std::string(2000, 'x'));
    say("STATUS=unread");
    attach_host(2);
    {
        const test::FilesAreLimited limit(spool.journal().size() + 60);
        say("STATUS=not written");
        BOOST_TEST(spool.journal().queued() > 0u);
        loop.pass(110ms);
        BOOST_TEST(in_journal() == (bridge::Texts{"state", "STATUS=unread", "STATUS=not written"}),
                   boost::test_tools::per_element());
    }
    const notify::State state = leading_state();
    BOOST_TEST((state.phase == notify::Phase::ready));
    BOOST_TEST(state.facts.at(notify::Key::status) == "read");
}

BOOST_FIXTURE_TEST_CASE(on_a_full_disk_the_status_file_is_removed_for_a_time, SpooledOnFullDisk) {
    status_file.write();
    say("READY=1");
    BOOST_TEST(has_status_file());
    loop.pass(110ms);
    BOOST_TEST(!has_status_file());
    loop.pass(600ms);
    BOOST_TEST(has_status_file());
}

BOOST_FIXTURE_TEST_CASE(the_memory_for_messages_is_limited_on_a_full_disk, SpooledOnFullDisk) {
    const std::string text = "X_A=" + std::string(4000, 'x');
    int taken = 0;
    for (; spool.has_room() && taken < 10'000; ++taken)
        say(text);
    BOOST_TEST(taken > 4 * 256 * 9 / 10);
    BOOST_TEST(taken < 4 * 256 * 11 / 10);
}

BOOST_FIXTURE_TEST_CASE(drain_returns_at_once_if_the_disk_has_room, Spooled) {
    queue("READY=1");
    drain(5s);
    BOOST_TEST(is_drained);
    BOOST_TEST(in_journal().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(drain_waits_for_room_on_the_disk, SpooledOnFullDisk) {
    attach_host(0);
    queue("READY=1");
    drain(5s);
    BOOST_TEST(!is_drained);
    loop.pass(600ms);
    loop.pass(100ms);
    BOOST_TEST(is_drained);
    BOOST_TEST(in_journal().back() == "READY=1");
}

BOOST_FIXTURE_TEST_CASE(drain_gives_up_after_its_timeout, SpooledOnFullDisk) {
    queue("READY=1");
    drain(200ms);
    loop.pass(150ms);
    BOOST_TEST(!is_drained);
    loop.pass(150ms);
    BOOST_TEST(is_drained);
    BOOST_TEST(log.has("bytes of messages are lost: the journal could not be written"));
}

BOOST_FIXTURE_TEST_CASE(without_a_reader_a_rotation_keeps_the_state, Spooled) {
    say("READY=1");
    say_much(RotationPlan::busy_size - RotationPlan::least_size);
    BOOST_TEST(in_journal().front() == "READY=1");
    say_much(RotationPlan::least_size);
    BOOST_TEST(in_journal().front() == "state");
    BOOST_TEST(spool.journal().size() < RotationPlan::least_size);
}

BOOST_FIXTURE_TEST_CASE(a_journal_is_short_after_a_burst, Spooled) {
    attach_host(0);
    say_much(3 * RotationPlan::least_size);
    attach_host(spool.journal().last_sequence());
    spool.rotate_if_due();
    BOOST_TEST(in_journal().front() != "state");
    let_burst_end();
    BOOST_TEST(in_journal() == bridge::Texts{"state"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(the_rotation_after_a_burst_keeps_unread_records, Spooled) {
    attach_host(0);
    say_much(3 * RotationPlan::least_size);
    attach_host(spool.journal().last_sequence());
    say("STATUS=unread");
    let_burst_end();
    BOOST_TEST(in_journal().front() == "state");
    BOOST_TEST(in_journal().back() == "STATUS=unread");
    BOOST_TEST(spool.journal().size() < 100'000u);
}

BOOST_FIXTURE_TEST_CASE(a_slow_stream_is_rotated_at_the_minimum_size, Spooled) {
    attach_host(0);
    say_much();
    for (int count = 0; count < 100; ++count) {
        say_much(16'000);
        attach_host(spool.journal().last_sequence());
        loop.pass(100ms);
        BOOST_TEST_REQUIRE(spool.journal().size() < RotationPlan::least_size + 64'000);
    }
    BOOST_TEST(in_journal().front() == "state");
}

BOOST_FIXTURE_TEST_CASE(the_queue_of_a_burst_is_released_after_it, Spooled) {
    for (int count = 0; count < 20; ++count)
        queue("X_A=" + std::string(4000, 'x'));
    say("STATUS=up");
    BOOST_TEST(spool.journal().holds_memory());
    let_burst_end();
    BOOST_TEST(!spool.journal().holds_memory());
}

BOOST_FIXTURE_TEST_CASE(without_a_reader_a_rotation_keeps_the_end_of_the_run, SpooledOnFullDisk) {
    say("READY=1");
    status.end = process::ExitStatus::exited(3);
    spool.append_end(*status.end);
    drain(5s);
    loop.pass(700ms);
    BOOST_TEST(is_drained);
    BOOST_TEST(in_journal() == (bridge::Texts{"state", "EXITED=3"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_rotation_after_the_end_of_a_run_keeps_the_end, Spooled) {
    attach_host(0);
    say_much(2 * RotationPlan::least_size);
    status.end = process::ExitStatus::exited(3);
    spool.append_end(*status.end);
    spool.write();
    host_file.facts.has_left = true;
    attach_host(0);
    spool.give_up_reader();
    spool.shorten();
    BOOST_TEST(in_journal() == (bridge::Texts{"state", "EXITED=3"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_rotation_after_the_end_was_read_keeps_the_end, Spooled) {
    attach_host(0);
    say_much(2 * RotationPlan::least_size);
    status.end = process::ExitStatus::exited(3);
    spool.append_end(*status.end);
    spool.write();
    attach_host(spool.journal().last_sequence());
    spool.shorten();
    BOOST_TEST(in_journal().front() == "state");
    BOOST_TEST(in_journal().back() == "EXITED=3");
}

BOOST_FIXTURE_TEST_CASE(a_rotation_of_the_journal_keeps_unread_records, Spooled) {
    attach_host(0);
    say_much();
    attach_host(spool.journal().last_sequence());
    say("STATUS=unread");
    spool.journal().acknowledge(host_file.progress.acknowledged);
    for (int count = 0; in_journal().front() != "state" && count < 40; ++count) {
        say_much();
        attach_host(spool.journal().last_sequence());
        spool.journal().acknowledge(host_file.progress.acknowledged);
        say("STATUS=unread");
    }
    BOOST_TEST(in_journal().front() == "state");
    BOOST_TEST(in_journal().back() == "STATUS=unread");
}

BOOST_FIXTURE_TEST_CASE(the_state_after_a_rotation_has_only_acknowledged_messages, Spooled) {
    attach_host(0);
    say("READY=1\nSTATUS=read");
    say_much(2 * RotationPlan::least_size);
    const std::uint64_t landmark = spool.journal().last_sequence();
    spool.journal().mark(channel::to_text(status.state));
    say("X_READ=1");
    attach_host(landmark + 1);
    queue("RELOADING=1\nSTATUS=unread");
    const test::As process(1);
    spool.write();
    spool.shorten();
    BOOST_TEST(in_journal() == (bridge::Texts{"state", "X_READ=1", "RELOADING=1\nSTATUS=unread"}),
               boost::test_tools::per_element());
    const notify::State state = leading_state();
    BOOST_TEST((state.phase == notify::Phase::ready));
    BOOST_TEST(state.facts.at(notify::Key::status) == "read");
}

BOOST_FIXTURE_TEST_CASE(an_unread_journal_is_not_rotated, Spooled) {
    attach_host(0);
    say_much(2 * RotationPlan::busy_size);
    let_burst_end();
    BOOST_TEST(in_journal().front() != "state");
    BOOST_TEST(spool.journal().size() > 2 * RotationPlan::busy_size);
}

BOOST_FIXTURE_TEST_CASE(a_journal_is_rotated_when_its_reader_is_given_up, Spooled) {
    attach_host(0);
    say_much(2 * RotationPlan::least_size);
    host_file.facts.has_left = true;
    attach_host(0);
    spool.give_up_reader();
    spool.rotate_if_due();
    let_burst_end();
    BOOST_TEST(in_journal() == (bridge::Texts{"state"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
