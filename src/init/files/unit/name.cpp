#include "init/files/unit/name.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"

namespace notifybridge::unit {
namespace {

constexpr std::size_t longest_name = 255;

struct TypeName {
    std::string_view suffix;
    bool may_have_alias = false;
};

// The names are in the order of the enumeration.
constexpr auto types = std::to_array<TypeName>({
    {"service", true},
    {"mount"},
    {"swap"},
    {"socket", true},
    {"target", true},
    {"device", true},
    {"automount"},
    {"timer", true},
    {"path", true},
    {"slice"},
    {"scope"},
});

/// The characters of unit names, as a table for speed. When many units start, most of the text that
/// we read and compare is names.
constexpr auto name_characters = [] {
    std::array<bool, 256> table{};
    for (const char byte : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789@:-_.\\"))
        table[static_cast<unsigned char>(byte)] = true;
    return table;
}();

bool has_name_characters(std::string_view text) {
    for (const char byte : text)
        if (!name_characters[static_cast<unsigned char>(byte)])
            return false;
    return true;
}

}  // namespace

std::string_view to_string(UnitType type) noexcept {
    return types[static_cast<std::size_t>(type)].suffix;
}

std::optional<UnitType> parse_unit_type(std::string_view suffix) noexcept {
    const auto found = std::ranges::find(types, suffix, &TypeName::suffix);
    return found == types.end() ? std::nullopt
                                : std::optional(static_cast<UnitType>(found - types.begin()));
}

std::optional<UnitName> UnitName::parse(std::string_view text) {
    const std::size_t dot = text.rfind('.');
    if (text.size() > longest_name || dot == std::string_view::npos || dot == 0)
        return std::nullopt;
    const auto type = parse_unit_type(text.substr(dot + 1));
    const std::string_view stem = text.substr(0, dot);
    const std::size_t at = stem.find('@');
    if (!type || at == 0 || !has_name_characters(stem))
        return std::nullopt;
    return UnitName(std::string(text), *type,
                    at == stem.npos ? std::uint8_t{0} : static_cast<std::uint8_t>(at),
                    static_cast<std::uint8_t>(dot));
}

NameKind UnitName::kind() const noexcept {
    if (at_ == 0)
        return NameKind::plain;
    return at_ + 1 == dot_ ? NameKind::template_unit : NameKind::instance;
}

std::string_view UnitName::prefix() const noexcept {
    return std::string_view(text_).substr(0, at_ == 0 ? dot_ : at_);
}

std::string_view UnitName::instance() const noexcept {
    if (at_ == 0)
        return {};
    return std::string_view(text_).substr(at_ + 1, dot_ - at_ - 1);
}

std::string_view UnitName::stem() const noexcept {
    return std::string_view(text_).substr(0, dot_);
}

std::optional<UnitName> UnitName::template_name() const {
    return with_instance({});
}

std::optional<UnitName> UnitName::with_instance(std::string_view instance) const {
    if (at_ == 0)
        return std::nullopt;
    return parse(util::concat(prefix(), '@', instance, '.', to_string(type_)));
}

bool may_be_alias(const UnitName& link, const UnitName& target) {
    if (link.type() != target.type())
        return false;
    if (link.kind() == target.kind())
        return link.kind() != NameKind::instance || link.instance() == target.instance();
    return link.kind() == NameKind::instance && target.kind() == NameKind::template_unit;
}

bool may_have_alias(UnitType type) noexcept {
    return types[static_cast<std::size_t>(type)].may_have_alias;
}

}  // namespace notifybridge::unit
