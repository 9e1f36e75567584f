#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Turns unit files into settings, as systemd 252 does. Nothing in this folder starts a process,
/// reads a clock or opens a file.
namespace notifybridge::unit {

/// The unit types of systemd, in its order (systemd.unit(5), DESCRIPTION).
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

/// Returns "service" and so on: the part of a name after its last dot.
std::string_view to_string(UnitType type) noexcept;
std::optional<UnitType> parse_unit_type(std::string_view suffix) noexcept;

/// foo.service is plain, foo@.service is a template, and foo@bar.service is an instance of it.
enum class NameKind { plain, template_unit, instance };

/// A valid unit name: at most 255 bytes of letters, digits and ":-_.\", optionally an "@" that is
/// not first, and the suffix of a type (systemd.unit(5), DESCRIPTION).
class UnitName {
public:
    /// Returns nullopt if `text` is not a valid unit name.
    static std::optional<UnitName> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    UnitType type() const noexcept { return type_; }
    NameKind kind() const noexcept;

    /// Returns the part before the "@", or before the suffix if there is no "@": %p.
    std::string_view prefix() const noexcept;
    /// Returns the part between the "@" and the suffix; empty if there is none: %i.
    std::string_view instance() const noexcept;
    /// Returns the name without its suffix: %N.
    std::string_view stem() const noexcept;

    /// Returns foo@.service for foo@bar.service, or nullopt if the name has no "@".
    std::optional<UnitName> template_name() const;
    /// Returns the same prefix and type with another instance. Returns nullopt if the name has no
    /// "@", or if the new name would be invalid.
    std::optional<UnitName> with_instance(std::string_view instance) const;

    auto operator<=>(const UnitName& other) const { return text_ <=> other.text_; }
    bool operator==(const UnitName& other) const { return text_ == other.text_; }

private:
    UnitName(std::string text, UnitType type, std::uint8_t at, std::uint8_t dot)
        : text_(std::move(text)), type_(type), at_(at), dot_(dot) {}

    std::string text_;
    UnitType type_;
    std::uint8_t at_;   ///< The position of the "@", which is never 0; 0 means that there is none.
    std::uint8_t dot_;  ///< The position of the suffix.
};

/// Returns whether a symbolic link called `link` may end at the unit `target`. Both have the same
/// type. A plain name may stand for a plain one, a template for a template, and an instance for the
/// same instance or a template (systemd.unit(5), DESCRIPTION: aliases).
bool may_be_alias(const UnitName& link, const UnitName& target);

/// Returns whether units of this type may have other names (systemd.unit(5), Alias=).
bool may_have_alias(UnitType type) noexcept;

}  // namespace notifybridge::unit
