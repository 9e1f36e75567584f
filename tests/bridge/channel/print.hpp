#pragma once

#include <ostream>

#include "base/notify/print.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/channel/record.hpp"

/// Lets Boost.Test print values of these types when a check fails.
namespace notifybridge::system {

inline std::ostream& boost_test_print_type(std::ostream& out, const RandomId& id) {
    return out << to_string(id);
}

}  // namespace notifybridge::system

namespace notifybridge::channel {

inline std::ostream& boost_test_print_type(std::ostream& out, HeaderError error) {
    return out << "header error " << static_cast<int>(error);
}

inline std::ostream& boost_test_print_type(std::ostream& out, RecordError error) {
    return out << "record error " << static_cast<int>(error);
}

inline std::ostream& boost_test_print_type(std::ostream& out, RecordType type) {
    return out << "record type " << static_cast<int>(type);
}

inline std::ostream& boost_test_print_type(std::ostream& out, JournalReader::Outcome outcome) {
    constexpr std::string_view names[] = {"record", "end of file", "broken", "failed"};
    return out << names[static_cast<std::size_t>(outcome)];
}

inline std::ostream& boost_test_print_type(std::ostream& out, const JournalHeader& header) {
    return out << "run " << to_string(header.run) << " of pid " << header.pid;
}

inline std::ostream& boost_test_print_type(std::ostream& out, const HostFile& file) {
    return out << util::escape(encode(file));
}

inline std::ostream& boost_test_print_type(std::ostream& out, const ContainerStatus& status) {
    return out << to_text(status);
}

}  // namespace notifybridge::channel

namespace notifybridge::process {

inline std::ostream& boost_test_print_type(std::ostream& out, ExitStatus status) {
    return out << describe(status);
}

}  // namespace notifybridge::process
