#include "bridge/diagnosis/journal_field.hpp"

#include <algorithm>
#include <cstdint>

#include "base/util/take_until.hpp"

namespace notifybridge::diagnosis {
namespace {

/// Takes the value of a field that is not plain text: its size in 8 bytes, the value and a newline.
std::string_view take_bytes(std::string_view& rest) {
    std::uint64_t size = 0;
    rest.copy(reinterpret_cast<char*>(&size), sizeof size);
    rest.remove_prefix(std::min(sizeof size, rest.size()));
    const std::string_view value = rest.substr(0, size);
    rest.remove_prefix(std::min(value.size() + 1, rest.size()));
    return value;
}

}  // namespace

JournalField take_field(std::string_view& entries) {
    const std::string_view line = util::take_until(entries, '\n');
    const std::size_t equals = line.find('=');
    if (equals != line.npos)
        return {line.substr(0, equals), line.substr(equals + 1)};
    return {line, line.empty() ? line : take_bytes(entries)};
}

}  // namespace notifybridge::diagnosis
