#include "init/hands/output/recent_lines.hpp"

#include <algorithm>

#include "base/util/utf8.hpp"

namespace notifybridge::output {

void RecentLines::add(const std::string& unit, RecentLine line) {
    std::erase(unloaded_, unit);
    auto& lines = lines_[unit];
    if (lines.size() == most_lines)
        lines.erase(lines.begin());
    line.text = util::shorten(line.text, most_bytes);
    line.text.shrink_to_fit();
    if (on_add)
        on_add(unit, line);
    lines.push_back(std::move(line));
    std::size_t bytes = 0;
    const auto is_too_much = [&](const RecentLine& each) {
        return (bytes += each.text.size()) > most_bytes_of_unit;
    };
    const auto first = std::find_if(lines.rbegin(), lines.rend(), is_too_much).base();
    lines.erase(lines.begin(), first);
}

void RecentLines::forget(const std::string& unit) {
    lines_.erase(unit);
    std::erase(unloaded_, unit);
}

void RecentLines::unload(const std::string& unit) {
    if (!lines_.contains(unit))
        return;
    std::erase(unloaded_, unit);
    unloaded_.push_back(unit);
    if (unloaded_.size() <= most_unloaded)
        return;
    lines_.erase(unloaded_.front());
    unloaded_.pop_front();
}

const std::vector<RecentLine>& RecentLines::of(const std::string& unit) const {
    static const std::vector<RecentLine> none;
    const auto found = lines_.find(unit);
    return found == lines_.end() ? none : found->second;
}

}  // namespace notifybridge::output
