#include "init/answers/dbus/object.hpp"

#include <charconv>
#include <optional>

#include "base/util/concat.hpp"

namespace notifybridge::dbus {
namespace {

constexpr std::string_view unit_prefix = "/org/freedesktop/systemd1/unit/";
constexpr std::string_view job_prefix = "/org/freedesktop/systemd1/job/";

/// Parses the whole `text` as a number. Returns nullopt if `text` is not a number.
template <typename Number>
std::optional<Number> number_of(std::string_view text, int base) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

/// Reverses the encoding of bus::unit_path: "_2e" becomes ".", and "_" alone becomes the empty
/// name.
std::optional<std::string> unescape(std::string_view label) {
    if (label == "_")
        return std::string();
    std::string name;
    for (std::size_t at = 0; at < label.size(); ++at) {
        if (label[at] != '_') {
            name += label[at];
            continue;
        }
        const auto byte = number_of<std::uint8_t>(label.substr(at + 1, 2), 16);
        if (!byte || at + 2 >= label.size())
            return std::nullopt;
        name += static_cast<char>(*byte);
        at += 2;
    }
    return name;
}

}  // namespace

Object parse_path(std::string_view path) {
    using Kind = Object::Kind;
    if (path == manager_path)
        return {Kind::manager, {}, 0};
    if (path.starts_with(unit_prefix)) {
        if (auto name = unescape(path.substr(unit_prefix.size())); name && !name->empty())
            return {Kind::unit, std::move(*name), 0};
    } else if (path.starts_with(job_prefix)) {
        if (const auto id = number_of<std::uint64_t>(path.substr(job_prefix.size()), 10))
            return {Kind::job, {}, *id};
    }
    const std::string prefix = util::concat(path, '/');
    const bool is_parent =
        path == "/"
        || (!path.empty() && (unit_prefix.starts_with(prefix) || job_prefix.starts_with(prefix)));
    return {is_parent ? Kind::parent : Kind::none, {}, 0};
}

std::string job_path(std::uint64_t id) {
    return util::concat(job_prefix, id);
}

}  // namespace notifybridge::dbus
