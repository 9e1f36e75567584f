#include "bridge/probe/line_splitter.hpp"

namespace notifybridge::probe {

void LineSplitter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const bool ends = newline != bytes.npos;
        const std::string_view part = bytes.substr(0, newline);
        if (!told_)
            line_ += part.substr(0, longest_line - line_.size());
        if (!told_ && (ends || line_.size() == longest_line))
            tell();
        told_ = told_ && !ends;
        bytes.remove_prefix(ends ? newline + 1 : bytes.size());
    }
}

void LineSplitter::end() {
    if (!told_ && !line_.empty())
        tell();
    told_ = false;
}

void LineSplitter::tell() {
    told_ = true;
    on_line(line_);
    line_.clear();
    // Long lines are rare, so release the memory after such a line.
    if (line_.capacity() > longest_line / 4)
        line_.shrink_to_fit();
}

}  // namespace notifybridge::probe
