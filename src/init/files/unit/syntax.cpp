#include "init/files/unit/syntax.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"

namespace notifybridge::unit {
namespace {

using util::concat;
using util::npos;
using util::quote;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view line_ends("\n\r\0", 3);

bool is_comment(std::string_view line) {
    return line.starts_with('#') || line.starts_with(';');
}

/// Returns whether the line ends with a "\" that is not escaped. If so, the next line continues
/// this line.
bool is_continued(std::string_view line) {
    const std::size_t last_other = line.find_last_not_of('\\');
    const std::size_t count = line.size() - (last_other == npos ? 0 : last_other + 1);
    return count % 2 == 1;
}

class Parser {
public:
    Parser(std::string_view file, std::span<const std::string_view> sections, Assign assign,
           Messages& messages)
        : place_{file, 0}, sections_(sections), assign_(assign), messages_(messages) {}

    int parse(std::string_view text);

private:
    int parse_raw_line(std::string_view raw);
    int parse_joined(std::string_view line);
    int parse_header(std::string_view line);
    int parse_assignment(std::string_view line);
    void warn_of_section(std::string_view name);

    Place place_;
    std::span<const std::string_view> sections_;
    Assign assign_;
    Messages& messages_;
    std::string section_;  ///< The current section. Empty if the caller does not read this section.
    bool is_ignored_ = false;
    bool has_seen_mark_ = false;
    std::string joined_;
};

int Parser::parse(std::string_view text) {
    while (!text.empty()) {
        const std::size_t before = text.size();
        const std::string_view raw = take_line(text);
        ++place_.line;
        // Like systemd, include the line end in the length.
        const bool has_end = raw.size() < before;
        if (raw.size() + (has_end ? 1 : 0) > longest_line) {
            messages_.fail(place_,
                           "ignoring the file: this line is longer than 1 MiB; make it shorter.");
            return ENOBUFS;
        }
        if (const int error = parse_raw_line(raw))
            return error;
    }
    ++place_.line;
    return joined_.empty() ? 0 : parse_joined(joined_);
}

/// Parses one line of the file.
int Parser::parse_raw_line(std::string_view raw) {
    if (is_comment(util::strip(raw)))
        return 0;
    if (!has_seen_mark_ && raw.starts_with(byte_order_mark)) {
        has_seen_mark_ = true;
        raw.remove_prefix(byte_order_mark.size());
    }
    if (joined_.empty() && !is_continued(raw))
        return parse_joined(raw);

    if (joined_.size() + raw.size() > longest_line) {
        messages_.fail(place_,
                       "ignoring the file: the lines joined by \"\\\" are longer than 1 MiB; make "
                       "them shorter.");
        return ENOBUFS;
    }
    joined_ += raw;
    if (is_continued(joined_)) {
        joined_.back() = ' ';
        return 0;
    }
    const std::string line = std::exchange(joined_, {});
    return parse_joined(line);
}

/// Parses a line that was joined with the lines that continue it.
int Parser::parse_joined(std::string_view line) {
    line = util::strip(line);
    if (line.empty() || is_comment(line))
        return 0;
    if (!util::is_utf8(line)) {
        messages_.fail(place_,
                       concat("ignoring the file: this line is not UTF-8: ", quote(line), '.'));
        return EINVAL;
    }
    if (line.starts_with('['))
        return parse_header(line);
    return parse_assignment(line);
}

int Parser::parse_header(std::string_view line) {
    if (!line.ends_with(']')) {
        messages_.fail(place_, concat("ignoring the file: the section header ", quote(line),
                                      " does not end with \"]\"."));
        return EBADMSG;
    }
    const std::string_view name = line.substr(1, line.size() - 2);
    const bool is_known = util::contains(sections_, name);
    is_ignored_ = !is_known;
    section_ = is_known ? name : std::string_view();
    if (!is_known && !name.starts_with("X-"))
        warn_of_section(name);
    return 0;
}

void Parser::warn_of_section(std::string_view name) {
    const std::string_view near = util::closest(name, sections_);
    messages_.warn(place_, concat("ignoring section [", util::escape(name),
                                  "]: a unit of this type has no such section",
                                  near.empty() ? "." : concat("; did you mean [", near, "]?")));
}

int Parser::parse_assignment(std::string_view line) {
    if (section_.empty()) {
        if (!is_ignored_)
            messages_.warn(place_,
                           concat("ignoring ", quote(line), ": it is before the first section."));
        return 0;
    }
    const std::size_t equals = line.find('=');
    if (equals == npos) {
        messages_.warn(place_, concat("ignoring ", quote(line), ": it has no \"=\"."));
        return 0;
    }
    const std::string_view key = util::strip(line.substr(0, equals));
    if (key.empty()) {
        messages_.warn(place_,
                       concat("ignoring ", quote(line), ": it has no name before the \"=\"."));
        return 0;
    }
    const bool goes_on = assign_({section_, key, util::strip(line.substr(equals + 1)), place_});
    return goes_on ? 0 : ECANCELED;
}

}  // namespace

std::string_view take_line(std::string_view& text) {
    std::size_t end = text.size();
    for (const char mark : line_ends)
        end = std::min(end, text.substr(0, end).find(mark));
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (text.size() > 1 && text[0] == '\n' && text[1] >= ' ') {
        text.remove_prefix(1);
        return line;
    }
    // "\r\n" is one line end, and "\n\n" is two line ends. After a NUL, no further character
    // belongs to the same line end.
    std::string seen;
    while (!text.empty() && line_ends.find(text[0]) != npos && seen.find(text[0]) == npos
           && seen.find('\0') == npos) {
        seen += text[0];
        text.remove_prefix(1);
    }
    return line;
}

int parse_syntax(std::string_view text, std::string_view file,
                 std::span<const std::string_view> sections, Assign assign, Messages& messages) {
    return Parser(file, sections, assign, messages).parse(text);
}

}  // namespace notifybridge::unit
