#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Turns unit files into settings, like systemd 252. Nothing in this folder starts a process, reads
/// a clock or opens a file.
namespace notifybridge::unit {

/// The unit types of systemd, in systemd's order (systemd.unit(5), DESCRIPTION).
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

/// Returns the suffix of the names of units of this type, such as "service".
std::string_view to_string(UnitType type) noexcept;
std::optional<UnitType> parse_unit_type(std::string_view suffix) noexcept;

/// The kind of a unit name. foo.service is plain, foo@.service is a template, and foo@bar.service
/// is an instance of this template.
enum class NameKind { plain, template_unit, instance };

/// A valid unit name (systemd.unit(5), DESCRIPTION). It has at most 255 bytes, which are letters,
/// digits and ":-_.\". The name ends with a type. It may have an "@", but not as the first
/// character.
class UnitName {
public:
    /// Parses a unit name. Returns nullopt if `text` is not a valid unit name.
    static std::optional<UnitName> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    UnitType type() const noexcept { return type_; }
    NameKind kind() const noexcept;

    /// Returns %p: the part before the "@", or before the suffix if there is no "@".
    std::string_view prefix() const noexcept;
    /// Returns %i: the part between the "@" and the suffix. It may be empty.
    std::string_view instance() const noexcept;
    /// Returns %N: the name without its suffix.
    std::string_view stem() const noexcept;

    /// Returns foo@.service for foo@bar.service, or nullopt if the name has no "@".
    std::optional<UnitName> template_name() const;
    /// Returns the name with another instance. Returns nullopt if the name has no "@", or if the
    /// new name would be invalid.
    std::optional<UnitName> with_instance(std::string_view instance) const;

    auto operator<=>(const UnitName& other) const { return text_ <=> other.text_; }
    bool operator==(const UnitName& other) const { return text_ == other.text_; }

private:
    UnitName(std::string text, UnitType type, std::uint8_t at, std::uint8_t dot)
        : text_(std::move(text)), type_(type), at_(at), dot_(dot) {}

    std::string text_;
    UnitType type_;
    /// The position of the "@", or 0 if there is none. An "@" is never at position 0.
    std::uint8_t at_;
    std::uint8_t dot_;  ///< The position of the suffix.
};

/// Returns whether a symbolic link called `link` may point to the unit `target` (systemd.unit(5),
/// DESCRIPTION: aliases). `link` and `target` must have the same type.
///
/// A plain name may point to a plain name, and a template to a template. An instance may point to
/// the same instance or to a template.
bool may_be_alias(const UnitName& link, const UnitName& target);

/// Returns whether units of this type may have other names (systemd.unit(5), Alias=).
bool may_have_alias(UnitType type) noexcept;

}  // namespace notifybridge::unit
