#include "execute/recent_lines.hpp"

namespace notifybridge::execute {

void RecentLines::add(const std::string& unit, RecentLine line) {
    auto& lines = lines_[unit];
    if (lines.size() == most_lines)
        lines.pop_front();
    if (line.text.size() > most_bytes) {
        line.text.resize(most_bytes);
        line.text += "...";
    }
    line.text.shrink_to_fit();
    lines.push_back(std::move(line));
}

const std::deque<RecentLine>& RecentLines::of(const std::string& unit) const {
    static const std::deque<RecentLine> none;
    const auto found = lines_.find(unit);
    return found == lines_.end() ? none : found->second;
}

}  // namespace notifybridge::execute
