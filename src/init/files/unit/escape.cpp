#include "init/files/unit/escape.hpp"

#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::unit {
namespace {

constexpr std::string_view plain_characters =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:_.";

}  // namespace

std::string escape_name(std::string_view text) {
    std::string out;
    for (const char byte : text) {
        const bool is_leading_dot = byte == '.' && out.empty();
        if (byte == '/')
            out += '-';
        else if (!is_leading_dot && plain_characters.find(byte) != std::string_view::npos)
            out += byte;
        else
            util::append_hex(out, byte);
    }
    return out;
}

std::optional<std::string> unescape_name(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\') {
            out += text[at] == '-' ? '/' : text[at];
            continue;
        }
        const std::string_view hex = text.substr(at + 1, 3);
        unsigned char byte = 0;
        if (hex.size() == 3 && hex[0] == 'x')
            byte = util::parse_number<unsigned char>(hex.substr(1), 16).value_or(0);
        if (byte == 0)
            return std::nullopt;
        out += static_cast<char>(byte);
        at += hex.size();
    }
    return out;
}

std::optional<std::string> escape_path(std::string_view path) {
    const std::string simple = simplify_path(path);
    std::string_view inner = simple;
    if (inner.starts_with('/'))
        inner.remove_prefix(1);
    if (inner.empty())
        return "-";
    if (!is_normalized(inner))
        return std::nullopt;
    return escape_name(inner);
}

std::optional<std::string> unescape_path(std::string_view text) {
    if (text == "-")
        return "/";
    const auto inner = unescape_name(text);
    if (!inner || inner->empty() || inner->front() == '/' || inner->back() == '/')
        return std::nullopt;
    std::string path = '/' + *inner;
    if (!is_normalized(path))
        return std::nullopt;
    return path;
}

}  // namespace notifybridge::unit
