#include "bridge/channel/peer.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "bridge/channel/directory.hpp"
#include "bridge/channel/journal.hpp"
#include "support/faults.hpp"

namespace notifybridge::channel::test_peer {
namespace {

constexpr std::uint64_t second = 1'000'000;

/// A run, and the `Peer` with which the other side checks whether the run is alive.
struct Watched {
    test::Faults faults;
    test::As as{1};
    test::TemporaryDirectory directory;
    std::optional<Peer> peer{directory.fd()};
    std::optional<JournalWriter> writer;
    std::unique_ptr<JournalReader> reader;

    void start(bool beats) {
        JournalHeader header = new_run();
        header.beats = beats;
        writer.emplace(directory.fd(), header);
        reader = open_journal(directory);
    }

    void look_from_beyond_a_mount() {
        test::Faults::put_beyond_mount(1);
        peer.emplace(directory.fd());
    }

    /// Checks the run once a second for `seconds` seconds. Returns the last result.
    bool lives_after(int seconds) {
        bool lives = peer->lives(*reader);
        for (; seconds > 0; --seconds) {
            test::Faults::advance(std::chrono::seconds(1));
            lives = peer->lives(*reader);
        }
        return lives;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(peer_of_the_bridge, Watched)

BOOST_AUTO_TEST_CASE(a_first_beat_counts_as_a_change) {
    peer->take_beat(7, 100 * second);
    BOOST_TEST(peer->beats());
    BOOST_TEST(!peer->has_beaten());
}

BOOST_AUTO_TEST_CASE(a_peer_with_a_changing_beat_is_alive) {
    for (std::uint64_t number = 1; number < 100; ++number) {
        peer->take_beat(number, number * second);
        BOOST_TEST(peer->beats());
    }
    BOOST_TEST(peer->has_beaten());
}

BOOST_AUTO_TEST_CASE(a_peer_without_a_new_beat_for_ten_seconds_is_dead) {
    for (std::uint64_t now = 1; now <= 10; ++now) {
        peer->take_beat(7, now * second);
        BOOST_TEST(peer->beats());
    }
    peer->take_beat(7, 11 * second);
    BOOST_TEST(!peer->beats());
    BOOST_TEST(!peer->has_beaten());
    peer->take_beat(8, 12 * second);
    BOOST_TEST(peer->beats());
    BOOST_TEST(peer->has_beaten());
}

BOOST_AUTO_TEST_CASE(a_long_pause_between_checks_counts_as_one_second) {
    peer->take_beat(7, second);
    peer->take_beat(7, 1000 * second);
    BOOST_TEST(peer->beats());
}

BOOST_AUTO_TEST_CASE(a_free_lock_means_an_end_only_if_the_mount_shows_locks) {
    BOOST_TEST((peer->at_a_glance(false, false) == Liveness::ended));
    BOOST_TEST((peer->at_a_glance(false, true) == Liveness::unknown));
    look_from_beyond_a_mount();
    BOOST_TEST((peer->at_a_glance(false, false) == Liveness::unknown));
    BOOST_TEST((peer->at_a_glance(true, true) == Liveness::alive));
}

BOOST_AUTO_TEST_CASE(a_run_with_a_lock_lives_until_its_lock_is_free) {
    start(false);
    BOOST_TEST(peer->lives(*reader));
    BOOST_TEST(peer->writes(*reader));
    BOOST_TEST_REQUIRE(writer->rotate("", {}).has_value());
    BOOST_TEST(lives_after(60));
    BOOST_TEST(!peer->writes(*reader));
    writer.reset();
    BOOST_TEST(!peer->lives(*reader));
}

BOOST_AUTO_TEST_CASE(a_run_whose_beat_stops_counts_as_dead) {
    start(true);
    writer.reset();
    BOOST_TEST(lives_after(9));
    BOOST_TEST(peer->writes(*reader));
    BOOST_TEST(!lives_after(1));
    BOOST_TEST(!peer->writes(*reader));
}

BOOST_AUTO_TEST_CASE(a_run_with_neither_beat_nor_visible_lock_counts_as_dead) {
    start(false);
    look_from_beyond_a_mount();
    BOOST_TEST(lives_after(9));
    BOOST_TEST(!lives_after(1));
}

BOOST_AUTO_TEST_CASE(the_first_beat_of_each_run_counts_as_a_change) {
    start(true);
    BOOST_TEST(lives_after(9));
    writer->beat();
    BOOST_TEST(!lives_after(11));
    BOOST_TEST(peer->has_beaten());
    writer.reset();
    start(true);
    BOOST_TEST(lives_after(9));
    BOOST_TEST(!peer->has_beaten());
}

BOOST_AUTO_TEST_CASE(a_run_without_new_beats_lives_while_the_command_runs) {
    start(true);
    peer->set_command_runs(true);
    BOOST_TEST(lives_after(60));
    // Another run has taken over.
    std::filesystem::rename(directory.path(journal_name), directory.path("elsewhere"));
    BOOST_TEST(!peer->lives(*reader));
    std::filesystem::rename(directory.path("elsewhere"), directory.path(journal_name));
    peer->set_command_runs(false);
    BOOST_TEST(!peer->lives(*reader));
}

BOOST_AUTO_TEST_CASE(an_end_record_ends_a_run_that_is_known_by_its_beat) {
    start(true);
    BOOST_TEST(peer->goes_on(*reader));
    Record end;
    end.type = RecordType::end;
    end.payload = "EXITED=0";
    writer->append(end);
    BOOST_TEST_REQUIRE(writer->flush().has_value());
    BOOST_TEST(peer->lives(*reader));
    BOOST_TEST(!peer->goes_on(*reader));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel::test_peer
