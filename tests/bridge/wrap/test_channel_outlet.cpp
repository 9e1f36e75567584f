#include "bridge/wrap/channel_outlet.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <string>

#include "base/notify/barrier.hpp"
#include "bridge/bridge.hpp"
#include "bridge/channel/state_text.hpp"
#include "outlet_listener.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;
using channel::JournalReader;
using channel::RecordType;

struct Journaled {
    test::TemporaryDirectory directory;
    event::Loop loop;
    channel::ContainerStatus status;
    Listener listener;
    ChannelOutlet outlet{loop, directory.fd(), status};
    channel::HostFileWriter host_writer{directory.fd()};
    channel::HostFile host;
    notify::Barrier barrier;

    Journaled() {
        outlet.set_listener(listener);
        outlet.start();
    }

    void take(std::string_view text) {
        notify::Datagram datagram{text, {42, 1000, 1001}, {}};
        outlet.take(datagram, *notify::parse(text), {1, 2});
        notify::fold(status.state, *notify::parse(text), {1, 2});
        outlet.settle();
    }

    void take_barrier() {
        test::Manager socket(directory.path("own.sock"));
        notify::Sender sender(bridge::address_of(directory.path("own.sock")));
        BOOST_TEST(bool(barrier.send(sender)));
        auto received = socket.next();
        outlet.take_barrier(std::move(received.value().fds.at(0)), {}, {});
        outlet.settle();
    }

    bool barrier_came_back() const { return test::is_ready(barrier.passed(), POLLIN); }

    void attach_host() {
        host.facts.run = status.run;
        BOOST_TEST(host_writer.publish(host).has_value());
    }

    std::unique_ptr<JournalReader> journal() const {
        channel::JournalFault fault;
        auto reader = JournalReader::open(directory.fd(), fault);
        BOOST_TEST_REQUIRE(reader, fault.text);
        return reader;
    }

    channel::ContainerStatus status_file() const {
        return channel::parse_container_status(directory.read(channel::status_name));
    }

    void until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, std::move(condition)); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(channel_outlet, Journaled)

BOOST_AUTO_TEST_CASE(a_run_begins_with_a_journal_and_a_status) {
    BOOST_TEST((journal()->header().run == status.run));
    BOOST_TEST((status_file().run == status.run));
    BOOST_TEST(journal()->writer_lives(directory.fd()));
}

BOOST_AUTO_TEST_CASE(the_journal_contains_the_unchanged_messages) {
    take("STATUS=a\\b\r\nREADY=1");
    take("MAINPID=1");
    const auto reader = journal();
    channel::Record record;
    BOOST_TEST_REQUIRE((reader->next(record) == JournalReader::Outcome::record));
    BOOST_TEST(record.payload == "STATUS=a\\b\r\nREADY=1");
    BOOST_TEST((record.sender == system::Credentials{42, 1000, 1001}));
    BOOST_TEST((record.time == system::Moment{1, 2}));
    BOOST_TEST_REQUIRE((reader->next(record) == JournalReader::Outcome::record));
    BOOST_TEST(record.payload == "MAINPID=1");
    BOOST_TEST(record.sequence == 2u);
}

BOOST_AUTO_TEST_CASE(container_status_follows_the_messages) {
    take("READY=1\nSTATUS=up");
    until([this] { return status_file().state.phase == notify::Phase::ready; });
    BOOST_TEST(status_file().state.facts.at(notify::Key::status) == "up");
}

BOOST_AUTO_TEST_CASE(a_barrier_without_a_host_is_released_and_counted) {
    take_barrier();
    BOOST_TEST(barrier_came_back());
    BOOST_TEST(status.unheard_barriers == 1u);
}

BOOST_AUTO_TEST_CASE(a_barrier_is_held_until_the_host_has_processed_it) {
    attach_host();
    take("READY=1");
    take_barrier();
    BOOST_TEST(!barrier_came_back());
    host.progress = {2, 1, 0};
    host_writer.update(host.progress);
    test::run(loop, [this]() -> event::Awaitable<> {
        for (int turn = 0; turn < 20; ++turn)
            co_await loop.yield();
        BOOST_TEST(!barrier_came_back());
    });
    host.progress.processed = 2;
    host_writer.update(host.progress);
    until([this] { return barrier_came_back(); });
    BOOST_TEST(status.unheard_barriers == 0u);
}

BOOST_AUTO_TEST_CASE(a_host_of_another_run_does_not_release_our_barrier) {
    attach_host();
    take_barrier();
    host.facts.run = system::make_random_id();
    host.progress = {1000, 1000, 0};
    BOOST_TEST(host_writer.publish(host).has_value());
    until([this] {
        return outlet.host().current() && outlet.host().current()->facts.run == host.facts.run;
    });
    BOOST_TEST(!barrier_came_back());
}

BOOST_AUTO_TEST_CASE(a_rotation_that_reads_the_progress_releases_a_barrier) {
    constexpr std::uint64_t more_than_a_mebibyte = 300;
    attach_host();
    take_barrier();
    test::run(loop, [this]() -> event::Awaitable<> {
        for (int turn = 0; turn < 20; ++turn)
            co_await loop.yield();
    });
    const std::string text = "X_A=" + std::string(4000, 'x');
    // A rotation reads the host file before the loop reports a change of that file.
    host.progress = {1, 1, 0};
    host_writer.update(host.progress);
    for (std::uint64_t count = 0; count < more_than_a_mebibyte; ++count)
        take(text);
    until([this] { return barrier_came_back(); });
}

