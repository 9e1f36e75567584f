#include "bridge/channel/takeover.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/journal.hpp"
#include "bridge/channel/print.hpp"
#include "support/faults.hpp"

namespace notifybridge::channel {
namespace {

struct Runs : Shared {
    /// Starts a run that ends at once. Returns its id.
    RunId run() const { return JournalWriter(directory.fd(), new_run()).header().run; }

    /// Returns the run that `open_unread` opens.
    std::optional<RunId> found(const std::optional<RunId>& unread) const {
        JournalFault fault;
        const auto reader = open_unread(directory.fd(), unread, fault);
        BOOST_TEST(!fault.passing);
        return reader ? std::optional(reader->header().run) : std::nullopt;
    }

    bool keeps(const JournalReader& reader, Keeping keeping) const {
        return keeping_of(directory.fd(), reader) == keeping;
    }
};

/// Writes a host file as if a `wait` had read this run and was then killed.
void attach(const test::TemporaryDirectory& directory, const RunId& run) {
    HostFile host;
    host.facts.run = run;
    BOOST_TEST_REQUIRE(HostFileWriter(directory.fd()).publish(host).has_value());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(takeover, Runs)

BOOST_AUTO_TEST_CASE(a_takeover_keeps_the_journal_that_a_wait_reads) {
    const JournalHeader first = JournalWriter(directory.fd(), new_run()).header();
    attach(directory, first.run);
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->reopened(directory.fd()) == nullptr, "there is no other journal");
    // Two more runs follow. The `wait` has not read these runs.
    JournalWriter(directory.fd(), new_run());
    const JournalHeader third = JournalWriter(directory.fd(), new_run()).header();
    JournalFault fault;
    const auto kept = JournalReader::open(directory.fd(), fault, old_journal_name);
    BOOST_TEST_REQUIRE(kept);
    BOOST_TEST((kept->header().run == first.run));
    BOOST_TEST((open_journal(directory)->header().run == third.run));
    // The `wait` reaches the last run.
    attach(directory, third.run);
    const JournalWriter fourth(directory.fd(), new_run());
    BOOST_TEST(
        (JournalReader::open(directory.fd(), fault, old_journal_name)->header().run == third.run));
}

BOOST_AUTO_TEST_CASE(a_failed_takeover_keeps_the_journal_that_a_wait_reads) {
    bool is_past_last_call = false;
    for (std::size_t nth = 1; !is_past_last_call; ++nth) {
        BOOST_TEST_REQUIRE(nth < 1000u);
        const test::TemporaryDirectory place;
        const RunId first = JournalWriter(place.fd(), new_run()).header().run;
        attach(place, first);
        {
            const test::Faults faults({.nth = nth, .error = ENOMEM});
            const test::As process(1);
            try {
                JournalWriter(place.fd(), new_run());
            } catch (const std::runtime_error&) {
                // If the call fails, the new run does not start.
            }
            is_past_last_call = faults.calls().size() < nth;
        }
        JournalFault fault;
        const auto reader = open_unread(place.fd(), first, fault);
        BOOST_TEST((reader && reader->header().run == first), "call " << nth);
    }
}

BOOST_AUTO_TEST_CASE(a_rotated_journal_that_was_kept_is_found) {
    std::optional<JournalWriter> writer(std::in_place, directory.fd(), new_run());
    attach(directory, writer->header().run);
    append(*writer, "X_N=1");
    BOOST_TEST_REQUIRE(writer->flush().has_value());
    const auto reader = open_journal(directory);
    BOOST_TEST(writer->rotate("STATE=ready\n", {}).has_value());
    append(*writer, "X_N=2");
    BOOST_TEST_REQUIRE(writer->flush().has_value());
    writer.reset();
    const JournalWriter next(directory.fd(), new_run());
    const auto rest = reader->reopened(directory.fd());
    BOOST_TEST_REQUIRE(rest);
    BOOST_TEST_REQUIRE(rest->next(record) == Outcome::record);
    BOOST_TEST(payloads(*rest) == Texts({"X_N=1", "X_N=2"}), boost::test_tools::per_element());
    BOOST_TEST(rest->reopened(directory.fd()) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_takeover_without_a_wait_keeps_no_journal) {
    const JournalHeader first = JournalWriter(directory.fd(), new_run()).header();
    attach(directory, first.run);
    JournalWriter(directory.fd(), new_run());
    BOOST_TEST_REQUIRE(::unlinkat(directory.fd().get(), host_name, 0) == 0);
    const JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(directory.names() == Texts{journal_name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_unread_run_is_found_in_the_current_or_kept_journal) {
    const RunId first = run();
    BOOST_TEST((found(std::nullopt) == first));
    BOOST_TEST((found(first) == first));
    attach(directory, first);
    const RunId second = run();
    BOOST_TEST((found(first) == first));
    BOOST_TEST((found(second) == second));
    BOOST_TEST((found(std::nullopt) == second));
    BOOST_TEST((found(system::make_random_id()) == second),
               "only its reader gets the kept journal");
    BOOST_TEST_REQUIRE(::unlinkat(directory.fd().get(), journal_name, 0) == 0);
    BOOST_TEST((found(first) == first));
    BOOST_TEST(!found(second));
}

BOOST_AUTO_TEST_CASE(a_journal_that_the_host_file_names_is_kept) {
    const RunId first = run();
    const auto of_first = open_journal(directory);
    BOOST_TEST(keeps(*of_first, Keeping::yes), "a later run would keep it");
    attach(directory, first);
    const RunId second = run();
    const auto of_second = open_journal(directory);
    BOOST_TEST(keeps(*of_first, Keeping::yes));
    BOOST_TEST(keeps(*of_second, Keeping::yes));
    // The third run took over before the reader had reached the second run.
    run();
    const auto of_third = open_journal(directory);
    attach(directory, second);
    BOOST_TEST(keeps(*of_second, Keeping::no));
    BOOST_TEST(keeps(*of_third, Keeping::yes));
}

BOOST_AUTO_TEST_CASE(whether_a_journal_is_kept_is_unknown_during_a_takeover) {
    run();
    const auto reader = open_journal(directory);
    auto journal = system::open_regular(directory.fd(), journal_name, O_RDWR);
    BOOST_TEST_REQUIRE(journal.has_value());
    system::take_claim_lock(*journal);
    BOOST_TEST(keeps(*reader, Keeping::unknown));
    journal->reset();
    BOOST_TEST(keeps(*reader, Keeping::yes));
}

BOOST_AUTO_TEST_CASE(a_takeover_shows_whether_a_rotated_journal_is_kept) {
    std::optional<JournalWriter> writer(std::in_place, directory.fd(), new_run());
    const auto rotated = open_journal(directory);
    BOOST_TEST(writer->start_over("", {}).has_value());
    BOOST_TEST(keeps(*rotated, Keeping::unknown));
    BOOST_TEST(keeps(*open_journal(directory), Keeping::yes));
    attach(directory, writer->header().run);
    writer.reset();
    run();
    BOOST_TEST(keeps(*rotated, Keeping::yes), "the newer file of the run is kept");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
