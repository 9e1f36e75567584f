#pragma once

#include <string>
#include <vector>

#include "bridge/channel/directory.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/journal_writer.hpp"
#include "support/temporary_directory.hpp"

/// Helps tests of both ends of the journal.
namespace notifybridge::channel {

using Outcome = JournalReader::Outcome;
using Texts = std::vector<std::string>;

/// A directory for a journal. `record` receives each record that a test reads from the journal.
struct Shared {
    test::TemporaryDirectory directory;
    Record record;
};

inline JournalHeader new_run() {
    JournalHeader header;
    header.run = system::make_random_id();
    header.pid = 77;
    return header;
}

/// Opens the journal in the directory. The test fails if the journal cannot be read.
inline std::unique_ptr<JournalReader> open_journal(const test::TemporaryDirectory& directory) {
    JournalFault fault;
    auto reader = JournalReader::open(directory.fd(), fault);
    BOOST_TEST_REQUIRE(reader, fault.text);
    return reader;
}

inline void append(JournalWriter& writer, std::string_view payload) {
    Record record;
    record.payload = payload;
    writer.append(record);
}

/// Returns the payloads of all records that `reader` finds.
inline Texts payloads(JournalReader& reader) {
    Texts found;
    Record record;
    while (reader.next(record) == Outcome::record)
        found.emplace_back(record.payload);
    return found;
}

}  // namespace notifybridge::channel
