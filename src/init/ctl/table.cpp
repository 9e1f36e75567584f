#include "init/ctl/table.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/utf8.hpp"
#include "init/ctl/json_text.hpp"

namespace notifybridge::ctl {
namespace {

/// Returns the number of characters in the text, which is its width on a terminal.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void add_line(std::string& out, const std::vector<std::string_view>& cells,
              const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
        line += cells[at];
        line.append(widths[at] - width(cells[at]) + 1, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

/// Returns the cell as a JSON text, or as an array if it has several lines. Returns null for an
/// empty cell if `has_gaps` is true.
boost::json::value json_of(std::string_view cell, bool has_gaps) {
    if (cell.find('\n') == cell.npos)
        return has_gaps && cell.empty() ? boost::json::value() : boost::json::value(cell);
    boost::json::array lines;
    while (!cell.empty())
        lines.emplace_back(util::take_until(cell, '\n'));
    return lines;
}

boost::json::value number_of(std::string_view cell) {
    const auto number = util::parse_number<std::uint64_t>(cell);
    return number ? boost::json::value(*number) : boost::json::value();
}

std::string in_small_letters(std::string_view title) {
    std::string out(title);
    for (char& c : out)
        c = c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

}  // namespace

void Table::add_lines(const std::vector<std::string>& row, Lines& lines) const {
    std::vector<std::string_view> rest;
    for (const std::string& cell : row)
        rest.push_back(shown(cell));
    do {
        auto& line = lines.emplace_back();
        for (std::string_view& cell : rest)
            line.push_back(util::take_until(cell, '\n'));
    } while (std::ranges::any_of(rest, [](auto cell) { return !cell.empty(); }));
}

std::string Table::text(bool has_header) const {
    std::vector<std::size_t> widths;
    for (const std::string_view title : header_)
        // The column without a title is for marks. Reserve space for it even if no row has a mark.
        widths.push_back(has_header ? std::max<std::size_t>(width(title), 1) : 0);
    Lines lines;
    for (const auto& row : rows_)
        add_lines(row, lines);
    for (const auto& line : lines)
        for (std::size_t at = 0; at < line.size(); ++at)
            widths[at] = std::max(widths[at], width(line[at]));
    std::string out;
    if (has_header)
        add_line(out, header_, widths);
    for (const auto& line : lines)
        add_line(out, line, widths);
    return out;
}

std::string Table::json(bool is_pretty) const {
    boost::json::array objects;
    for (const auto& row : rows_) {
        boost::json::object object;
        for (std::size_t at = 0; at < row.size(); ++at)
            if (!header_[at].empty())
                object[in_small_letters(header_[at])] =
                    at < numbers_ ? number_of(row[at]) : json_of(row[at], has_gaps_);
        objects.push_back(std::move(object));
    }
    return json_text(objects, is_pretty);
}

}  // namespace notifybridge::ctl
