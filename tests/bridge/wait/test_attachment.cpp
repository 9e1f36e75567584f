#include "bridge/wait/attachment.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "bridge/channel/directory.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;

struct HostSide {
    test::TemporaryDirectory directory;
    event::Loop loop;
    channel::RunId run = system::make_random_id();

    Attachment attachment(const std::string& invocation) {
        return {loop, directory.fd(), {invocation, 5s, 0, ""}};
    }

    std::optional<channel::HostFile> file() {
        channel::HostFileReader reader(directory.fd());
        return reader.refresh() ? reader.read() : std::nullopt;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(attachment_of_wait, HostSide)

BOOST_AUTO_TEST_CASE(the_host_file_exists_from_announce_to_withdraw) {
    Attachment wait = attachment("one");
    BOOST_TEST(!file().has_value());
    wait.announce();
    const auto announced = file();
    BOOST_TEST_REQUIRE(announced.has_value());
    BOOST_TEST(announced->facts.pid == ::getpid());
    BOOST_TEST(announced->facts.invocation == "one");
    BOOST_TEST(!announced->facts.run.has_value());
    BOOST_TEST((announced->facts.watchdog == 5s));
    wait.withdraw();
    BOOST_TEST(!file().has_value());
}

BOOST_AUTO_TEST_CASE(a_run_that_its_wait_has_left_is_not_resumed) {
    {
        Attachment wait = attachment("one");
        wait.announce();
        wait.attach(run, false);
        wait.leave();
    }
    BOOST_TEST_REQUIRE(file().has_value());
    BOOST_TEST(file()->facts.has_left);
    Attachment next = attachment("one");
    BOOST_TEST(!next.resumed_run().has_value());
    next.announce();
    BOOST_TEST(!file()->facts.has_left);
}

BOOST_AUTO_TEST_CASE(a_directory_in_place_of_the_host_file_is_removed) {
    Attachment wait = attachment("one");
    wait.announce();
    std::filesystem::remove(directory.path(channel::host_name));
    std::filesystem::create_directories(directory.path(channel::host_name) + "/full");
    wait.attach(run, false);
    test::run(loop, [&] { return test::until(loop, [&] { return file().has_value(); }); });
    BOOST_TEST((file()->facts.run == run));
}

BOOST_AUTO_TEST_CASE(acknowledgements_are_written_in_batches_and_on_flush) {
    Attachment wait = attachment("one");
    wait.announce();
    wait.attach(run, false);
    for (std::uint64_t sequence = 1; sequence < 64; ++sequence)
        BOOST_TEST(!wait.acknowledge(sequence));
    BOOST_TEST(file()->progress.acknowledged == 0u);
    BOOST_TEST(wait.acknowledge(64, 70));
    BOOST_TEST(file()->progress.acknowledged == 64u);
    BOOST_TEST(file()->progress.latency_usec == 70u);
    wait.acknowledge(65);
    wait.flush();
    BOOST_TEST(file()->progress.acknowledged == 65u);
}

BOOST_AUTO_TEST_CASE(the_number_of_processed_records_never_decreases) {
    Attachment wait = attachment("one");
    wait.announce();
    wait.attach(run, false);
    wait.confirm(run, 7);
    wait.confirm(run, 5);
    BOOST_TEST(file()->progress.processed == 7u);
}

BOOST_AUTO_TEST_CASE(a_confirmed_barrier_of_another_run_is_ignored) {
    Attachment wait = attachment("one");
    wait.announce();
    wait.attach(run, false);
    wait.confirm(system::make_random_id(), 7);
    BOOST_TEST(file()->progress.processed == 0u);
}

BOOST_AUTO_TEST_CASE(only_the_same_invocation_resumes_a_run) {
    {
        Attachment killed = attachment("one");
        killed.announce();
        killed.attach(run, false);
        killed.acknowledge(9);
        killed.flush();
    }
    Attachment other = attachment("two");
    BOOST_TEST(!other.resumed_run().has_value());
    Attachment next = attachment("one");
    BOOST_TEST((next.resumed_run() == run));
    next.announce();
    next.attach(run, false);
    BOOST_TEST(file()->progress.acknowledged == 9u);
}

BOOST_AUTO_TEST_CASE(a_wait_without_an_invocation_id_resumes_no_run) {
    {
        Attachment killed = attachment("");
        killed.announce();
        killed.attach(run, false);
    }
    BOOST_TEST(!attachment("").resumed_run().has_value());
}

BOOST_AUTO_TEST_CASE(a_new_run_starts_without_progress_and_signals) {
    Attachment wait = attachment("one");
    wait.announce();
    wait.attach(run, false);
    wait.acknowledge(9);
    wait.flush();
    wait.signal_run(SIGTERM);
    BOOST_TEST(file()->facts.signals.back().signal == SIGTERM);
    wait.attach(system::make_random_id(), true);
    BOOST_TEST(file()->facts.signals.empty());
    BOOST_TEST(file()->facts.polls);
    BOOST_TEST(file()->progress.acknowledged == 0u);
}

BOOST_AUTO_TEST_CASE(signal_numbers_continue_in_the_next_run) {
    Attachment wait = attachment("one");
    wait.announce();
    wait.attach(run, false);
    wait.signal_run(SIGHUP);
    wait.signal_run(SIGHUP);
    BOOST_TEST((file()->facts.signals == channel::SignalList{{1, SIGHUP}, {2, SIGHUP}}));
    wait.attach(run, false);
    wait.signal_run(SIGKILL);
    BOOST_TEST(
        (file()->facts.signals == channel::SignalList{{1, SIGHUP}, {2, SIGHUP}, {3, SIGKILL}}));
    wait.attach(system::make_random_id(), false);
    wait.signal_run(SIGHUP);
    BOOST_TEST((file()->facts.signals == channel::SignalList{{4, SIGHUP}}));
}

BOOST_AUTO_TEST_CASE(the_fact_has_command_stays_set_until_the_run_is_withdrawn) {
    const auto killed = [&](const std::string& invocation, bool has_command) {
        Attachment wait(loop, directory.fd(), {invocation, 5s, 0, "", has_command});
        wait.announce();
        wait.attach(run, false);
        return file()->facts.has_command;
    };
    BOOST_TEST(!killed("one", false));
    BOOST_TEST(killed("one", true));
    // Other `wait` processes attach to the same run, resume it, and are also killed.
    BOOST_TEST(killed("two", false));
    BOOST_TEST(killed("two", false));
    Attachment next(loop, directory.fd(), {"three", 5s, 0, "", true});
    BOOST_TEST(next.was_left_runs());
    next.announce();
    next.withdraw();
    BOOST_TEST(!attachment("four").was_left_runs());
}

BOOST_AUTO_TEST_CASE(missing_features_of_the_kernel_are_published) {
    Attachment wait = attachment("one");
    wait.announce();
    const std::string before = file()->facts.missing;
    wait.show_missing("Landlock");
    BOOST_TEST(file()->facts.missing == before + (before.empty() ? "" : " ") + "Landlock");
}

BOOST_AUTO_TEST_CASE(drops_are_published_within_a_second) {
    Attachment wait = attachment("one");
    wait.announce();
    notify::DropCounters drops;
    drops.add(notify::DropReason::refused_key);
    wait.show_drops(drops);
    test::run(loop, [this] {
        return test::until(loop, [this] {
            return file()->facts.drops.count(notify::DropReason::refused_key) == 1;
        });
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
