#include "init/hands/output/output_lines.hpp"

#include <algorithm>

#include "base/util/severity_name.hpp"

namespace notifybridge::output {

void OutputLines::take_line(std::string_view line, Take take) const {
    util::Severity severity = usual_;
    const bool has_priority = has_priorities_ && line.size() >= 3 && line[0] == '<'
                              && line[1] >= '0' && line[1] <= '7' && line[2] == '>';
    if (has_priority) {
        severity = util::severity_of_priority(line[1]);
        line.remove_prefix(3);
    }
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    if (last != line.npos)
        take(severity, line.substr(0, last + 1));
}

void OutputLines::add(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
        const std::size_t ending =
            std::min(bytes.find_first_of(std::string_view("\n\0", 2)), bytes.size());
        const std::size_t room = longest_line - partial_.size();
        const std::size_t size = std::min(ending, room);
        const bool is_whole = ending < bytes.size() && size == ending;
        if (!is_whole && size < room) {
            partial_ += bytes;
            return;
        }
        if (partial_.empty()) {
            take_line(bytes.substr(0, size), take);
        } else {
            partial_ += bytes.substr(0, size);
            take_line(partial_, take);
            partial_ = {};
        }
        bytes.remove_prefix(size + (is_whole ? 1 : 0));
    }
}

void OutputLines::end(Take take) {
    take_line(partial_, take);
    partial_ = {};
}

}  // namespace notifybridge::output
