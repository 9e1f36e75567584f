#include "base/notify/message.hpp"

#include <algorithm>

#include "base/util/eights.hpp"

namespace notifybridge::notify {
namespace {

constexpr std::string_view separators = "\n\r";

bool is_plain(char byte) {
    return byte != '\n' && byte != '\r' && byte != '\\';
}

/// Returns how many leading bytes of `text` are neither separators nor escapes.
std::size_t plain_size(std::string_view text) {
    std::size_t size = util::leading_eights(text, [](std::uint64_t eight) {
        return !util::has_byte(eight, '\n') && !util::has_byte(eight, '\r')
               && !util::has_byte(eight, '\\');
    });
    while (size < text.size() && is_plain(text[size]))
        ++size;
    return size;
}

/// Removes the next assignment from `rest`, which must not begin with a separator. Returns nullopt
/// if a backslash is the last byte.
std::optional<Tag> take_tag(std::string_view& rest) {
    std::size_t at = plain_size(rest);
    Tag tag{{}, std::string(rest.substr(0, at))};
    while (at < rest.size() && rest[at] == '\\') {
        if (++at == rest.size())
            return std::nullopt;
        const std::size_t plain = plain_size(rest.substr(at + 1));
        tag.text += rest.substr(at, plain + 1);
        at += plain + 1;
    }
    tag.raw = rest.substr(0, at);
    tag.key = classify(tag.text);
    rest.remove_prefix(at);
    return tag;
}

void skip_separators(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
}

}  // namespace

bool Message::has(std::string_view assignment) const {
    return std::ranges::any_of(tags_, [&](const Tag& tag) { return tag.text == assignment; });
}

std::string Message::without(std::string_view assignment) const {
    std::string rest;
    for (const Tag& tag : tags_) {
        if (tag.text == assignment)
            continue;
        if (!rest.empty())
            rest += '\n';
        rest += tag.raw;
    }
    return rest;
}

std::optional<std::string_view> Message::value(Key key) const {
    for (const Tag& tag : tags_)
        if (tag.key == key)
            return tag.value();
    return std::nullopt;
}

boost::system::result<Message, DropReason> parse(std::string_view datagram) {
    if (datagram.size() > longest_datagram)
        return DropReason::too_long;
    if (datagram.ends_with('\0'))
        datagram.remove_suffix(1);
    if (datagram.find('\0') != datagram.npos)
        return DropReason::embedded_nul;

    std::vector<Tag> tags;
    for (skip_separators(datagram); !datagram.empty(); skip_separators(datagram)) {
        auto tag = take_tag(datagram);
        if (!tag)
            return DropReason::trailing_backslash;
        tags.push_back(std::move(*tag));
    }
    if (tags.empty())
        return DropReason::empty;
    return Message(std::move(tags));
}

std::string escape_assignment(std::string_view assignment) {
    std::string out;
    out.reserve(assignment.size());
    for (const char byte : assignment) {
        if (byte == '\\' || separators.find(byte) != separators.npos)
            out += '\\';
        out += byte;
    }
    return out;
}

}  // namespace notifybridge::notify
