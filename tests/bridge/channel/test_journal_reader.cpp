#include "bridge/channel/journal_reader.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "bridge/channel/journal.hpp"
#include "bridge/channel/print.hpp"

namespace notifybridge::channel::test_journal_reader {
namespace {

struct Written : Shared {
    /// Writes a journal that no process has locked.
    void write_journal(std::string_view records) const {
        const HeaderBytes header = encode(new_run());
        directory.write(journal_name, std::string(system::as_text(header)) + std::string(records));
    }

    std::string fault() const {
        JournalFault found;
        BOOST_TEST(!JournalReader::open(directory.fd(), found));
        BOOST_TEST(!found.absent);
        return found.text;
    }

    void truncate(std::uintmax_t size) const {
        std::filesystem::resize_file(directory.path(journal_name), size);
    }
};

std::string record_bytes(std::uint64_t sequence, std::string_view payload) {
    Record record;
    record.sequence = sequence;
    record.payload = payload;
    std::vector<std::byte> bytes;
    encode(record, bytes);
    return std::string(system::as_text(bytes));
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(journal_reader, Written)

BOOST_AUTO_TEST_CASE(records_of_a_journal_are_read_after_each_flush) {
    JournalWriter writer(directory.fd(), new_run());
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    append(writer, "READY=1");
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    BOOST_TEST(writer.flush().has_value());
    BOOST_TEST(payloads(*reader) == Texts{"READY=1"}, boost::test_tools::per_element());
    append(writer, "STATUS=a");
    append(writer, "STATUS=b");
    BOOST_TEST(writer.flush().has_value());
    BOOST_TEST(payloads(*reader) == (Texts{"STATUS=a", "STATUS=b"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(more_records_than_fit_into_a_buffer_are_read_in_order) {
    constexpr std::size_t count = 2000;
    JournalWriter writer(directory.fd(), new_run());
    for (std::size_t at = 0; at < count; ++at)
        append(writer, "X_N=" + std::to_string(at) + std::string(at % 300, ' '));
    BOOST_TEST(writer.flush().has_value());
    const auto reader = open_journal(directory);
    for (std::size_t at = 0; at < count; ++at) {
        BOOST_TEST_REQUIRE(reader->next(record) == Outcome::record);
        BOOST_TEST_REQUIRE(record.sequence == at + 1);
        BOOST_TEST_REQUIRE(record.payload.starts_with("X_N=" + std::to_string(at)));
    }
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
}

BOOST_AUTO_TEST_CASE(a_record_with_the_longest_payload_is_read) {
    const std::string longest(longest_payload, 'x');
    write_journal(record_bytes(1, "a") + record_bytes(2, longest));
    BOOST_TEST(payloads(*open_journal(directory)) == (Texts{"a", longest}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_incomplete_record_is_read_once_it_is_complete) {
    const std::string first = record_bytes(1, "first");
    const std::string second = record_bytes(2, "second");
    for (std::size_t length = 0; length < second.size(); ++length) {
        write_journal(first + second.substr(0, length));
        const auto reader = open_journal(directory);
        BOOST_TEST(payloads(*reader) == Texts{"first"}, boost::test_tools::per_element());
        BOOST_TEST(reader->next(record) == Outcome::end_of_file);
        const auto whole = system::open_regular(directory.fd(), journal_name, O_WRONLY);
        BOOST_TEST(
            system::write_at(*whole, system::bytes_of(first + second), header_size).has_value());
        BOOST_TEST(payloads(*reader) == Texts{"second"}, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_record_is_reported_at_the_second_read) {
    std::string damaged = record_bytes(2, "second");
    damaged[50] = 'X';
    write_journal(record_bytes(1, "first") + damaged + record_bytes(3, "third"));
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->next(record) == Outcome::record);
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    BOOST_TEST(reader->next(record) == Outcome::broken);
    BOOST_TEST(reader->next(record) == Outcome::broken);
}

BOOST_AUTO_TEST_CASE(an_unwritten_record_does_not_count_as_damage) {
    const std::string whole = record_bytes(1, "first");
    write_journal(std::string(whole.size(), '\0'));
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    const auto file = system::open_regular(directory.fd(), journal_name, O_WRONLY);
    BOOST_TEST(system::write_at(*file, system::bytes_of(whole), header_size).has_value());
    BOOST_TEST(payloads(*reader) == Texts{"first"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(zeros_at_the_end_of_a_journal_never_count_as_damage) {
    const std::string first = record_bytes(1, "first");
    const std::string second = record_bytes(2, "second");
    write_journal(first + std::string(4000, '\0'));
    const auto reader = open_journal(directory);
    BOOST_TEST(payloads(*reader) == Texts{"first"}, boost::test_tools::per_element());
    for (int look = 0; look < 3; ++look)
        BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    const auto file = system::open_regular(directory.fd(), journal_name, O_WRONLY);
    BOOST_TEST(
        system::write_at(*file, system::bytes_of(second), header_size + first.size()).has_value());
    BOOST_TEST(payloads(*reader) == Texts{"second"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_journal_that_shrinks_counts_as_damaged) {
    write_journal(record_bytes(1, "first") + record_bytes(2, "second"));
    for (const std::uintmax_t size : {header_size + 8, header_size, std::size_t{0}}) {
        const auto reader = open_journal(directory);
        payloads(*reader);
        const std::string content = directory.read(journal_name);
        truncate(size);
        BOOST_TEST(reader->next(record) == Outcome::broken);
        directory.write(journal_name, content);
    }
}

BOOST_AUTO_TEST_CASE(a_sparse_journal_counts_as_damaged_without_a_full_read) {
    write_journal("");
    truncate(std::uintmax_t{1} << 40);
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->next(record) == Outcome::end_of_file);
    BOOST_TEST(reader->next(record) == Outcome::broken);
}

BOOST_AUTO_TEST_CASE(a_missing_journal_is_not_a_fault) {
    JournalFault found;
    BOOST_TEST(!JournalReader::open(directory.fd(), found));
    BOOST_TEST(found.absent);
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_the_journal_is_refused) {
    directory.write("elsewhere", "x");
    BOOST_TEST_REQUIRE(::symlinkat("elsewhere", directory.fd().get(), journal_name) == 0);
    BOOST_TEST(says(fault(), "symbolic link"));
}

BOOST_AUTO_TEST_CASE(a_fifo_as_journal_is_refused_without_blocking) {
    BOOST_TEST_REQUIRE(::mkfifoat(directory.fd().get(), journal_name, 0644) == 0);
    BOOST_TEST(says(fault(), "not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_directory_in_place_of_the_journal_is_refused) {
    BOOST_TEST_REQUIRE(::mkdirat(directory.fd().get(), journal_name, 0755) == 0);
    BOOST_TEST(says(fault(), "directory"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_a_journal_is_refused_with_a_reason) {
    directory.write(journal_name, "");
    BOOST_TEST(says(fault(), "shorter"));
    directory.write(journal_name, std::string(4096, 'x'));
    BOOST_TEST(says(fault(), "not a journal"));
    HeaderBytes header = encode(new_run());
    header[20] ^= std::byte{1};
    directory.write(journal_name, system::as_text(header));
    BOOST_TEST(says(fault(), "checksum"));
}

BOOST_AUTO_TEST_CASE(another_journal_version_is_refused_with_its_number) {
    HeaderBytes header = encode(new_run());
    header[8] = std::byte{9};
    directory.write(journal_name, system::as_text(header));
    BOOST_TEST(says(fault(), "version 9"));
    BOOST_TEST(says(fault(), "version " + std::to_string(format_version)));
}

BOOST_AUTO_TEST_CASE(a_run_ends_with_its_writer) {
    auto writer = std::make_unique<JournalWriter>(directory.fd(), new_run());
    const auto reader = open_journal(directory);
    BOOST_TEST(reader->writer_lives(directory.fd()));
    writer.reset();
    BOOST_TEST(!reader->writer_lives(directory.fd()));
}

BOOST_AUTO_TEST_CASE(a_beat_changes_only_the_beat_number_of_the_journal) {
    JournalWriter writer(directory.fd(), new_run());
    const auto reader = open_journal(directory);
    const std::uint64_t before = reader->read_beat();
    writer.beat();
    BOOST_TEST(reader->read_beat() != before);
    BOOST_TEST(open_journal(directory)->header() == writer.header());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel::test_journal_reader
