#include "bridge/status/overview.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <memory>

#include "bridge/channel/journal_writer.hpp"
#include "bridge/channel/state_text.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::status {
namespace {

using Directory = test::TemporaryDirectory;

channel::JournalHeader header(bool beats = false) {
    channel::JournalHeader header;
    header.run.bytes.fill(std::byte{7});
    header.started_usec = 1000;
    header.beats = beats;
    return header;
}

channel::Record record(channel::RecordType type, std::string_view payload) {
    channel::Record record;
    record.type = type;
    record.time = {5000, 50};
    record.payload = payload;
    return record;
}

/// Starts a run that sends these messages.
std::unique_ptr<channel::JournalWriter> start_run(const Directory& directory,
                                                  std::initializer_list<std::string_view> datagrams,
                                                  bool beats = false) {
    auto journal = std::make_unique<channel::JournalWriter>(directory.fd(), header(beats));
    for (const std::string_view datagram : datagrams)
        journal->append(record(channel::RecordType::datagram, datagram));
    BOOST_TEST_REQUIRE(journal->flush().has_value());
    return journal;
}

BOOST_AUTO_TEST_SUITE(overview)

BOOST_AUTO_TEST_CASE(an_empty_shared_directory_has_no_run_and_no_fault) {
    const Directory directory;
    BOOST_TEST((look_at(directory.fd()) == Overview{}));
}

BOOST_AUTO_TEST_CASE(a_new_run_is_in_the_starting_phase) {
    const Directory directory;
    const auto journal = start_run(directory, {"STATUS=loads"});
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST((overview.run->liveness == Liveness::alive));
    BOOST_TEST((overview.run->state.phase == notify::Phase::starting));
    BOOST_TEST(overview.run->state.since.realtime == 1000u);
    BOOST_TEST(!is_ready(*overview.run));
}

BOOST_AUTO_TEST_CASE(the_journal_overrides_an_older_container_status) {
    const Directory directory;
    directory.write("container-status",
                    "STATE=starting\nRUN_ID=07070707070707070707070707070707\n");
    const auto journal = start_run(directory, {"READY=1", "STATUS=serves"});
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST(is_ready(*overview.run));
    BOOST_TEST(overview.run->state.facts.at(notify::Key::status) == "serves");
    BOOST_TEST(overview.container.has_value());
}

BOOST_AUTO_TEST_CASE(a_reloading_run_is_ready_and_a_stopping_run_is_not) {
    const Directory directory;
    const auto journal = start_run(directory, {"READY=1", "RELOADING=1"});
    BOOST_TEST(is_ready(*look_at(directory.fd()).run));
    journal->append(record(channel::RecordType::datagram, "STOPPING=1"));
    BOOST_TEST_REQUIRE(journal->flush().has_value());
    BOOST_TEST(!is_ready(*look_at(directory.fd()).run));
}

BOOST_AUTO_TEST_CASE(a_rotated_state_is_not_applied_twice) {
    const Directory directory;
    const auto journal = start_run(directory, {"STATUS=old", "READY=1"});
    notify::State folded;
    folded.phase = notify::Phase::stopping;
    folded.facts[notify::Key::status] = "new";
    const std::string text = channel::to_text(folded);
    BOOST_TEST_REQUIRE(journal->start_over(text, {}).has_value());
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST((overview.run->liveness == Liveness::alive));
    BOOST_TEST((overview.run->state == folded));
    BOOST_TEST(overview.run->last_sequence == 2u);
}

BOOST_AUTO_TEST_CASE(a_recorded_end_counts_even_if_the_lock_is_held) {
    const Directory directory;
    const auto journal = start_run(directory, {"READY=1"});
    journal->append(record(channel::RecordType::end, "EXITED=3"));
    BOOST_TEST_REQUIRE(journal->flush().has_value());
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST((overview.run->liveness == Liveness::ended));
    BOOST_TEST((overview.run->end == process::ExitStatus::exited(3)));
    BOOST_TEST(overview.run->ended_usec == 5000u);
}

BOOST_AUTO_TEST_CASE(a_run_without_a_lock_has_broken_off) {
    const Directory directory;
    start_run(directory, {"READY=1"}).reset();
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST((overview.run->liveness == Liveness::ended));
    BOOST_TEST(!overview.run->end.has_value());
}

BOOST_AUTO_TEST_CASE(the_liveness_of_a_run_without_locks_is_unknown) {
    const Directory directory;
    start_run(directory, {"READY=1"}, true).reset();
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST((overview.run->liveness == Liveness::unknown));
}

BOOST_AUTO_TEST_CASE(a_run_with_a_damaged_journal_is_not_ready) {
    const Directory directory;
    const auto journal = start_run(directory, {"READY=1"});
    directory.write("copy", directory.read("journal") + std::string(100, 'x'));
    std::filesystem::rename(directory.path("copy"), directory.path("journal"));
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST(overview.run->damaged);
    BOOST_TEST(!is_ready(*overview.run));
    BOOST_TEST(overview.faults.size() == 1u);
}

BOOST_AUTO_TEST_CASE(counters_of_another_run_are_not_shown) {
    const Directory directory;
    const auto journal = start_run(directory, {});
    directory.write("container-status", "RUN_ID=00000000000000000000000000000001\nMESSAGES=9\n");
    BOOST_TEST(!look_at(directory.fd()).container.has_value());
}

BOOST_AUTO_TEST_CASE(each_file_that_is_not_regular_is_reported_as_a_fault) {
    const Directory directory;
    const auto journal = start_run(directory, {"READY=1"});
    BOOST_TEST_REQUIRE(::mkfifo(directory.path("host").c_str(), 0666) == 0);
    BOOST_TEST_REQUIRE(::symlink("/etc/passwd", directory.path("container-status").c_str()) == 0);
    const Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE(overview.run.has_value());
    BOOST_TEST(is_ready(*overview.run));
    BOOST_TEST_REQUIRE(overview.faults.size() == 2u);
    BOOST_TEST(overview.faults[0].file == "host");
    BOOST_TEST(overview.faults[1].file == "container-status");
    BOOST_TEST(overview.faults[1].text == "it is a symbolic link");
}

BOOST_AUTO_TEST_CASE(an_invalid_file_is_reported_as_a_fault) {
    const Directory directory;
    directory.write("journal", std::string(200, '\0'));
    directory.write("host", "rubbish");
    const Overview overview = look_at(directory.fd());
    BOOST_TEST(!overview.run.has_value());
    BOOST_TEST(!overview.host.has_value());
    BOOST_TEST(overview.faults.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_wait_is_attached_only_with_the_lock_and_the_run) {
    const Directory directory;
    const auto journal = start_run(directory, {"READY=1"});
    channel::HostFile file;
    file.facts.pid = 12;
    file.facts.run = header().run;
    auto writer = std::make_unique<channel::HostFileWriter>(directory.fd());
    BOOST_TEST_REQUIRE(writer->publish(file).has_value());
    Overview overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE((overview.run && overview.host));
    BOOST_TEST((overview.host->file == file));
    BOOST_TEST(is_attached(*overview.host, *overview.run));

    overview.host->file.facts.run = std::nullopt;
    BOOST_TEST(!is_attached(*overview.host, *overview.run));

    writer.reset();
    overview = look_at(directory.fd());
    BOOST_TEST_REQUIRE((overview.run && overview.host));
    BOOST_TEST(!is_attached(*overview.host, *overview.run));
}

BOOST_AUTO_TEST_CASE(a_ready_app_that_was_asked_to_end_is_stopping) {
    struct Row {
        std::vector<int> signals;
        std::string_view state;
    };
    for (const Row& row : std::to_array<Row>({{{SIGTERM}, "stopping"},
                                              {{SIGKILL}, "stopping"},
                                              {{SIGTERM, SIGQUIT}, "stopping"},
                                              {{SIGHUP}, "ready"},
                                              // The JVM prints its threads, and goes on.
                                              {{SIGQUIT}, "ready"}})) {
        const Directory directory;
        const auto journal = start_run(directory, {"READY=1"});
        channel::HostFile file;
        file.facts.run = header().run;
        for (const int signal : row.signals)
            file.facts.signals.push_back({file.facts.signals.size() + 1, signal});
        channel::HostFileWriter writer(directory.fd());
        BOOST_TEST_REQUIRE(writer.publish(file).has_value());
        const Overview overview = look_at(directory.fd());
        BOOST_TEST_REQUIRE(overview.run.has_value());
        BOOST_TEST(state_name(*overview.run) == row.state);
        BOOST_TEST(is_ready(*overview.run) == (row.state == "ready"));
        BOOST_TEST((overview.run->state.phase == notify::Phase::ready));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
