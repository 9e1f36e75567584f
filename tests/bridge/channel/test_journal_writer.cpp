#include "bridge/channel/journal_writer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/system/file.hpp"
#include "bridge/channel/journal.hpp"
#include "bridge/channel/print.hpp"
#include "support/limited_files.hpp"

namespace notifybridge::channel {
namespace {

void flush_and_mark(JournalWriter& writer) {
    BOOST_TEST_REQUIRE(writer.flush().has_value());
    writer.mark("STATE=ready\n");
}

void append_numbers(JournalWriter& writer, int first, int last) {
    for (int number = first; number <= last; ++number) {
        append(writer, "X_N=" + std::to_string(number));
        if (number % 50 == 0)
            flush_and_mark(writer);
    }
    flush_and_mark(writer);
}

system::Result<std::size_t> rotate(JournalWriter& writer, std::string_view state) {
    return writer.rotate(state, {1, 2});
}

Texts numbers(int first, int last) {
    Texts texts;
    for (int number = first; number <= last; ++number)
        texts.push_back("X_N=" + std::to_string(number));
    return texts;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(journal_writer, Shared)

BOOST_AUTO_TEST_CASE(records_of_a_journal_are_numbered_from_one) {
    JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(writer.append({}) == 1u);
    BOOST_TEST(writer.append({}) == 2u);
    BOOST_TEST(writer.last_sequence() == 2u);
    BOOST_TEST(writer.queued() > 0u);
    BOOST_TEST(writer.flush().has_value());
    BOOST_TEST(writer.queued() == 0u);
    BOOST_TEST(writer.size() == std::filesystem::file_size(directory.path(journal_name)));
}

BOOST_AUTO_TEST_CASE(all_users_may_read_the_journal_under_any_umask) {
    const mode_t before = ::umask(0077);
    const JournalWriter writer(directory.fd(), new_run());
    ::umask(before);
    struct stat status;
    BOOST_TEST_REQUIRE(::stat(directory.path(journal_name).c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0644u);
}

BOOST_AUTO_TEST_CASE(a_new_journal_removes_unfinished_files) {
    const std::vector<std::string> unfinished = {system::temporary_name(journal_name),
                                                 system::temporary_name(status_name)};
    const std::vector<std::string> kept = {".journal.mine", system::temporary_name(host_name)};
    for (const auto& names : {unfinished, kept})
        for (const std::string& name : names)
            std::ofstream(directory.path(name)) << "some";
    const JournalWriter writer(directory.fd(), new_run());
    for (const std::string& name : unfinished)
        BOOST_TEST(!std::filesystem::exists(directory.path(name)), name);
    for (const std::string& name : kept)
        BOOST_TEST(std::filesystem::exists(directory.path(name)), name);
    BOOST_TEST(writer.size() == std::filesystem::file_size(directory.path(journal_name)));
}

BOOST_AUTO_TEST_CASE(a_record_that_cannot_be_written_stays_queued) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 2);
    {
        const test::FilesAreLimited limit(writer.size() + 60);
        append(writer, "X_N=3");
        append(writer, "X_N=4");
        BOOST_TEST(writer.flush().has_error());
        BOOST_TEST(writer.flush().has_error());
        BOOST_TEST(writer.queued() > 0u);
        BOOST_TEST(payloads(*open_journal(directory)).size() >= 2u);
    }
    append(writer, "X_N=5");
    BOOST_TEST(writer.flush().has_value());
    BOOST_TEST(payloads(*open_journal(directory)) == numbers(1, 5),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(starting_over_drops_unread_records) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 10);
    append(writer, "X_N=11");
    {
        const test::FilesAreLimited limit(0);
        BOOST_TEST(writer.start_over("STATE=ready\n", {}).has_error());
    }
    BOOST_TEST(writer.unread() > 0u, "a reader may come before the next try");
    BOOST_TEST(writer.queued() > 0u);
    BOOST_TEST(writer.start_over("STATE=ready\n", {}).has_value());
    BOOST_TEST(writer.queued() == 0u);
    BOOST_TEST(writer.unread() == 0u);
    BOOST_TEST(payloads(*open_journal(directory)) == Texts{"STATE=ready\n"},
               boost::test_tools::per_element());
    append_numbers(writer, 12, 13);
    BOOST_TEST(writer.unread() > 0u);
}

BOOST_AUTO_TEST_CASE(acknowledged_records_do_not_count_as_unread) {
    JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(writer.unread() == 0u);
    append_numbers(writer, 1, 10);
    BOOST_TEST(writer.unread() > 0u);
    writer.acknowledge(10);
    BOOST_TEST(writer.unread() == 0u);
    writer.acknowledge(1000);
    append_numbers(writer, 11, 11);
    BOOST_TEST(writer.unread() > 0u);
    writer.acknowledge(11);
    writer.acknowledge(5);
    BOOST_TEST(writer.unread() == 0u);
}

BOOST_AUTO_TEST_CASE(rotation_keeps_state_and_unacknowledged_records) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 5000);
    writer.acknowledge(4000);
    append(writer, "X_N=5001");
    const std::uint64_t size = writer.size();
    BOOST_TEST(rotate(writer, writer.cut().state).has_value());
    BOOST_TEST(writer.size() < size / 2);
    BOOST_TEST(writer.size() == std::filesystem::file_size(directory.path(journal_name)));
    BOOST_TEST(writer.queued() > 0u, "the rotation keeps queued records");
    BOOST_TEST(writer.flush().has_value());

