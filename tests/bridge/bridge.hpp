#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/notify/sender.hpp"
#include "base/system/namespaces.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/journal_writer.hpp"
#include "support/manager.hpp"
#include "support/temporary_directory.hpp"

/// Helpers for tests of both sides of the bridge.
namespace notifybridge::bridge {

using Texts = std::vector<std::string>;

inline notify::Address address_of(const std::string& path) {
    return {notify::Address::Kind::path, path, 0, 0, SOCK_DGRAM};
}

/// A run, with records as `wrap` writes them.
class Run {
public:
    explicit Run(system::Fd directory, bool beats = false) : writer(directory, new_header(beats)) {}

    void say(std::string_view datagram) { append(channel::RecordType::datagram, datagram); }
    void end(std::string_view how) { append(channel::RecordType::end, how); }
    std::uint64_t barrier() { return append(channel::RecordType::barrier, {}); }

    /// Rotates the journal. `state` is the text of the state record that replaces the acknowledged
    /// messages.
    void rotate(std::string_view state) {
        const auto rotated = writer.rotate(state, {1, 1});
        BOOST_TEST_REQUIRE(rotated.has_value());
    }

    channel::JournalWriter writer;

private:
    static channel::JournalHeader new_header(bool beats) {
        channel::JournalHeader header;
        header.run = system::make_random_id();
        header.pid = static_cast<std::uint32_t>(::getpid());
        header.pid_namespace = system::pid_namespace();
        header.beats = beats;
        return header;
    }

    std::uint64_t append(channel::RecordType type, std::string_view payload) {
        channel::Record record;
        record.type = type;
        record.payload = payload;
        const std::uint64_t sequence = writer.append(record);
        BOOST_TEST_REQUIRE(writer.flush().has_value());
        writer.mark({});  // So that a rotation can cut here.
        return sequence;
    }
};

/// Returns the current content of the file "host".
inline channel::HostFile host_in(const test::TemporaryDirectory& directory) {
    return channel::decode_host_file(directory.read(channel::host_name))
        .value_or(channel::HostFile{});
}

}  // namespace notifybridge::bridge
