#include "init/ctl/edit_text.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

// The markers of systemctl(1), because editors have rules for them.
constexpr std::string_view content_begins =
    "### Anything between here and the comment below will become the contents of the drop-in file";
constexpr std::string_view content_ends = "### Edits below this comment will be discarded";

std::string commented(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::string_view line = util::take_until(text, '\n');
        lines += concat(line.empty() ? "#" : "# ", line, '\n');
    }
    return lines;
}

}  // namespace

std::string text_to_edit(std::string_view path, std::string_view content,
                         const std::vector<ShownFile>& shown) {
    std::string text = concat("### Editing ", path, '\n', content_begins, "\n\n", content,
                              content.ends_with('\n') ? "" : "\n", '\n', content_ends, '\n');
    for (const ShownFile& file : shown)
        text += concat("\n\n### ", file.path, '\n', commented(file.text));
    return text;
}

std::string edited_content(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    if (const std::size_t begin = text.find(content_begins); begin != text.npos)
        text.remove_prefix(begin + content_begins.size());
    text = text.substr(0, text.find(content_ends));
    const std::size_t first = text.find_first_not_of(blank);
    if (first == text.npos)
        return {};
    return concat(text.substr(first, text.find_last_not_of(blank) + 1 - first), '\n');
}

}  // namespace notifybridge::ctl
