#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::ctl {

/// Columns of text for people: each as wide as its widest cell, and nothing after the last.
class Table {
public:
    explicit Table(std::vector<std::string_view> header) : header_(std::move(header)) {}

    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::size_t size() const { return rows_.size(); }

    /// Its lines, the header first if it is wanted.
    std::string text(bool has_header) const;
    /// An array of objects, with the columns' names in small letters.
    std::string json(bool is_pretty) const;

private:
    std::vector<std::string_view> header_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace notifybridge::ctl
