#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::ctl {

/// A file that `edit` shows below the marker, as a comment.
struct ShownFile {
    std::string path;
    std::string text;
};

/// The line in `text_to_edit` on which the content begins, from 1.
inline constexpr unsigned first_line_of_content = 4;

/// Returns the text that `edit` opens in an editor for a drop-in with the path `path`. `content` is
/// the present content of the drop-in.
std::string text_to_edit(std::string_view path, std::string_view content,
                         const std::vector<ShownFile>& shown);

/// Returns the new content of a file from its text after the edit: the part between the markers, if
/// there are any, with one newline at the end. Returns an empty text if there is no content.
std::string edited_content(std::string_view text);

}  // namespace notifybridge::ctl
