#include "ctl/table.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "util/utf8.hpp"

namespace notifybridge::ctl {
namespace {

/// How many characters a terminal shows.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

void add_line(std::string& out, const std::vector<std::string_view>& cells,
              const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
        line += cells[at];
        // An empty title is that of a mark, which is close to what it marks.
        line.append(widths[at] - width(cells[at]) + 1, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

std::string in_small_letters(std::string_view title) {
    std::string out(title);
    for (char& c : out)
        c = c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

}  // namespace

std::string Table::text(bool has_header) const {
    std::vector<std::size_t> widths;
    for (const std::string_view title : header_)
        // A mark has room, though there be none.
        widths.push_back(has_header ? std::max<std::size_t>(width(title), 1) : 0);
    for (const auto& row : rows_)
        for (std::size_t at = 0; at < row.size(); ++at)
            widths[at] = std::max(widths[at], width(shown(row[at])));
    std::string out;
    if (has_header)
        add_line(out, header_, widths);
    for (const auto& row : rows_) {
        std::vector<std::string_view> cells;
        for (const std::string& cell : row)
            cells.push_back(shown(cell));
        add_line(out, cells, widths);
    }
    return out;
}

std::string Table::json(bool is_pretty) const {
    if (rows_.empty())
        return "[]\n";
    std::string out = "[";
    for (const auto& row : rows_) {
        boost::json::object object;
        for (std::size_t at = 0; at < row.size(); ++at)
            if (const bool is_gap = has_gaps_ && row[at].empty(); !header_[at].empty())
                object[in_small_letters(header_[at])] =
                    is_gap ? boost::json::value() : boost::json::value(row[at]);
        if (out.size() > 1)
            out += ',';
        out += (is_pretty ? "\n\t" : "") + boost::json::serialize(object);
    }
    return out + (is_pretty ? "\n]\n" : "]\n");
}

}  // namespace notifybridge::ctl
