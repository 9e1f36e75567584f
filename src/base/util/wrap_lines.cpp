#include "base/util/wrap_lines.hpp"

#include <algorithm>

#include "base/util/concat.hpp"

namespace notifybridge::util {
namespace {

constexpr std::string_view sgr_begin = "\x1b[";

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// Returns the position at which to break `line`, which begins at `column`. Returns npos if the
/// line fits.
std::size_t find_break(std::string_view line, std::size_t column, std::size_t width,
                       std::size_t indent) {
    std::size_t space = line.npos;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line.substr(at).starts_with(sgr_begin)) {
            at = std::min(line.find('m', at), line.size());
            continue;
        }
        if (line[at] == ' ' && column > indent)
            space = at;
        column += !continues_character(line[at]);
        if (column > width && space != line.npos)
            return space;
    }
    return line.npos;
}

void append_wrapped(std::string& out, std::string_view line, std::size_t width,
                    std::size_t indent) {
    std::size_t column = 0;
    for (auto at = find_break(line, column, width, indent); at != line.npos;
         at = find_break(line, column, width, indent)) {
        out += concat(line.substr(0, at), '\n', std::string(indent, ' '));
        line.remove_prefix(at + 1);
        column = indent;
    }
    out += line;
}

}  // namespace

std::string wrap_lines(std::string_view text, std::size_t width, std::size_t indent) {
    std::string out;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        append_wrapped(out, line, width, indent);
        text.remove_prefix(line.size());
        if (!text.empty()) {
            out += '\n';
            text.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace notifybridge::util