    const auto reader = open_journal(directory);
    BOOST_TEST(reader->header() == writer.header());
    BOOST_TEST(reader->writer_lives(directory.fd()));
    BOOST_TEST_REQUIRE(reader->next(record) == Outcome::record);
    BOOST_TEST(record.type == RecordType::state);
    BOOST_TEST(record.sequence == 4000u);
    BOOST_TEST(record.payload == "STATE=ready\n");
    Texts left;
    while (reader->next(record) == Outcome::record)
        left.emplace_back(record.payload);
    BOOST_TEST(left == numbers(4001, 5001), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(writing_continues_after_a_rotation) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 100);
    writer.acknowledge(100);
    BOOST_TEST(rotate(writer, "STATE=ready\n").has_value());
    BOOST_TEST(writer.unread() == 0u);
    append_numbers(writer, 101, 150);
    writer.acknowledge(120);
    BOOST_TEST(rotate(writer, "STATE=ready\n").has_value());
    append_numbers(writer, 151, 152);
    const auto reader = open_journal(directory);
    Texts left;
    while (reader->next(record) == Outcome::record)
        if (record.type == RecordType::datagram && record.sequence > 120)
            left.emplace_back(record.payload);
    BOOST_TEST(left == numbers(121, 152), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(acknowledging_frees_room_after_a_rotation) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 10'000);
    writer.acknowledge(1000);
    BOOST_TEST(rotate(writer, "STATE=ready\n").has_value());
    const std::uint64_t unread = writer.unread();
    writer.acknowledge(5500);
    BOOST_TEST(writer.unread() < unread * 6 / 10);
    BOOST_TEST(writer.unread() > unread * 4 / 10);
    BOOST_TEST(writer.cut().sequence == 5500u);
    BOOST_TEST(rotate(writer, "STATE=ready\n").has_value());
    const auto reader = open_journal(directory);
    BOOST_TEST_REQUIRE(reader->next(record) == Outcome::record);
    BOOST_TEST(payloads(*reader) == numbers(5501, 10'000), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_finishes_the_old_file_after_a_rotation) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 10);
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->is_current(directory.fd()));
    BOOST_TEST(rotate(writer, "").has_value());
    BOOST_TEST(!reader->is_current(directory.fd()));
    BOOST_TEST(payloads(*reader) == numbers(1, 10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_failed_rotation_keeps_the_old_file) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 10);
    {
        const test::FilesAreLimited limit(writer.size());
        BOOST_TEST(rotate(writer, "STATE=ready\n").has_error());
    }
    append_numbers(writer, 11, 11);
    BOOST_TEST(payloads(*open_journal(directory)) == numbers(1, 11),
               boost::test_tools::per_element());
    BOOST_TEST(directory.names() == Texts{journal_name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_live_run_is_not_taken_over) {
    JournalWriter writer(directory.fd(), new_run());
    append_numbers(writer, 1, 1);
    BOOST_CHECK_EXCEPTION(JournalWriter(directory.fd(), new_run()), DirectoryTakenError,
                          [](const DirectoryTakenError& error) {
                              return std::string(error.what()).find("77") != std::string::npos;
                          });
    BOOST_TEST(open_journal(directory)->header() == writer.header());
    BOOST_TEST(directory.names() == Texts{journal_name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_live_run_is_not_taken_over_after_a_rotation) {
    JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(rotate(writer, "").has_value());
    BOOST_CHECK_THROW(JournalWriter(directory.fd(), new_run()), DirectoryTakenError);
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_taken_over) {
    const JournalHeader ended = JournalWriter(directory.fd(), new_run()).header();
    const auto reader = open_journal(directory);
    const JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST((open_journal(directory)->header().run == writer.header().run));
    BOOST_TEST((writer.header().run != ended.run));
    BOOST_TEST(!reader->writer_lives(directory.fd()));
    BOOST_TEST(directory.names() == Texts{journal_name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_a_journal_is_replaced) {
    directory.write(journal_name, "something else");
    const JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(open_journal(directory)->header() == writer.header());
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_the_journal_is_replaced) {
    directory.write("elsewhere", "untouched");
    BOOST_TEST_REQUIRE(::symlinkat("elsewhere", directory.fd().get(), journal_name) == 0);
    const JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(open_journal(directory)->header() == writer.header());
    BOOST_TEST(directory.read("elsewhere") == "untouched");
}

BOOST_AUTO_TEST_CASE(a_fifo_in_place_of_the_journal_is_replaced) {
    BOOST_TEST_REQUIRE(::mkfifoat(directory.fd().get(), journal_name, 0644) == 0);
    const JournalWriter writer(directory.fd(), new_run());
    BOOST_TEST(open_journal(directory)->header() == writer.header());
}

BOOST_AUTO_TEST_CASE(a_directory_as_journal_is_refused_without_leftover_files) {
    BOOST_TEST_REQUIRE(::mkdirat(directory.fd().get(), journal_name, 0755) == 0);
    BOOST_CHECK_THROW(JournalWriter(directory.fd(), new_run()), std::system_error);
    BOOST_TEST(directory.names() == Texts{journal_name}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
