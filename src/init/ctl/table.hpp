#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::ctl {

/// Columns of text for people: each as wide as its widest cell, and nothing after the last. A cell
/// of several lines has them below each other in text, and is an array in JSON.
class Table {
public:
    /// `has_gaps`: where a cell is empty, there is nothing to say: "-" in text, null in JSON.
    explicit Table(std::vector<std::string_view> header, bool has_gaps = false)
        : header_(std::move(header)), has_gaps_(has_gaps) {}

    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::size_t size() const { return rows_.size(); }

    /// Its lines, the header first if it is wanted.
    std::string text(bool has_header) const;
    /// An array of objects, with the columns' names in small letters.
    std::string json(bool is_pretty) const;

private:
    using Lines = std::vector<std::vector<std::string_view>>;

    void add_lines(const std::vector<std::string>& row, Lines& lines) const;
    std::string_view shown(std::string_view cell) const {
        return has_gaps_ && cell.empty() ? "-" : cell;
    }

    std::vector<std::string_view> header_;
    bool has_gaps_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace notifybridge::ctl
