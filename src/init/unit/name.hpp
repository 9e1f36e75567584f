#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Unit files turned into settings, as systemd 252 does it. Nothing in this folder starts a
/// process, reads a clock or opens a file.
namespace notifybridge::unit {

/// The kinds of units that systemd has, in its order (systemd.unit(5), DESCRIPTION).
enum class UnitType : std::uint8_t {
    service,
    mount,
    swap,
    socket,
    target,
    device,
    automount,
    timer,
    path,
    slice,
    scope,
};

/// "service" and so on: the part of a name after its last dot.
std::string_view to_string(UnitType type) noexcept;
std::optional<UnitType> parse_unit_type(std::string_view suffix) noexcept;

/// foo.service is plain, foo@.service a template, foo@bar.service an instance of it.
enum class NameKind { plain, template_unit, instance };

/// A valid unit name: at most 255 bytes of letters, digits and ":-_.\", with an "@" that is not the
/// first, and the suffix of a type (systemd.unit(5), DESCRIPTION).
class UnitName {
public:
    /// Nothing where `text` is no unit's name.
    static std::optional<UnitName> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    UnitType type() const noexcept { return type_; }
    NameKind kind() const noexcept;

    /// What is before the "@", or else before the suffix: %p.
    std::string_view prefix() const noexcept;
    /// What is between the "@" and the suffix; empty where there is none: %i.
    std::string_view instance() const noexcept;
    /// All but the suffix: %N.
    std::string_view stem() const noexcept;

    /// foo@.service of foo@bar.service. Nothing where the name has no "@".
    std::optional<UnitName> template_name() const;
    /// The same prefix and type with another instance. Nothing where the name has no "@", or the
    /// new name would be invalid.
    std::optional<UnitName> with_instance(std::string_view instance) const;

    auto operator<=>(const UnitName& other) const { return text_ <=> other.text_; }
    bool operator==(const UnitName& other) const { return text_ == other.text_; }

private:
    UnitName(std::string text, UnitType type, std::uint8_t at, std::uint8_t dot)
        : text_(std::move(text)), type_(type), at_(at), dot_(dot) {}

    std::string text_;
    UnitType type_;
    std::uint8_t at_;   ///< Where the "@" is, which is never the first: 0 without one.
    std::uint8_t dot_;  ///< Where the suffix begins.
};

/// Whether a symbolic link called `link` may have the unit `target` for its end: the same type, and
/// a plain name for a plain one, a template for a template, an instance for the same instance or a
/// template (systemd.unit(5), DESCRIPTION: aliases).
bool may_be_alias(const UnitName& link, const UnitName& target);

/// Whether units of this type may have other names (systemd.unit(5), Alias=).
bool may_have_alias(UnitType type) noexcept;

}  // namespace notifybridge::unit
