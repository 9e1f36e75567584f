#include "bridge/runtime/json_text.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "base/util/words.hpp"

namespace notifybridge::runtime {

std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char byte = text[at];
        if (in_string) {
            at += byte == '\\';
            in_string = byte != '"';
            continue;
        }
        in_string = byte == '"';
        const bool ends = byte == ']' || byte == '}';
        if (depth == 1 && (ends || byte == ',' || byte == ':')) {
            // A part is empty only if the text has no parts.
            if (const auto part = util::strip(text.substr(begin, at - begin)); !part.empty())
                parts.push_back(part);
            begin = at + 1;
        }
        if (ends)
            --depth;
        else if ((byte == '[' || byte == '{') && ++depth == 1)
            begin = at + 1;
    }
    return parts;
}

std::string_view member_of(std::string_view text, std::string_view name) {
    const auto parts = parts_of(text);
    for (std::size_t at = parts.size(); at >= 2; at -= 2) {
        const auto read = boost::json::parse(parts[at - 2], {}, json_of_any_bytes);
        if (std::string_view(read.get_string()) == name)
            return parts[at - 1];
    }
    return {};
}

std::string edited(std::string_view whole, std::vector<Edit> edits) {
    // Begin with the last edit, so that the positions of earlier edits stay valid.
    std::ranges::sort(edits, std::greater<>(), [](const Edit& edit) { return edit.part.data(); });
    std::string text(whole);
    for (const Edit& edit : edits)
        text.replace(static_cast<std::size_t>(edit.part.data() - whole.data()), edit.part.size(),
                     edit.text);
    return text;
}

}  // namespace notifybridge::runtime
