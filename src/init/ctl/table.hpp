#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::ctl {

/// A table that is printed as text or as JSON. In text, each column is as wide as its widest cell,
/// and lines have no trailing spaces. In JSON, a cell with several lines is an array.
class Table {
public:
    /// Creates a table without rows. If `has_gaps` is true, an empty cell becomes "-" in text and
    /// null in JSON. The first `numbers` columns are numbers in JSON.
    explicit Table(std::vector<std::string_view> header, bool has_gaps = false,
                   std::size_t numbers = 0)
        : header_(std::move(header)), has_gaps_(has_gaps), numbers_(numbers) {}

    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::size_t size() const { return rows_.size(); }

    /// Returns the table as text. If `has_header` is true, the header is the first line.
    std::string text(bool has_header) const;
    /// Returns the table as a JSON array of objects. The keys are the column names in lower case.
    std::string json(bool is_pretty) const;

private:
    using Lines = std::vector<std::vector<std::string_view>>;

    void add_lines(const std::vector<std::string>& row, Lines& lines) const;
    std::string_view shown(std::string_view cell) const {
        return has_gaps_ && cell.empty() ? "-" : cell;
    }

    std::vector<std::string_view> header_;
    bool has_gaps_;
    std::size_t numbers_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace notifybridge::ctl
