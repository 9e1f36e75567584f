#include "init/hands/output/stream_lines.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/util/number.hpp"
#include "base/util/severity_name.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::output {
namespace {

/// The lines of the header. `init` finds the unit itself, because any process can send a name. It
/// always forwards to the syslog daemon, and never to /dev/kmsg or to a terminal.
enum HeaderLine {
    identifier,
    unit_name,
    priority,
    level_prefix,
    forward_to_syslog,
    forward_to_kmsg,
    forward_to_console,
    header_lines
};

/// Returns the length of the header in `bytes`. Returns npos if the header is incomplete.
std::size_t header_size(std::string_view bytes) {
    std::size_t size = 0;
    for (int line = 0; line < header_lines; ++line) {
        const std::size_t end = bytes.find('\n', size);
        if (end == bytes.npos)
            return end;
        size = end + 1;
    }
    return size;
}

}  // namespace

std::optional<StreamLines::Header> StreamLines::parse(std::string_view header) {
    constexpr unsigned level_bits = 3, most_facilities = 128;
    std::array<std::string_view, header_lines> lines;
    for (std::string_view& line : lines)
        line = util::take_until(header, '\n');
    const auto number = util::parse_number<std::uint32_t>(lines[priority]);
    if (!number || *number >= most_facilities << level_bits)
        return std::nullopt;
    const char level = static_cast<char>('0' + (*number & 7U));
    return Header{std::string(lines[identifier]), *number >> level_bits,
                  OutputLines(lines[level_prefix] != "0", util::severity_of_priority(level))};
}

bool StreamLines::add(std::string_view bytes, Take take) {
    std::string rest;
    if (!header_) {
        partial_header_ += bytes;
        const std::size_t size = header_size(partial_header_);
        if (std::min(size, partial_header_.size()) >= longest_header)
            return false;
        if (size == partial_header_.npos)
            return true;
        header_ = parse(std::string_view(partial_header_).substr(0, size));
        if (!header_)
            return false;
        rest = std::exchange(partial_header_, {}).substr(size);
        bytes = rest;
    }
    header_->lines.add(bytes, [&](util::Severity severity, std::string_view line) {
        take({severity, header_->identifier, line, header_->facility});
    });
    return true;
}

void StreamLines::end(Take take) {
    if (header_)
        header_->lines.end([&](util::Severity severity, std::string_view line) {
            take({severity, header_->identifier, line, header_->facility});
        });
}

}  // namespace notifybridge::output