BOOST_AUTO_TEST_CASE(a_barrier_is_released_if_the_host_file_is_removed) {
    host.facts.run = system::make_random_id();
    BOOST_TEST(host_writer.publish(host).has_value());
    take_barrier();
    BOOST_TEST(!barrier_came_back());
    std::filesystem::remove(directory.path(channel::host_name));
    until([this] { return barrier_came_back(); });
    BOOST_TEST(status.unheard_barriers == 1u);
}

BOOST_AUTO_TEST_CASE(a_barrier_waits_for_the_end_of_a_wait_without_a_host_file) {
    std::optional<channel::HostFileWriter> attached(directory.fd());
    host.facts.run = status.run;
    BOOST_TEST(attached->publish(host).has_value());
    take_barrier();
    std::filesystem::remove(directory.path(channel::host_name));
    test::run(loop, [this]() -> event::Awaitable<> {
        event::Timer pause(loop);
        co_await pause.sleep(3 * event::retry_interval);
        BOOST_TEST(!barrier_came_back());
    });
    attached.reset();
    until([this] { return barrier_came_back(); });
    take_barrier();
    BOOST_TEST(barrier_came_back());
    BOOST_TEST(status.unheard_barriers == 2u);
    // After the next `wait` has attached, barriers are held again.
    attach_host();
    take_barrier();
    BOOST_TEST(!barrier_came_back());
}

BOOST_AUTO_TEST_CASE(barriers_are_released_when_the_host_leaves_the_run) {
    attach_host();
    take_barrier();
    BOOST_TEST(!barrier_came_back());
    host.facts.has_left = true;
    attach_host();
    until([this] { return barrier_came_back(); });
    take_barrier();
    BOOST_TEST(barrier_came_back());
    BOOST_TEST(status.unheard_barriers == 2u);
    // After the next `wait` has attached, barriers are held again.
    host.facts.has_left = false;
    attach_host();
    take_barrier();
    BOOST_TEST(!barrier_came_back());
}

BOOST_AUTO_TEST_CASE(the_backlog_of_a_host_that_leaves_is_dropped) {
    constexpr std::uint64_t more_than_64_mebibytes = 17000;
    attach_host();
    bool has_room = false;
    listener.on_room = [&] { has_room = true; };
    const std::string text = "X_A=" + std::string(4000, 'x');
    for (std::uint64_t count = 0; count < more_than_64_mebibytes; ++count)
        take(text);
    BOOST_TEST(!outlet.has_room());
    host.facts.has_left = true;
    attach_host();
    until([&] { return has_room; });
    BOOST_TEST(outlet.has_room());
}

BOOST_AUTO_TEST_CASE(a_signal_of_the_host_reaches_only_its_run) {
    int asked = 0;
    listener.on_signal = [&](int signal) { asked = signal; };
    host.facts.run = system::make_random_id();
    host.facts.signals = {{1, 9}};
    BOOST_TEST(host_writer.publish(host).has_value());
    until([this] { return outlet.host().current().has_value(); });
    BOOST_TEST(asked == 0);
    host.facts.signals = {{2, 15}};
    attach_host();
    until([&] { return asked != 0; });
    BOOST_TEST(asked == 15);
}

BOOST_AUTO_TEST_CASE(each_signal_of_the_host_arrives_once_and_in_order) {
    std::vector<int> signals;
    listener.on_signal = [&](int signal) { signals.push_back(signal); };
    host.facts.run = system::make_random_id();
    host.facts.signals = {{1, 10}};
    BOOST_TEST(host_writer.publish(host).has_value());
    until([this] { return outlet.host().current().has_value(); });
    host.facts.signals = {{2, 1}, {3, 1}, {4, 15}};
    attach_host();
    until([&] { return signals.size() >= 3; });
    host.facts.signals = {{3, 1}, {4, 15}, {5, 9}};
    attach_host();
    until([&] { return signals.size() >= 4; });
    BOOST_TEST((signals == std::vector<int>{1, 1, 15, 9}));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_is_its_last_record) {
    take("READY=1");
    test::run(loop, [this] { return outlet.finish(process::ExitStatus::exited(3), 1s); });
    const auto reader = journal();
    channel::Record record;
    while (reader->next(record) == JournalReader::Outcome::record && record.sequence < 2) {
    }
    BOOST_TEST((record.type == RecordType::end));
    BOOST_TEST(record.payload == "EXITED=3");
    BOOST_TEST((status_file().end == process::ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(without_a_host_only_the_folded_state_is_kept) {
    take("READY=1");
    const std::string text = "X_A=" + std::string(4000, 'x');
    for (int count = 0; count < 2000; ++count)
        take(text);
    BOOST_TEST(std::filesystem::file_size(directory.path(channel::journal_name))
               < RotationPlan::busy_size);
    const auto reader = journal();
    channel::Record record;
    BOOST_TEST_REQUIRE((reader->next(record) == JournalReader::Outcome::record));
    BOOST_TEST((record.type == RecordType::state));
    BOOST_TEST((channel::parse_state(record.payload).phase == notify::Phase::ready));
    BOOST_TEST(outlet.has_room());
}

BOOST_AUTO_TEST_CASE(messages_for_a_silent_host_are_kept_up_to_a_limit) {
    attach_host();
    const std::string text = "X_A=" + std::string(4000, 'x');
    int taken = 0;
    for (; outlet.has_room() && taken < 100'000; ++taken)
        take(text);
    BOOST_TEST(taken > 64 * 1024 / 4 * 9 / 10);
    BOOST_TEST(taken < 64 * 1024 / 4 * 11 / 10);
    bool has_room = false;
    listener.on_room = [&] { has_room = true; };
    host.progress.acknowledged = static_cast<std::uint64_t>(taken);
    host_writer.update(host.progress);
    until([&] { return has_room; });
    BOOST_TEST(outlet.has_room());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
